// What a signal's policy makes of its verdicts: limits that always count, deviations that do not,
// hours in which nobody is to be woken.
#include <algorithm>

#include "detectors/exposure.h"
#include "engine/pipeline/pipeline.h"
#include "engine/pipeline/severity.h"

namespace quell::pipeline {
namespace {

using detectors::SignalKind;
using detectors::Verdict;
using detectors::VerdictReason;
using signals::BusinessHours;

constexpr double kMostRequests = 0.5;
constexpr double kBeyondOdds = 1e-12;  // of a limit that was said to count always

}  // namespace

bool Pipeline::InHours(std::uint32_t slot, TimeMs at) const {
  const BusinessHours& hours = policies_.At(slot).rules.hours;
  return hours.Always() || hours.Contains(at + told_offsets_[zone_of_[slot]]);
}

bool Pipeline::IsOff(std::uint32_t slot, TimeMs at) const {
  return policies_.At(slot).rules.hours.outside == BusinessHours::Outside::kOff &&
         !InHours(slot, at);
}

// Whether a latency that is called anomalous is told as about what it always was. Beyond the last
// finite edge nothing is known of it.
bool Pipeline::HardlySlower(double shown, const Verdict& verdict) const {
  const std::uint32_t slot = verdict.slot;
  if (verdict.reason != VerdictReason::kAnomalous || verdict.deviation_sign < 0 ||
      signals_.Definition(slot).kind != SignalKind::kQuantile) {
    return false;
  }
  return shown < signals_.LastEdge(slot) &&
         relevance_.HardlySlower(slot, signals_.Usual(slot, 0, 0).expected,
                                 policies_.At(slot).rules);
}

AlarmTracker::Demands Pipeline::DemandsOn(const Verdict& verdict) const {
  AlarmTracker::Demands out;
  const DurationMs interval = intervals_[verdict.slot];
  const signals::AlertRules& rules = policies_.At(verdict.slot).rules;
  switch (signals_.Definition(verdict.slot).kind) {
    case SignalKind::kRate:
      out.abrupt_within = Relevance::AbruptWithin(verdict, interval, rules);
      out.hardly_changed = out.abrupt_within > 0 && relevance_.HardlyChanged(verdict);
      break;
    case SignalKind::kRatio:
      if (!company_ && verdict.deviation_sign > 0) {
        out.lasting_points = relevance_.LastingPoints(verdict.slot, interval, rules);
        if (out.lasting_points > 0) break;
      }
      [[fallthrough]];
    case SignalKind::kQuantile:
      if (verdict.deviation_sign > 0 && verdict.value < kMostRequests) {
        out.lasting_points = Relevance::PartialPoints(interval, rules);
      }
      break;
    case SignalKind::kGauge:
      break;
  }
  return out;
}

// In slot order: places are numbered as they appear.
void Pipeline::NotePlace(std::uint32_t slot) {
  const Labels& labels = signals_.signals()[slot].labels;
  const bool volume = signals_.Definition(slot).kind == detectors::SignalKind::kRate;
  zone_of_.push_back(zones_.Of(labels));
  place_of_.push_back(volume ? demand_.PlaceOf(labels) : 0);
}

// What the volumes of every place have in common.
void Pipeline::NoteDemand(TimeMs step_end) {
  begun_.assign(demand_.places() + 1, false);
  for (size_t i = 0; i < made_.size(); ++i) {
    const detectors::Point& point = made_[i].point;
    const std::uint32_t place = place_of_[point.slot];
    const Verdict& verdict = verdicts_[i];
    if (place == 0 || verdict.reason == VerdictReason::kInsufficientEvidence) continue;
    if (!begun_[place]) {
      const DurationMs offset = told_offsets_[zone_of_[point.slot]];
      demand_.BeginStep(place, step_end, step_end - intervals_[point.slot] / 2 + offset);
      begun_[place] = true;
    }
    const double exposure = detectors::ExposureOf(point, intervals_[point.slot]);
    demand_.Note(place, point.k, verdict.expected * exposure);
  }
}

// Whether a volume is off no farther than all volumes of its place are, for a while already.
bool Pipeline::OffAsItsPlace(const detectors::Point& point, const Verdict& verdict,
                             TimeMs step_end) const {
  const std::uint32_t slot = verdict.slot;
  if (place_of_[slot] == 0 || tracker_.IsOpen(slot)) return false;
  const double threshold = Threshold(slot);
  if (verdict.tail_probability >= threshold) return false;
  const auto factors = demand_.FactorsOf(place_of_[slot]);
  if (!factors || (factors->front() < 1) != (verdict.deviation_sign < 0)) return false;
  return bank_.TailUnder(point, step_end, *factors) >= threshold;
}

void Pipeline::ApplyPolicy(const signals::SignalEngine::StepPoint& made, TimeMs step_end,
                           Verdict& verdict) {
  const double shown = made.shown;
  const std::uint32_t slot = verdict.slot;
  const signals::SignalPolicy& policy = policies_.At(slot);
  const SignalKind kind = signals_.Definition(slot).kind;
  const double value = kind == SignalKind::kQuantile ? shown : verdict.value;
  const auto hold = [&](VerdictReason reason, std::uint64_t& counter) {
    verdict.reason = reason;
    if (verdict.tail_probability < Threshold(slot)) ++counter;
  };
  const int beyond = policy.BeyondLimit(value);
  if (beyond != 0 && relevance_.Supported(slot, kind, beyond)) {
    verdict.reason = VerdictReason::kBeyondLimit;
    verdict.deviation_sign = beyond;
    verdict.tail_probability = std::min(verdict.tail_probability, kBeyondOdds);
  } else if (verdict.reason == VerdictReason::kWrongDirection) {
    hold(verdict.reason, policy_counters_.wrong_direction);
  } else if (verdict.reason == VerdictReason::kBelowMinDeviation) {
    hold(verdict.reason, policy_counters_.below_min_deviation);
  } else if (verdict.reason == VerdictReason::kAnomalous ||
             verdict.reason == VerdictReason::kStaticLimit) {
    if (policy.NobodyCares(value)) {
      hold(VerdictReason::kHeldByPolicy, policy_counters_.nobody_cares);
    } else if (HardlySlower(shown, verdict)) {
      hold(VerdictReason::kBelowMinDeviation, policy_counters_.hardly_slower);
    } else if (OffAsItsPlace(made.point, verdict, step_end)) {
      hold(VerdictReason::kRegionalDemand, policy_counters_.regional_demand);
    }
  }
  const bool may_open = verdict.reason == VerdictReason::kAnomalous ||
                        verdict.reason == VerdictReason::kStaticLimit ||
                        verdict.reason == VerdictReason::kBeyondLimit;
  if (may_open && !tracker_.IsOpen(slot) && IsOff(slot, step_end)) {
    hold(VerdictReason::kHeldByPolicy, policy_counters_.outside_hours);
  }
}

// Outside its hours an alert is for information; what is a routine is so anyway.
void Pipeline::LowerOutsideHours(incidents::Alert& alert) const {
  if (alert.severity == incidents::Severity::kInfo || InHours(alert.slot, alert.starts_at)) return;
  alert.outside_hours = true;
  alert.severity = incidents::Severity::kInfo;
}

// What opened outside the hours and still lasts when they begin pages now.
void Pipeline::RaiseInHours(TimeMs now) {
  for (auto* alerts : {&open_alerts_, &missing_alerts_, &flat_alerts_}) {
    for (auto& [slot, alert] : *alerts) {
      if (!alert.outside_hours || !InHours(slot, now)) continue;
      alert.outside_hours = false;
      alert.severity = alerts == &missing_alerts_
                           ? incidents::Severity::kError
                           : SeverityOf(alert.kind, alert.evidence.value, alert.evidence.expected);
      Announce("alert_raised", now, alert);
      step_.changed.push_back(alert);
    }
  }
}

}  // namespace quell::pipeline
