// What is recorded: effects, and of alerts that did not page outcomes, flapping, the digest.
#include "core/hash.h"
#include "engine/pipeline/pipeline.h"
#include "engine/pipeline/records.h"

namespace quell::pipeline {

void Pipeline::RecordOutcomes() {
  for (incidents::Outcome& outcome : incidents_.TakeOutcomes()) {
    if (outcome.settled) ++counters_.outcomes.at(static_cast<size_t>(outcome.reason));
    Emit(store::EffectKind::kOutcome, outcome.at, std::to_string(outcome.alert),
         std::string(incidents::PageReasonName(outcome.reason)),
         {.what = "alert_outcome",
          .detail = std::string(incidents::PageReasonName(outcome.reason)) +
                    (outcome.incident.empty() ? "" : ", incident " + outcome.incident)});
    effects_.back().incident_key = std::move(outcome.incident);
  }
  for (const incidents::FlapNews& news : incidents_.TakeFlaps()) {
    Emit(store::EffectKind::kDecision, news.at, Hex64(news.labels.Fingerprint()),
         FlapDecisionJson(news), {news.began ? "flapping_began" : "flapping_ended"});
  }
}

void Pipeline::TellDigest(TimeMs now) {
  const auto digest = digest_.Due(now);
  if (!digest) return;
  Emit(store::EffectKind::kOutbox, now, digest->incident_key, paging::ToJson(*digest),
       {"page_digest"});
  effects_.back().urgency = paging::UrgencyOf(*digest);
}

void Pipeline::Emit(store::EffectKind kind, TimeMs at, std::string id, std::string body,
                    store::Deed deed) {
  effects_.push_back({.sequence = next_effect_++,
                      .kind = kind,
                      .at = at,
                      .id = std::move(id),
                      .body = std::move(body),
                      .deed = std::move(deed)});
}

}  // namespace quell::pipeline
