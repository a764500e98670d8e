// How verdicts become alerts: firing, growing, clearing, and signals that fall silent.
#include <algorithm>

#include "engine/pipeline/pipeline.h"
#include "engine/pipeline/records.h"
#include "engine/pipeline/severity.h"

namespace quell::pipeline {
namespace {

using detectors::Verdict;
using incidents::Alert;

// A detector agrees when its own tail probability is below this.
constexpr double kAgreeing = 1e-3;
// When this share of all signals goes silent at once, monitoring is out, not payments.
constexpr double kScrapeOutageShare = 0.5;
constexpr size_t kCompany = 3;  // lanes

class BankScores final : public AlarmTracker::RecentScores {
 public:
  explicit BankScores(const detectors::DetectorBank& bank) : bank_(bank) {}
  [[nodiscard]] std::vector<float> RecentZ(detectors::Slot slot) const override {
    return bank_.RecentZ(slot);
  }

 private:
  const detectors::DetectorBank& bank_;
};

}  // namespace

// Several lanes at once are no handful of failures.
bool Pipeline::HaveCompany() const {
  size_t lanes = 0;
  for (const Verdict& verdict : verdicts_) {
    const std::uint32_t slot = verdict.slot;
    if (verdict.reason != detectors::VerdictReason::kAnomalous || verdict.deviation_sign < 0 ||
        signals_.Definition(slot).kind != detectors::SignalKind::kRatio ||
        verdict.tail_probability >= Threshold(slot)) {
      continue;
    }
    if (++lanes >= kCompany) return true;
  }
  return false;
}

void Pipeline::Judge(const signals::SignalEngine::StepPoint& point, Verdict verdict,
                     TimeMs step_end) {
  const std::uint32_t slot = verdict.slot;
  ApplyPolicy(point, step_end, verdict);
  JudgeRun(verdict, step_end);
  last_verdicts_[slot] = verdict;
  last_shown_[slot] = point.shown;
  forecasts_.Observe(signals_.Definition(slot), slot, step_end, verdict.value, bank_);
  drifts_.Observe(point.point, step_end, open_alerts_.count(slot) != 0, bank_);
  if (observer_ != nullptr) observer_->OnPoint(step_end, point, verdict);
  const AlarmDecision decision =
      tracker_.Observe(verdict, Threshold(slot), DemandsOn(verdict), BankScores(bank_));
  switch (decision) {
    case AlarmDecision::kQuiet:
      return;
    case AlarmDecision::kAboveThreshold:
      ++counters_.above_threshold;
      return;
    case AlarmDecision::kRestsOnOnePoint:
      ++counters_.rests_on_one_point;
      NoteWeak(point, verdict, step_end, decision);
      return;
    case AlarmDecision::kSubsided:
      ++counters_.subsided;
      digest_.Subsided(signals_.signals()[slot].labels, signals_.Definition(slot).what, step_end);
      NoteWeak(point, verdict, step_end, decision);
      return;
    case AlarmDecision::kGradual:
      ++counters_.gradual;
      return;
    case AlarmDecision::kFewRequests:
      ++counters_.few_requests;
      NoteWeak(point, verdict, step_end, decision);
      return;
    case AlarmDecision::kOpened:
      weak_.Drop(slot);
      Fire(point, verdict, step_end);
      return;
    case AlarmDecision::kStillOpen: {
      const auto open = open_alerts_.find(slot);
      if (open != open_alerts_.end()) Grow(open->second, point, verdict, step_end);
      return;
    }
    case AlarmDecision::kClosed:
      Clear(slot, step_end + options_.lateness_ms);
      return;
  }
}

// Verdicts about latency are about a share of requests; what is told is a latency.
Reading Pipeline::ReadingOf(double shown, const Verdict& verdict) const {
  if (signals_.Definition(verdict.slot).kind != detectors::SignalKind::kQuantile) {
    return {verdict.value, verdict.expected, verdict.band_low, verdict.band_high};
  }
  const auto usual = signals_.Usual(verdict.slot, verdict.expected - verdict.band_low,
                                    verdict.band_high - verdict.expected);
  return {shown, usual.expected, usual.low, usual.high};
}

incidents::Evidence Pipeline::EvidenceOf(const signals::SignalEngine::StepPoint& step_point,
                                         const Verdict& verdict) const {
  const detectors::Point& point = step_point.point;
  const Reading reading = ReadingOf(step_point.shown, verdict);
  incidents::Evidence out;
  out.value = reading.value;
  out.expected = reading.expected;
  out.band_low = reading.low;
  out.band_high = reading.high;
  out.k = point.k;
  out.n = point.n;
  out.tail_probability = verdict.tail_probability;
  out.tail = verdict.tail;
  for (size_t i = 0; i < detectors::kDetectors; ++i) {
    if (verdict.tail[i] < kAgreeing) out.agreeing |= static_cast<std::uint8_t>(1U << i);
  }
  return out;
}

void Pipeline::Announce(std::string_view decision, TimeMs at, const Alert& alert) {
  Emit(store::EffectKind::kAlert, at, std::to_string(alert.id), AlertJson(alert));
  Emit(store::EffectKind::kDecision, at, std::to_string(alert.id),
       AlertDecisionJson(decision, at, alert), {std::string(decision)});
}

// All but its number.
Alert Pipeline::AlertOn(const signals::SignalEngine::StepPoint& point, const Verdict& verdict,
                        TimeMs step_end) const {
  const std::uint32_t slot = verdict.slot;
  const signals::SignalDef& def = signals_.Definition(slot);
  Alert alert;
  alert.labels = signals_.signals()[slot].labels;
  alert.fingerprint = alert.labels.Fingerprint();
  alert.signal = def.name;
  alert.kind = def.kind;
  alert.unit = def.unit;
  alert.what = def.what;
  alert.slot = slot;
  alert.interval_ms = intervals_[slot];
  alert.sign = verdict.deviation_sign;
  alert.starts_at = step_end + options_.lateness_ms;
  alert.recent_z = bank_.RecentZ(slot);
  const size_t covered = PointsSinceChange(alert.recent_z, alert.sign >= 0 ? 1 : -1);
  alert.onset = covered < alert.recent_z.size()
                    ? step_end - static_cast<DurationMs>(covered) * intervals_[slot]
                    : bank_.EstimatedOnset(slot);  // older than the scores reach
  alert.onset = std::min(alert.onset, alert.starts_at);
  alert.evidence = EvidenceOf(point, verdict);
  alert.explanation = ExplanationOf(point, verdict, step_end);
  alert.severity = SeverityOf(def.kind, verdict.value, verdict.expected);
  return alert;
}

void Pipeline::Fire(const signals::SignalEngine::StepPoint& point, const Verdict& verdict,
                    TimeMs step_end) {
  const std::uint32_t slot = verdict.slot;
  const signals::SignalDef& def = signals_.Definition(slot);
  Alert alert = AlertOn(point, verdict, step_end);
  alert.id = next_alert_++;
  bank_.SetFrozen(slot, true);
  // Failing payments are never routine, nor is anything critical.
  const bool routine = recurrence_.IsRoutine(slot, alert.starts_at, alert.sign);
  const bool limit = verdict.reason == detectors::VerdictReason::kBeyondLimit;
  if (routine && !bank_.HoldsTime(slot) && !limit && def.kind != detectors::SignalKind::kRatio &&
      alert.severity < incidents::Severity::kCritical) {
    alert.severity = incidents::Severity::kInfo;
    bank_.SetRoutine(slot);
  }
  LowerOutsideHours(alert);
  ++counters_.alerts;
  Announce("alert_fired", alert.starts_at, alert);
  if (observer_ != nullptr) observer_->OnAlertFired(alert);
  step_.fired.push_back(alert);
  open_alerts_[slot] = std::move(alert);
}

void Pipeline::Grow(Alert& alert, const signals::SignalEngine::StepPoint& point,
                    const Verdict& verdict, TimeMs step_end) {
  const bool same_side = verdict.deviation_sign * alert.sign > 0;
  const bool limit = verdict.reason == detectors::VerdictReason::kBeyondLimit;
  const bool routine = alert.severity == incidents::Severity::kInfo && !alert.outside_hours;
  const bool less_odd = verdict.tail_probability >= alert.evidence.tail_probability;
  if (!same_side || (less_odd && !(limit && routine))) return;
  alert.evidence = EvidenceOf(point, verdict);
  alert.explanation = ExplanationOf(point, verdict, step_end);
  const incidents::Severity now = SeverityOf(alert.kind, verdict.value, verdict.expected);
  const bool wakes = !routine || limit || now == incidents::Severity::kCritical;
  if (wakes && !alert.outside_hours) {
    alert.severity = std::max(alert.severity, now);
  }
  step_.changed.push_back(alert);
}

void Pipeline::Clear(std::uint32_t slot, TimeMs now) {
  const auto open = open_alerts_.find(slot);
  if (open == open_alerts_.end()) return;
  Alert alert = std::move(open->second);
  open_alerts_.erase(open);
  bank_.SetFrozen(slot, false);
  alert.ends_at = now;
  Announce("alert_cleared", now, alert);
  if (observer_ != nullptr) observer_->OnAlertCleared(alert);
  step_.cleared.push_back(std::move(alert));
}

void Pipeline::CheckMissing(TimeMs now) {
  size_t silent = 0;
  size_t retired = 0;
  std::vector<std::uint32_t> dead;
  for (std::uint32_t slot = 0; slot < population_.size(); ++slot) {
    const signals::SignalState state = seen_[slot].state;
    if (state == signals::SignalState::kLate || state == signals::SignalState::kDead) ++silent;
    if (state == signals::SignalState::kDead) dead.push_back(slot);
    if (state == signals::SignalState::kRetired) {
      ++retired;
      if (open_alerts_.contains(slot)) dead.push_back(slot);
    }
    const bool gone =
        state == signals::SignalState::kDead || state == signals::SignalState::kRetired;
    if (gone && flat_alerts_.contains(slot)) ClearFlat(slot, now);
    const auto missing = missing_alerts_.find(slot);
    if (state != signals::SignalState::kDead && missing != missing_alerts_.end()) {
      missing->second.ends_at = now;
      Announce("alert_cleared", now, missing->second);
      if (observer_ != nullptr) observer_->OnAlertCleared(missing->second);
      target_outages_.Forget(missing->second.id);
      step_.cleared.push_back(std::move(missing->second));
      missing_alerts_.erase(missing);
    }
  }
  const auto watched = static_cast<double>(population_.size() - retired);
  const bool outage = watched > 0 && static_cast<double>(silent) >= kScrapeOutageShare * watched;
  SettleWeak(now);
  UpdateTargets(now);
  for (const std::uint32_t slot : dead) {
    // An alert on a signal that reports no more cannot be judged any longer.
    if (tracker_.Abandon(slot) == AlarmDecision::kClosed) Clear(slot, now);
    if (seen_[slot].state == signals::SignalState::kDead &&
        policies_.At(slot).missing == signals::Missing::kAlert && !IsOff(slot, now) &&
        missing_alerts_.find(slot) == missing_alerts_.end() && bank_.Observed(slot) > 0) {
      FireMissing(slot, now);
    }
  }
  RaiseInHours(now);
  CheckOutage(outage, silent, population_.size() - retired, now);
  TellTargets(now);
  StepIncidents(now, outage);
}

void Pipeline::FireMissing(std::uint32_t slot, TimeMs now) {
  const signals::SignalDef& def = signals_.Definition(slot);
  Alert alert;
  alert.id = next_alert_++;
  alert.labels = signals_.signals()[slot].labels;
  alert.labels.Set("condition", "missing");
  alert.fingerprint = alert.labels.Fingerprint();
  alert.signal = def.name;
  alert.kind = def.kind;
  alert.unit = def.unit;
  alert.what = def.what + " not reported";
  alert.slot = slot;
  alert.sign = -1;
  alert.starts_at = now;
  alert.onset = std::min(seen_[slot].last, now);
  alert.explanation = ExplainMissing(slot, now);
  alert.severity = incidents::Severity::kError;
  LowerOutsideHours(alert);
  ++counters_.alerts;
  Announce("alert_fired", now, alert);
  if (observer_ != nullptr) observer_->OnAlertFired(alert);
  target_outages_.HoldMissing(alert);
  step_.fired.push_back(alert);
  missing_alerts_[slot] = std::move(alert);
}

}  // namespace quell::pipeline
