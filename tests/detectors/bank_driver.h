// Drives a bank with simulated signals, one verb a line.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <vector>

#include "detectors/bank.h"
#include "simulated_signal.h"

namespace quell::detectors {

inline constexpr TimeMs kDriverStart = 1'754'265'600'000;  // a Monday

class BankDriver {
 public:
  explicit BankDriver(const BankOptions& options = {}, std::uint64_t seed = 1000)
      : bank_(*DetectorBank::Create(options)), seed_(seed), now_(kDriverStart) {}

  Slot Add(const SimulatedShape& shape, const Policy& policy = {}, std::uint32_t group = 0,
           double static_limit = 0) {
    SignalSpec spec;
    spec.kind = shape.kind;
    spec.interval_ms = shape.interval_ms;
    spec.policy = policy;
    spec.group = group;
    spec.static_limit = static_limit;
    signals_.emplace_back(shape, seed_ + signals_.size());
    points_.resize(signals_.size());
    verdicts_.resize(signals_.size());
    return bank_.AddSignal(spec);
  }

  // Runs to `span` from now, `factor` applied to slot 0; `each` sees every step's verdicts.
  using Watcher = std::function<void(TimeMs, const std::vector<Verdict>&)>;
  void Run(DurationMs span, double factor = 1, const Watcher& each = nullptr) {
    for (const TimeMs end = now_ + span; now_ < end;) {
      now_ += 30 * kSecondMs;
      for (size_t i = 0; i < signals_.size(); ++i) {
        points_[i] = signals_[i].Next(static_cast<Slot>(i), now_, i == 0 ? factor : 1);
      }
      bank_.Observe(now_, points_, verdicts_);
      if (each) each(now_, verdicts_);
    }
  }

  // Steps until slot 0 is anomalous at odds below `odds`; `limit` if never.
  int StepsToDetect(double factor, double odds, int limit) {
    for (int step = 1; step <= limit; ++step) {
      Run(30 * kSecondMs, factor);
      const Verdict& v = verdicts_[0];
      if (v.reason == VerdictReason::kAnomalous && v.tail_probability < odds) return step;
    }
    return limit;
  }

  DetectorBank& bank() { return bank_; }
  void Replace(DetectorBank bank) { bank_ = std::move(bank); }
  [[nodiscard]] TimeMs now() const { return now_; }
  [[nodiscard]] const Point& point(Slot slot) const { return points_[slot]; }
  [[nodiscard]] const Verdict& verdict(Slot slot) const { return verdicts_[slot]; }

 private:
  DetectorBank bank_;
  std::uint64_t seed_;
  TimeMs now_;
  std::vector<SimulatedSignal> signals_;
  std::vector<Point> points_;
  std::vector<Verdict> verdicts_;
};

inline SimulatedShape ShapeOf(SignalKind kind, double peak_per_minute) {
  SimulatedShape shape;
  shape.kind = kind;
  shape.peak_per_minute = peak_per_minute;
  if (kind == SignalKind::kQuantile) shape.base = 0.05;
  if (kind == SignalKind::kRate) shape.noise_sd = 0.08;
  if (kind == SignalKind::kGauge) {
    shape.base = 0.25;
    shape.noise_sd = 0.1;
  }
  return shape;
}

}  // namespace quell::detectors
