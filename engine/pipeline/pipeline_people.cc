// What people did to incidents: kept beside them, and acted upon.
//
// An incident that people called over stays open while its alerts fire: it takes in what fires
// again, so that nobody is paged for it twice.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/hash.h"
#include "engine/incidents/feedback_book.h"
#include "engine/pipeline/pipeline.h"

namespace quell::pipeline {

using incidents::Incident;
using paging::Attention;
using paging::HumanAction;
using paging::HumanActionKind;

namespace {

std::string DecisionJson(const HumanAction& action) {
  const nlohmann::ordered_json out = {
      {"at", FormatRfc3339(action.at)},
      {"decision", "people_" + std::string(paging::HumanActionName(action.kind))},
      {"incident", action.incident},
      {"other", action.other},
      {"by", action.by},
      {"via", action.via}};
  return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

// Of what was said only the digest: the text stays where people can have it deleted.
store::Deed DeedOf(const HumanAction& action) {
  std::string detail = "via " + action.via;
  if (!action.other.empty()) detail += ", other " + action.other;
  if (!action.text.empty()) detail += ", said SHA-256 " + Sha256Hex(action.text);
  return {.what = "people_" + std::string(paging::HumanActionName(action.kind)),
          .actor = action.by,
          .detail = std::move(detail),
          .by_people = true};
}

// Our own resolve, told back.
bool IsOurResolve(const HumanAction& action, std::uint8_t open_pages) {
  if (action.kind != HumanActionKind::kResolve || action.person) return false;
  const bool one = action.page >= 1 && action.page <= paging::kPagesMaxCritical;
  return one ? (open_pages >> (action.page - 1) & 1U) == 0 : open_pages == 0;
}

const Incident* OpenIncident(const incidents::IncidentEngine& engine, std::string_view key) {
  for (const Incident* incident : engine.Open()) {
    if (incident->key == key) return incident;
  }
  return nullptr;
}

}  // namespace

void Pipeline::ApplyPeople(const HumanAction& action, TimeMs received) {
  Settle();
  if (!people_.FirstTime(action.id)) return;
  if (IsOurResolve(action, pages_.OpenPages(action.incident))) return;
  const TimeMs at = std::max(received, incidents_now_);
  const Attention& attention = people_.Apply(action);
  const std::uint8_t resolved = attention.resolved_pages;
  Emit(store::EffectKind::kPeople, at, action.incident, paging::PeopleJson(attention));
  if (action.kind != HumanActionKind::kDetails) {
    Emit(store::EffectKind::kDecision, at, action.incident, DecisionJson(action), DeedOf(action));
  }
  pages_.SetReleased(action.incident, attention.resolved.at == 0 ? 0 : next_alert_);
  if (action.feedback && incidents_.AddFeedback(*action.feedback)) {
    Emit(store::EffectKind::kFeedback, at, action.incident,
         incidents::FeedbackJson(*action.feedback),
         {.what = "feedback_kept", .actor = action.by, .by_people = true});
  }
  if (action.kind == HumanActionKind::kMerge) MergeByPeople(action, at);
  if (action.kind == HumanActionKind::kFeedback) SplitByPeople(action, at);
  if (action.via != "pagerduty") TellPagersOf(action, resolved, at);
}

// Who goes on calling has to know. What PagerDuty told is known there; of an acknowledgement taken
// back its Events API knows nothing.
void Pipeline::TellPagersOf(const HumanAction& action, std::uint8_t resolved, TimeMs at) {
  const Incident* incident = OpenIncident(incidents_, action.incident);
  if (incident == nullptr) return;
  if (action.kind == HumanActionKind::kResolve) {
    Send(pages_.ResolveNow(*incident, at, options_.external_url), at);
  }
  if (action.kind == HumanActionKind::kAcknowledge) {
    const auto open = static_cast<std::uint8_t>(~resolved);
    Send(pages_.AcknowledgeNow(*incident, open, at, options_.external_url), at);
  }
}

// What the survivor takes along was told already. Of two, one that has paged survives.
void Pipeline::MergeByPeople(const HumanAction& action, TimeMs at) {
  const Incident* younger = OpenIncident(incidents_, action.incident);
  const Incident* elder = OpenIncident(incidents_, action.other);
  if (younger == nullptr || elder == nullptr || younger == elder) return;
  if (elder->paged_at == 0 && younger->paged_at != 0) std::swap(elder, younger);
  pages_.Fold(elder->key, *younger);
  step_ = {};
  step_.between = true;
  step_.merges.emplace_back(elder->id, younger->id);
  StepIncidents(at, false);
}

// Of an incident that is over there is nothing left to split: what was said is learned from.
void Pipeline::SplitByPeople(const HumanAction& action, TimeMs at) {
  const Incident* incident = OpenIncident(incidents_, action.incident);
  if (incident == nullptr || action.alerts.empty()) return;
  step_ = {};
  step_.between = true;
  step_.splits.emplace_back(incident->id, action.alerts);
  StepIncidents(at, false);
}

// What is long over when it is announced helps nobody who looks at what is wrong now.
void Pipeline::TellChange(const incidents::Change& change, const std::string& by, TimeMs received) {
  std::string what = std::string(incidents::ChangeKindName(change.kind)) + ' ' +
                     FormatRfc3339(change.start) + " to " + FormatRfc3339(change.end);
  std::string body = what + ' ' + change.scope.ToString() + ' ' + change.note;
  Emit(store::EffectKind::kDeed, received, change.id, std::move(body),
       {.what = "change_announced", .actor = by, .detail = std::move(what), .by_people = true});
  if (!options_.tell_changes || change.end < received - kDayMs) return;
  const paging::Notification told = paging::ChangeNotification(change, received);
  Emit(store::EffectKind::kOutbox, received, told.key(), paging::ToJson(told), {"page_change"});
  effects_.back().urgency = paging::UrgencyOf(told);
}

void Pipeline::Send(const std::vector<paging::Notification>& notifications, TimeMs at) {
  for (const paging::Notification& notification : notifications) {
    if (observer_ != nullptr) observer_->OnNotification(notification);
    Emit(store::EffectKind::kOutbox, at, notification.key(), paging::ToJson(notification),
         {"page_" + std::string(paging::ActionName(notification.action))});
    effects_.back().urgency = paging::UrgencyOf(notification);
    if (notification.action != paging::Action::kTrigger) continue;
    const std::string& incident = notification.incident_key;
    if (people_.Paged(incident, paging::PageNumber(notification))) {
      Emit(store::EffectKind::kPeople, at, incident, paging::PeopleJson(*people_.Of(incident)));
    }
  }
}

}  // namespace quell::pipeline
