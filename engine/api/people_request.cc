#include "engine/api/people_request.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "engine/api/request_text.h"

namespace quell::api {
namespace {

using Json = nlohmann::ordered_json;
using incidents::Feedback;
using incidents::FeedbackMember;
using incidents::FeedbackVerdict;
using paging::HumanActionKind;

constexpr size_t kAlertsMax = 1000;
constexpr std::array<std::pair<std::string_view, HumanActionKind>, 6> kActions = {
    {{"acknowledge", HumanActionKind::kAcknowledge},
     {"unacknowledge", HumanActionKind::kUnacknowledge},
     {"resolve", HumanActionKind::kResolve},
     {"notes", HumanActionKind::kNote},
     {"merge", HumanActionKind::kMerge},
     {"feedback", HumanActionKind::kFeedback}}};

Error Bad(const std::string& message) { return MakeError(ErrorCode::kInvalidArgument, message); }

Status ReadAlerts(const Json& value, std::vector<incidents::AlertId>& out) {
  if (!value.is_array() || value.size() > kAlertsMax) {
    return Bad("alerts must be a list of at most 1000 alert ids");
  }
  for (const Json& one : value) {
    if (!one.is_number_unsigned()) return Bad("alerts must be a list of alert ids");
    out.push_back(one.get<incidents::AlertId>());
  }
  return Ok{};
}

// What the action needs and the body did not say.
Status CheckComplete(const PeopleRequest& request, bool has_verdict) {
  if (request.kind == HumanActionKind::kNote && request.text.empty()) return Bad("text is missing");
  if (request.kind == HumanActionKind::kMerge && request.other.empty()) {
    return Bad("into is missing: the key of the incident that this one goes into");
  }
  if (request.kind != HumanActionKind::kFeedback) return Ok{};
  if (!has_verdict) return Bad("verdict is missing");
  if (request.verdict == FeedbackVerdict::kMerge && request.other.empty()) {
    return Bad("other is missing: the key of the incident that was the same");
  }
  if (request.verdict == FeedbackVerdict::kSplit && request.alerts.empty()) {
    return Bad("alerts is missing: the ids of those that were something else");
  }
  return Ok{};
}

TimeMs TimeOf(const Json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_string()) return 0;
  const auto time = ParseTime(at->get_ref<const std::string&>());
  return time.ok() ? *time : 0;
}

Labels LabelsOf(const Json& object, const char* key) {
  Labels out;
  const auto at = object.find(key);
  if (at == object.end() || !at->is_object()) return out;
  for (const auto& [name, value] : at->items()) {
    if (value.is_string()) out.Set(name, value.get_ref<const std::string&>());
  }
  return out;
}

// Of the incident's members, by alert id.
std::vector<FeedbackMember> MembersOf(const Json& incident) {
  std::vector<FeedbackMember> out;
  const auto members = incident.find("members");
  if (members == incident.end() || !members->is_array()) return out;
  for (const Json& member : *members) {
    const auto id = member.is_object() ? member.find("id") : member.end();
    if (!member.is_object() || id == member.end() || !id->is_number_unsigned()) continue;
    out.push_back({id->get<incidents::AlertId>(), 0, LabelsOf(member, "labels"),
                   TimeOf(member, "onset"), TimeOf(member, "startsAt")});
  }
  return out;
}

// The first of each part.
void Keep(const std::vector<FeedbackMember>& members, std::uint8_t part, Feedback& out) {
  size_t kept = 0;
  for (const FeedbackMember& member : members) {
    if (member.part == part && kept++ < incidents::kFeedbackMembersMax) {
      out.members.push_back(member);
    }
  }
}

}  // namespace

Result<HumanActionKind> PeopleActionOf(std::string_view name) {
  for (const auto& [known, kind] : kActions) {
    if (known == name) return kind;
  }
  return MakeError(ErrorCode::kNotFound, "no such action upon an incident");
}

Result<PeopleRequest> ParsePeopleRequest(HumanActionKind kind, std::string_view body,
                                         std::string_view identity) {
  PeopleRequest out;
  out.kind = kind;
  const Json root = Json::parse(body.empty() ? std::string_view("{}") : body, nullptr, false);
  if (!root.is_object()) return Bad("the body is not a JSON object");
  const bool feedback = kind == HumanActionKind::kFeedback;
  const bool merge = kind == HumanActionKind::kMerge;
  const std::string text_key = feedback || merge ? "reason" : "text";
  const std::string other_key = feedback ? "other" : merge ? "into" : "";
  bool has_verdict = false;
  for (const auto& [key, value] : root.items()) {
    if (key == "by") {
      QUELL_TRY(ReadText(key, value, incidents::kFeedbackNameMax, out.by));
    } else if (key == text_key) {
      QUELL_TRY(ReadText(key, value, incidents::kFeedbackTextMax, out.text));
    } else if (!other_key.empty() && key == other_key) {
      QUELL_TRY(ReadText(key, value, incidents::kFeedbackIdMax, out.other));
    } else if (feedback && key == "verdict") {
      std::string name;
      QUELL_TRY(ReadText(key, value, incidents::kFeedbackIdMax, name));
      QUELL_ASSIGN(out.verdict, incidents::ParseFeedbackVerdict(name));
      has_verdict = true;
    } else if (feedback && key == "alerts") {
      QUELL_TRY(ReadAlerts(value, out.alerts));
    } else {
      return Bad("unknown field \"" + key + "\"");
    }
  }
  if (out.by.empty()) out.by = identity;
  if (out.by.empty()) out.by = "somebody";
  QUELL_TRY(CheckComplete(out, has_verdict));
  if (merge) out.verdict = FeedbackVerdict::kMerge;
  return out;
}

std::string IncidentStateOf(std::string_view incident_json) {
  const Json incident = Json::parse(incident_json, nullptr, false);
  if (!incident.is_object()) return "";
  const auto state = incident.find("state");
  return state != incident.end() && state->is_string() ? state->get<std::string>() : "";
}

Result<Feedback> MakeFeedback(const PeopleRequest& request, std::string_view incident_json,
                              std::string_view other_json) {
  const Json incident = Json::parse(incident_json, nullptr, false);
  if (!incident.is_object()) return Bad("the incident does not decode");
  Feedback out;
  out.verdict = request.verdict;
  out.reason = request.text;
  out.scope = LabelsOf(incident, "scope");
  std::vector<FeedbackMember> members = MembersOf(incident);
  if (request.verdict == FeedbackVerdict::kSplit) {
    for (const incidents::AlertId id : request.alerts) {
      const auto at = std::find_if(members.begin(), members.end(),
                                   [id](const FeedbackMember& one) { return one.alert == id; });
      if (at == members.end()) return Bad("alerts: " + std::to_string(id) + " is no member");
      at->part = 1;
    }
    const auto apart = [](const FeedbackMember& one) { return one.part == 1; };
    if (std::all_of(members.begin(), members.end(), apart)) {
      return Bad("alerts: none of the incident's would be left");
    }
  }
  if (request.verdict == FeedbackVerdict::kMerge) {
    for (FeedbackMember& member : MembersOf(Json::parse(other_json, nullptr, false))) {
      member.part = 1;
      members.push_back(std::move(member));
    }
  }
  out.members_total = members.size();
  Keep(members, 0, out);
  Keep(members, 1, out);
  return out;
}

std::string WithPeople(std::string incident_json, std::string_view people_json) {
  if (people_json.empty() || incident_json.size() < 3 || incident_json.back() != '}') {
    return incident_json;
  }
  incident_json.pop_back();
  return incident_json + ",\"people\":" + std::string(people_json) + "}";
}

}  // namespace quell::api
