#include "engine/pipeline/relevance.h"

#include <algorithm>
#include <cmath>

namespace quell::pipeline {
namespace {

using detectors::SignalKind;

constexpr float kKeep = 0.7F;  // of what is remembered, a point
constexpr float kWhollyBad = 0.75F;
constexpr double kNewShare = 0.5;  // of a volume's deviation
constexpr float kRequestsMin = 5;  // below, all of them say little
constexpr size_t kPointsMin = 3;
constexpr size_t kLastingPointsMax = 60;  // scores reach back 64
constexpr size_t kAbruptPointsMax = 24;
constexpr double kStoppedShare = 0.1;  // of the expected volume

// An interval is an estimate: where scrapes jitter it is some more than what was configured.
size_t Nearest(DurationMs span, DurationMs interval_ms) {
  const DurationMs interval = std::max<DurationMs>(1, interval_ms);
  return static_cast<size_t>((span + interval / 2) / interval);
}

size_t Points(DurationMs span, DurationMs interval_ms, size_t most) {
  return std::clamp(Nearest(span, interval_ms), kPointsMin, most);
}

}  // namespace

void Relevance::Observe(SignalKind kind, const detectors::Point& point, double shown,
                        DurationMs interval_ms, const signals::AlertRules& rules) {
  if (point.slot >= states_.size()) states_.resize(point.slot + 1);
  State& state = states_[point.slot];
  const auto n = static_cast<float>(kind == SignalKind::kRate ? point.value : point.n);
  state.requests = kKeep * state.requests + (1 - kKeep) * n;
  if (kind == SignalKind::kRate && rules.abrupt_within_ms > 0) {
    const double halves =
        static_cast<double>(interval_ms) / static_cast<double>(rules.abrupt_within_ms);
    const auto keep = static_cast<float>(std::exp2(-halves));
    state.volume = state.volume > 0 ? keep * state.volume + (1 - keep) * n : n;
  }
  if (kind == SignalKind::kQuantile && shown > 0) {
    state.log_shown = kKeep * state.log_shown + n * static_cast<float>(std::log(shown));
    state.log_weight = kKeep * state.log_weight + n;
  }
  if (kind == SignalKind::kRatio && n > 0) {
    const bool bad = point.k > 0;
    state.run_bad = bad ? state.run_bad + static_cast<float>(point.k) : 0;
    state.run_all = bad ? state.run_all + n : 0;
  }
}

double Relevance::LatestShown(detectors::Slot slot, double fallback) const {
  const State& state = states_[slot];
  if (state.log_weight <= 0) return fallback;
  return std::exp(static_cast<double>(state.log_shown / state.log_weight));
}

bool Relevance::HardlySlower(detectors::Slot slot, double usual,
                             const signals::AlertRules& rules) const {
  if (rules.latency_rise <= 0) return false;
  return LatestShown(slot, -1) < (1 + rules.latency_rise) * usual;
}

size_t Relevance::LastingPoints(detectors::Slot slot, DurationMs interval_ms,
                                const signals::AlertRules& rules) const {
  if (rules.few_requests_lasting_ms <= 0) return 0;
  const State& state = states_[slot];
  if (state.run_bad >= kRequestsMin && state.run_bad >= kWhollyBad * state.run_all) return 0;
  const double minutes = static_cast<double>(interval_ms) / static_cast<double>(kMinuteMs);
  if (static_cast<double>(state.requests) >= rules.few_requests_per_minute * minutes) return 0;
  return Points(rules.few_requests_lasting_ms, interval_ms, kLastingPointsMax);
}

size_t Relevance::PartialPoints(DurationMs interval_ms, const signals::AlertRules& rules) {
  if (rules.partial_lasting_ms <= 0) return 0;
  return std::min(kLastingPointsMax, Nearest(rules.partial_lasting_ms, interval_ms) + 1);
}

bool Relevance::HardlyChanged(const detectors::Verdict& verdict) const {
  const State& state = states_[verdict.slot];
  if (state.volume <= 0 || verdict.expected <= 0) return false;
  // The latest point and the latest few, half and half: quick, but not led by one point.
  const double now = 0.5 * (verdict.value + static_cast<double>(state.requests));
  const double changed = now / static_cast<double>(state.volume) - 1;
  const double deviates = verdict.value / verdict.expected - 1;
  return verdict.deviation_sign < 0 ? changed > kNewShare * deviates
                                    : changed < kNewShare * deviates;
}

size_t Relevance::AbruptWithin(const detectors::Verdict& verdict, DurationMs interval_ms,
                               const signals::AlertRules& rules) {
  if (rules.abrupt_within_ms <= 0) return 0;
  if (verdict.deviation_sign < 0 && verdict.value < kStoppedShare * verdict.expected) return 0;
  return Points(rules.abrupt_within_ms, interval_ms, kAbruptPointsMax);
}

bool Relevance::Supported(detectors::Slot slot, SignalKind kind, int sign) const {
  if (kind != SignalKind::kRatio && kind != SignalKind::kQuantile) return true;
  const State& state = states_[slot];
  if (state.requests < kRequestsMin * (1 - kKeep)) return false;
  return kind == SignalKind::kQuantile || sign < 0 || state.run_bad >= kRequestsMin;
}

}  // namespace quell::pipeline
