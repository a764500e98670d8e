// What the pipeline does when a lasting shift became the new normal, and when that is undone.
#include "engine/pipeline/adoptions.h"
#include "engine/pipeline/pipeline.h"

namespace quell::pipeline {

AdoptionRow Pipeline::RowOf(const Adoption& adoption) const {
  const signals::SignalDef& def = signals_.Definition(adoption.slot);
  return {adoption, def.name, def.what, def.unit, signals_.signals()[adoption.slot].labels};
}

void Pipeline::Adopt(const detectors::AdoptedShift& adopted, TimeMs now) {
  ++counters_.adopted;
  Adoption adoption;
  adoption.slot = adopted.slot;
  adoption.at = now;
  adoption.since = adopted.since;
  adoption.shift = adopted.shift;
  adoption.variance = adopted.variance;
  adoption.from = adopted.from;
  adoption.to = adopted.to;
  if (signals_.Definition(adopted.slot).kind == detectors::SignalKind::kQuantile) {
    // Verdicts about latency are about a share of requests; what is told is a latency.
    adoption.from = signals_.Usual(adopted.slot, 0, 0).expected;
    adoption.to = relevance_.LatestShown(adopted.slot, adoption.from);
  }
  const AdoptionRow row =
      RowOf(adoptions_.Add(std::move(adoption), signals_.signals()[adopted.slot].labels));
  Emit(store::EffectKind::kDecision, now, row.adoption.id, AdoptionJson("adopted", now, row));
  // What is beyond an absolute limit stays an alert, however usual it is.
  if (last_verdicts_[adopted.slot].reason == detectors::VerdictReason::kBeyondLimit) return;
  if (tracker_.Abandon(adopted.slot) == AlarmDecision::kClosed) Clear(adopted.slot, now);
}

std::vector<AdoptionRow> Pipeline::LatestAdoptions(size_t limit) {
  Settle();
  std::vector<AdoptionRow> out;
  const auto& latest = adoptions_.latest();
  for (auto at = latest.rbegin(); at != latest.rend() && out.size() < limit; ++at) {
    out.push_back(RowOf(*at));
  }
  return out;
}

Status Pipeline::CheckAdoption(std::string_view id) {
  Settle();
  const auto found = adoptions_.InForce(id);
  return found.ok() ? Status(Ok{}) : Status(found.error());
}

Status Pipeline::UndoAdoption(std::string_view id) {
  Settle();
  QUELL_ASSIGN(const Adoption* found, adoptions_.InForce(id));
  bank_.UndoAdoption(found->slot, found->shift, found->variance);
  const AdoptionRow row = RowOf(adoptions_.MarkUndone(id, event_time_));
  Emit(store::EffectKind::kDecision, event_time_, row.adoption.id,
       AdoptionJson("adoption_undone", event_time_, row));
  return Ok{};
}

}  // namespace quell::pipeline
