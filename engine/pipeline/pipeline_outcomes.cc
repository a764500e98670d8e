// What is recorded of alerts that did not page: outcomes, flapping, the digest.
#include "core/hash.h"
#include "engine/pipeline/pipeline.h"
#include "engine/pipeline/records.h"

namespace quell::pipeline {

void Pipeline::RecordOutcomes() {
  for (incidents::Outcome& outcome : incidents_.TakeOutcomes()) {
    if (outcome.settled) ++counters_.outcomes.at(static_cast<size_t>(outcome.reason));
    Emit(store::EffectKind::kOutcome, outcome.at, std::to_string(outcome.alert),
         std::string(incidents::PageReasonName(outcome.reason)));
    effects_.back().incident_key = std::move(outcome.incident);
  }
  for (const incidents::FlapNews& news : incidents_.TakeFlaps()) {
    Emit(store::EffectKind::kDecision, news.at, Hex64(news.labels.Fingerprint()),
         FlapDecisionJson(news));
  }
}

}  // namespace quell::pipeline
