// Levels that stand still: a stuck exporter, a dead consumer whose lag is reported all the same.
#include <algorithm>

#include "engine/pipeline/pipeline.h"
#include "engine/pipeline/severity.h"

namespace quell::pipeline {

using detectors::Flatline;
using detectors::Verdict;
using detectors::VerdictReason;
using incidents::Alert;

// What the level itself calls for goes first: a run is told of while no alert is open on it.
void Pipeline::JudgeRun(Verdict& verdict, TimeMs step_end) {
  const std::uint32_t slot = verdict.slot;
  if (signals_.Definition(slot).kind != detectors::SignalKind::kGauge) return;
  const DurationMs interval = intervals_[slot];
  const Flatline& state = flatlines_.Observe(slot, verdict.value, interval);
  const TimeMs now = step_end + options_.lateness_ms;
  if (flat_alerts_.contains(slot)) {
    if (state.run <= 1) return ClearFlat(slot, now);
  } else {
    const DurationMs least = policies_.At(slot).rules.flatline_ms;
    const double tail = state.TailProbability(interval);
    if (least == 0 || tail >= Threshold(slot)) return;
    const auto lasting = static_cast<DurationMs>(state.run - 1) * interval;
    if (lasting < least || open_alerts_.contains(slot) || IsOff(slot, step_end)) {
      ++policy_counters_.flatline;
      return;
    }
    FireFlat(verdict, state, tail, step_end);
  }
  if (verdict.reason != VerdictReason::kAnomalous && verdict.reason != VerdictReason::kBeyondLimit)
    verdict.reason = VerdictReason::kFlatline;
}

void Pipeline::FireFlat(const Verdict& verdict, const Flatline& state, double tail,
                        TimeMs step_end) {
  const std::uint32_t slot = verdict.slot;
  const signals::SignalDef& def = signals_.Definition(slot);
  Alert alert;
  alert.id = next_alert_++;
  alert.labels = signals_.signals()[slot].labels;
  alert.labels.Set("alertname", def.name + std::string(incidents::kFlatlineSuffix));
  alert.fingerprint = alert.labels.Fingerprint();
  alert.signal = def.name;
  alert.kind = def.kind;
  alert.unit = def.unit;
  alert.what = "frozen " + def.what;
  alert.slot = slot;
  alert.interval_ms = intervals_[slot];
  alert.starts_at = step_end + options_.lateness_ms;
  alert.onset = step_end - static_cast<DurationMs>(state.run - 1) * intervals_[slot];
  alert.evidence.value = verdict.value;
  alert.evidence.expected = verdict.expected;
  alert.evidence.band_low = verdict.band_low;
  alert.evidence.band_high = verdict.band_high;
  alert.evidence.k = state.run;
  alert.evidence.n = state.usual;
  alert.evidence.tail_probability = std::max(tail, 1e-300);
  alert.explanation = ExplainHistory(slot, step_end, bank_.GroundsOf(slot, step_end));
  alert.severity = SeverityOf(def.kind, verdict.value, verdict.expected);
  LowerOutsideHours(alert);
  ++counters_.alerts;
  Announce("alert_fired", alert.starts_at, alert);
  if (observer_ != nullptr) observer_->OnAlertFired(alert);
  step_.fired.push_back(alert);
  flat_alerts_[slot] = std::move(alert);
}

void Pipeline::ClearFlat(std::uint32_t slot, TimeMs now) {
  const auto open = flat_alerts_.find(slot);
  if (open == flat_alerts_.end()) return;
  Alert alert = std::move(open->second);
  flat_alerts_.erase(open);
  alert.ends_at = now;
  Announce("alert_cleared", now, alert);
  if (observer_ != nullptr) observer_->OnAlertCleared(alert);
  step_.cleared.push_back(std::move(alert));
}

}  // namespace quell::pipeline
