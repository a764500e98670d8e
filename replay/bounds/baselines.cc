#include "replay/bounds/baselines.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

namespace quell::replay {
namespace {

using detectors::SignalKind;

constexpr DurationMs kFor = 5 * kMinuteMs;
constexpr DurationMs kGroupWait = 30 * kSecondMs;
constexpr double kFailing = 0.05, kSlower = 2, kLess = 0.5;
constexpr int kZPoints = 3;
constexpr double kToDeviation = 1.4826;  // of a MAD, for normal noise
constexpr double kFloorShare = 0.05, kFloorRatio = 0.005;
constexpr size_t kEnough = 30;  // points before a median says anything

double Median(std::vector<float>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// The medians that a signal is held against, renewed every hour from what came before.
class StaticRule {
 public:
  StaticRule(const Traces& traces, const Trace& trace) : traces_(traces), trace_(trace) {}

  bool Breached(size_t step, const TracePoint& point) {
    switch (trace_.kind) {
      case SignalKind::kRatio:
        return point.value > kFailing;
      case SignalKind::kQuantile:
        Renew(step);
        return usual_ > 0 && point.shown > kSlower * usual_;
      case SignalKind::kRate: {
        const auto hour = static_cast<size_t>(kHourMs / traces_.step_ms);
        const TracePoint* then = step < hour ? nullptr : PointAt(trace_, step - hour);
        return then != nullptr && point.value < kLess * then->value;
      }
      case SignalKind::kGauge:
        return false;
    }
    return false;
  }

 private:
  void Renew(size_t step) {
    const TimeMs hour = traces_.End(step) / kHourMs;
    if (hour == hour_) return;
    hour_ = hour;
    const auto week = static_cast<size_t>(kWeekMs / traces_.step_ms);
    values_.clear();
    for (size_t s = step > week ? step - week : 0; s < step; ++s) {
      if (const TracePoint* point = PointAt(trace_, s)) values_.push_back(point->shown);
    }
    usual_ = values_.size() < kEnough ? 0 : Median(values_);
  }

  const Traces& traces_;
  const Trace& trace_;
  TimeMs hour_ = -1;
  double usual_ = 0;
  std::vector<float> values_;
};

class RobustZ {
 public:
  RobustZ(const Traces& traces, const Trace& trace, double limit)
      : traces_(traces), trace_(trace), limit_(limit) {}

  bool Breached(size_t step, const TracePoint& point) {
    Renew(step);
    if (deviation_ <= 0) return false;
    const double z = (point.shown - median_) / deviation_;
    return upwards_only() ? z > limit_ : std::abs(z) > limit_;
  }

 private:
  [[nodiscard]] bool upwards_only() const {
    return trace_.kind == SignalKind::kRatio || trace_.kind == SignalKind::kQuantile;
  }

  void Renew(size_t step) {
    const TimeMs hour = (traces_.End(step) - 1) / kHourMs;
    if (hour == hour_) return;
    hour_ = hour;
    values_.clear();
    for (TimeMs week = 1; week <= 8; ++week) {
      const TimeMs from = hour * kHourMs - week * kWeekMs;
      if (from < traces_.first - traces_.step_ms) break;
      const size_t end = traces_.StepAt(from + 2 * kHourMs + 1);
      for (size_t s = traces_.StepAt(from - kHourMs + 1); s < end; ++s) {
        if (const TracePoint* point = PointAt(trace_, s)) values_.push_back(point->shown);
      }
    }
    deviation_ = 0;
    if (values_.size() < kEnough) return;
    median_ = Median(values_);
    for (float& value : values_) value = static_cast<float>(std::abs(value - median_));
    deviation_ = std::max(kToDeviation * Median(values_), kFloorShare * std::abs(median_));
    if (trace_.kind == SignalKind::kRatio) deviation_ = std::max(deviation_, kFloorRatio);
  }

  const Traces& traces_;
  const Trace& trace_;
  double limit_;
  TimeMs hour_ = -1;
  double median_ = 0, deviation_ = 0;
  std::vector<float> values_;
};

// Walks one signal; `holds` says from when on a breach counts.
template <typename Rule, typename Holds>
void Walk(const Traces& traces, const Trace& trace, Rule rule, const Holds& holds,
          std::vector<ReplayAlert>& out) {
  TimeMs since = 0;
  int points = 0;
  bool firing = false;
  for (size_t step = trace.begin; step < trace.begin + trace.points.size(); ++step) {
    const TracePoint* point = PointAt(trace, step);
    const TimeMs now = traces.End(step);
    if (point == nullptr) continue;
    if (!rule.Breached(step, *point)) {
      if (firing) out.back().end = now;
      firing = false;
      points = 0;
      continue;
    }
    if (points++ == 0) since = now;
    if (firing || !holds(now - since, points)) continue;
    firing = true;
    ReplayAlert alert;
    alert.labels = trace.labels;
    alert.onset = since;
    alert.start = now;
    out.push_back(std::move(alert));
  }
}

std::vector<ReplayAlert> InOrder(std::vector<ReplayAlert> firings) {
  std::sort(firings.begin(), firings.end(), [](const ReplayAlert& a, const ReplayAlert& b) {
    return a.start != b.start ? a.start < b.start : a.labels < b.labels;
  });
  for (size_t i = 0; i < firings.size(); ++i) firings[i].id = i + 1;
  return firings;
}

}  // namespace

std::vector<ReplayAlert> StaticRuleFirings(const Traces& traces) {
  std::vector<ReplayAlert> out;
  for (const Trace& trace : traces.signals) {
    const auto holds = [](DurationMs lasts, int) { return lasts >= kFor; };
    Walk(traces, trace, StaticRule(traces, trace), holds, out);
  }
  return InOrder(std::move(out));
}

std::vector<ReplayAlert> RobustZFirings(const Traces& traces, double z_limit) {
  std::vector<ReplayAlert> out;
  for (const Trace& trace : traces.signals) {
    const auto holds = [](DurationMs, int points) { return points >= kZPoints; };
    Walk(traces, trace, RobustZ(traces, trace, z_limit), holds, out);
  }
  return InOrder(std::move(out));
}

ReplayResult GroupByService(std::vector<ReplayAlert> firings, const ReplayResult& like) {
  ReplayResult result;
  result.first = like.first;
  result.last = like.last;
  result.evaluate_from = like.evaluate_from;
  struct Group {
    size_t page = 0;
    TimeMs until = 0;  // the end of its latest firing
  };
  std::map<std::string, Group> groups;
  for (ReplayAlert& alert : firings) {
    const TimeMs end = alert.end == 0 ? like.last : alert.end;
    if (alert.start >= like.evaluate_from) ++result.raw_firings;
    const std::string key = std::string(alert.labels.Get("alertname")) + '\n' +
                            std::string(alert.labels.Get("service"));
    const auto [at, fresh] = groups.try_emplace(key);
    Group& group = at->second;
    // A group that resolved within its wait is never sent.
    const bool gone = fresh || alert.start > group.until;
    if (gone && end < alert.start + kGroupWait) continue;
    if (gone) {
      ReplayPage page;
      page.id = std::to_string(result.pages.size() + 1);
      page.start = alert.start + kGroupWait;
      group = {result.pages.size(), end};
      result.pages.push_back(std::move(page));
    }
    group.until = std::max(group.until, end);
    ReplayPage& page = result.pages[group.page];
    page.end = group.until;
    alert.notified = std::max(alert.start, page.start);
    page.members.push_back(alert);
  }
  result.alerts = std::move(firings);
  return result;
}

}  // namespace quell::replay
