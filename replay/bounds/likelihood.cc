#include "replay/bounds/likelihood.h"

#include <algorithm>
#include <cmath>

namespace quell::replay {
namespace {

using detectors::SignalKind;

constexpr double kLeastShare = 1e-4;
constexpr double kLeastFactor = 0.02;
constexpr double kLeastEvents = 0.1;

bool IsShare(SignalKind kind) {
  return kind == SignalKind::kRatio || kind == SignalKind::kQuantile;
}

double Expected(const TracePoint& point) {
  return std::clamp<double>(point.expected, kLeastShare, 1 - kLeastShare);
}

double Events(const TracePoint& point) {
  return std::max<double>(kLeastEvents, double{point.expected} * point.support);
}

double GaugeChange(const TracePoint& point, double offset) {
  return std::log((std::max<double>(0, point.value) + offset) /
                  (std::max<double>(0, point.expected) + offset));
}

}  // namespace

void ChangeSize::Add(const TracePoint& point) {
  if (IsShare(kind_)) {
    over_ += point.support * (point.value - Expected(point));
    room_ += point.support * (1 - Expected(point));
  } else if (kind_ == SignalKind::kRate) {
    over_ += double{point.value} * point.support;
    room_ += Events(point);
  } else {
    over_ += std::exp(GaugeChange(point, offset_));
    room_ += 1;
  }
}

double ChangeSize::Size() const {
  if (room_ <= 0) return 0;
  if (IsShare(kind_)) return over_ / room_;
  return std::log(std::max(kLeastFactor, over_ / room_));
}

double Times(SignalKind kind, double size, double times) {
  if (IsShare(kind)) return size * times;
  return std::log(std::max(kLeastFactor, 1 + std::expm1(size) * times));
}

double Dispersion(SignalKind kind, double offset, const TracePoint& point) {
  if (IsShare(kind)) {
    const double p = Expected(point);
    const double over = point.value - p;
    return point.support * over * over / (p * (1 - p));
  }
  if (kind == SignalKind::kRate) {
    const double over = double{point.value} * point.support - Events(point);
    return over * over / Events(point);
  }
  const double change = GaugeChange(point, offset);
  return change * change;
}

double LogRatio(SignalKind kind, double offset, const TracePoint& point, double size,
                double dispersion) {
  if (IsShare(kind)) {
    const double p = Expected(point);
    const double q = std::clamp(p + size * (1 - p), kLeastShare / 2, 1 - kLeastShare / 2);
    const double bad = double{point.value} * point.support;
    return (bad * std::log(q / p) + (point.support - bad) * std::log((1 - q) / (1 - p))) /
           dispersion;
  }
  if (kind == SignalKind::kRate) {
    const double events = double{point.value} * point.support;
    return (events * size - Events(point) * std::expm1(size)) / dispersion;
  }
  return size * (GaugeChange(point, offset) - size / 2) / dispersion;
}

}  // namespace quell::replay
