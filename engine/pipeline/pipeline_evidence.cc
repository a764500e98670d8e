// Alerts that do not fire for want of evidence: what would have fired rests on one point, on a few
// failures among few requests, or is over as it is told. Recorded once it is clear that no alert
// comes of it: as an alert that ended, with the reason `insufficient_evidence`.
#include <algorithm>

#include "engine/pipeline/pipeline.h"
#include "engine/pipeline/records.h"

namespace quell::pipeline {

void Pipeline::NoteWeak(const signals::SignalEngine::StepPoint& point,
                        const detectors::Verdict& verdict, TimeMs step_end, AlarmDecision why) {
  const TimeMs now = step_end + options_.lateness_ms;
  if (weak_.Again(verdict.slot, now, why) || weak_.Full()) return;
  weak_.Add(verdict.slot, {AlertOn(point, verdict, step_end), why, now});
}

void Pipeline::SettleWeak(TimeMs now) {
  for (WeakAlert& weak : weak_.Settle(now)) {
    incidents::Alert& alert = weak.alert;
    alert.id = next_alert_++;
    alert.ends_at = std::max(weak.latest, alert.starts_at);
    const auto reason = incidents::PageReason::kInsufficientEvidence;
    const std::string id = std::to_string(alert.id);
    const std::string name(incidents::PageReasonName(reason));
    Emit(store::EffectKind::kAlert, now, id, AlertJson(alert));
    Emit(store::EffectKind::kDecision, now, id, AlertDecisionJson("alert_held", now, alert),
         {.what = "alert_held", .detail = std::string(AlarmDecisionName(weak.why))});
    Emit(store::EffectKind::kOutcome, now, id, name, {.what = "alert_outcome", .detail = name});
    ++counters_.outcomes.at(static_cast<size_t>(reason));
  }
}

}  // namespace quell::pipeline
