// What a client asks for when it acts upon an incident: POST /api/v1/incidents/ID/ACTION.
//
// Pure functions over the request's body and the incident's JSON as the store has it.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "engine/paging/human_action.h"

namespace quell::api {

// "acknowledge", "unacknowledge", "resolve", "notes", "merge", "feedback". kNotFound.
Result<paging::HumanActionKind> PeopleActionOf(std::string_view name);

struct PeopleRequest {
  paging::HumanActionKind kind = paging::HumanActionKind::kNote;
  std::string by;
  std::string text;   // a note, or the reason
  std::string other;  // merge, feedback "merge": the other incident
  incidents::FeedbackVerdict verdict = incidents::FeedbackVerdict::kReal;
  std::vector<incidents::AlertId> alerts;  // feedback "split": those of the second part
};

// kInvalidArgument naming the field. An empty body is an empty object. `identity` is who asks, ""
// where nobody is asked; it stands for `by` where the body names nobody.
Result<PeopleRequest> ParsePeopleRequest(paging::HumanActionKind kind, std::string_view body,
                                         std::string_view identity);

// "open", "held", "resolved", ...; "" where the JSON is no incident's.
std::string IncidentStateOf(std::string_view incident_json);

// Feedback without its id, time and author. `other_json` is "" but for merges. kInvalidArgument: an
// alert to be split off is no member, or none is left.
Result<incidents::Feedback> MakeFeedback(const PeopleRequest& request,
                                         std::string_view incident_json,
                                         std::string_view other_json);

// The incident's JSON with what people did (PeopleJson; "" = nobody did anything).
std::string WithPeople(std::string incident_json, std::string_view people_json);

}  // namespace quell::api
