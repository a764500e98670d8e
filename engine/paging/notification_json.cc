// The outbox row's JSON: every field by its name, times in epoch milliseconds, "version" 1. Rows
// written before pages were explained have no "explanation"; what links pages is there where it is.
#include <nlohmann/json.hpp>

#include "engine/paging/notification.h"

namespace quell::paging {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;

Error Bad(std::string_view field, std::string_view wanted) {
  return MakeError(ErrorCode::kCorrupt, "notification field \"" + std::string(field) +
                                            "\" is not " + std::string(wanted));
}

Status Read(const json& from, const char* field, std::string& to) {
  const auto it = from.find(field);
  if (it == from.end() || !it->is_string()) return Bad(field, "a text");
  to = it->get_ref<const std::string&>();
  return Ok{};
}

Status Read(const json& from, const char* field, TimeMs& to) {
  const auto it = from.find(field);
  if (it == from.end() || !it->is_number_integer()) return Bad(field, "a whole number");
  to = it->get<TimeMs>();
  return Ok{};
}

Status Read(const json& from, const char* field, std::vector<std::string>& to) {
  const auto it = from.find(field);
  if (it == from.end() || !it->is_array()) return Bad(field, "a list of texts");
  for (const json& item : *it) {
    if (!item.is_string()) return Bad(field, "a list of texts");
    to.push_back(item.get<std::string>());
  }
  return Ok{};
}

Status Read(const json& from, const char* field, Labels& to) {
  const auto it = from.find(field);
  if (it == from.end() || !it->is_object()) return Bad(field, "an object of labels");
  std::vector<Label> labels;
  for (const auto& [name, value] : it->items()) {
    if (!value.is_string()) return Bad(field, "an object of labels");
    labels.push_back({name, value.get<std::string>()});
  }
  to = Labels(std::move(labels));
  return Ok{};
}

Status ReadValues(const json& from, std::map<std::string, std::vector<std::string>>& to) {
  const auto it = from.find("labels");
  if (it == from.end()) return Ok{};
  if (!it->is_object()) return Bad("labels", "an object of lists");
  for (const auto& [name, values] : it->items()) {
    QUELL_TRY(Read(*it, name.c_str(), to[name]));
  }
  return Ok{};
}

Status ReadMember(const json& from, Notification::MemberLine& to) {
  if (!from.is_object()) return Bad("members", "a list of objects");
  QUELL_TRY(Read(from, "labels", to.labels));
  QUELL_TRY(Read(from, "what", to.what));
  QUELL_TRY(Read(from, "seen", to.seen));
  QUELL_TRY(Read(from, "expected", to.expected));
  QUELL_TRY(Read(from, "odds", to.odds));
  QUELL_TRY(Read(from, "why", to.why));
  QUELL_TRY(Read(from, "onset_ms", to.onset));
  return Read(from, "starts_at_ms", to.starts_at);
}

Status ReadEnums(const json& from, Notification& to) {
  std::string action;
  std::string severity;
  QUELL_TRY(Read(from, "action", action));
  QUELL_TRY(Read(from, "severity", severity));
  bool known = false;
  for (const Action each : {Action::kTrigger, Action::kUpdate, Action::kResolve, Action::kChange,
                            Action::kDigest, Action::kAcknowledge}) {
    if (ActionName(each) == action) {
      to.action = each;
      known = true;
    }
  }
  if (!known) return Bad("action", "trigger, update, resolve, change, digest or acknowledge");
  using incidents::Severity;
  for (const Severity each :
       {Severity::kInfo, Severity::kWarning, Severity::kError, Severity::kCritical}) {
    if (incidents::SeverityName(each) == severity) {
      to.severity = each;
      return Ok{};
    }
  }
  return Bad("severity", "info, warning, error or critical");
}

}  // namespace

std::string ToJson(const Notification& notification) {
  json scope = json::object();
  for (const Label& label : notification.scope) scope[label.name] = label.value;
  json members = json::array();
  for (const Notification::MemberLine& member : notification.members) {
    members.push_back({{"labels", member.labels},
                       {"what", member.what},
                       {"seen", member.seen},
                       {"expected", member.expected},
                       {"odds", member.odds},
                       {"why", member.why},
                       {"onset_ms", member.onset},
                       {"starts_at_ms", member.starts_at}});
  }
  json out = {{"version", kVersion},
              {"action", ActionName(notification.action)},
              {"incident_key", notification.incident_key},
              {"at_ms", notification.at},
              {"onset_ms", notification.onset},
              {"severity", incidents::SeverityName(notification.severity)},
              {"summary", notification.summary},
              {"scope", std::move(scope)},
              {"source", notification.source},
              {"component", notification.component},
              {"group", notification.group},
              {"class", notification.class_},
              {"evidence", notification.evidence},
              {"explanation", notification.explanation},
              {"members", std::move(members)},
              {"members_total", notification.members_total},
              {"changes", notification.changes},
              {"link", notification.link}};
  if (!notification.values.empty()) out["labels"] = notification.values;
  if (notification.ends != 0) out["ends_ms"] = notification.ends;
  if (notification.called_lately) out["called_lately"] = true;
  if (!notification.page_key.empty()) out["page_key"] = notification.page_key;
  if (!notification.linked_because.empty()) {
    out["linked_because"] = notification.linked_because;
    out["first_page_at_ms"] = notification.first_page_at;
    if (!notification.linked_incident.empty())
      out["linked_incident"] = notification.linked_incident;
  }
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Notification> FromJson(std::string_view text) {
  const json in = json::parse(text, nullptr, false);
  if (!in.is_object()) return MakeError(ErrorCode::kCorrupt, "notification is not a JSON object");
  TimeMs version = 0;
  QUELL_TRY(Read(in, "version", version));
  if (version != kVersion) {
    return MakeError(ErrorCode::kUnsupported,
                     "notification has version " + std::to_string(version) +
                         "; this program reads version " + std::to_string(kVersion));
  }
  Notification out;
  QUELL_TRY(ReadEnums(in, out));
  QUELL_TRY(Read(in, "incident_key", out.incident_key));
  QUELL_TRY(Read(in, "at_ms", out.at));
  QUELL_TRY(Read(in, "onset_ms", out.onset));
  QUELL_TRY(Read(in, "summary", out.summary));
  QUELL_TRY(Read(in, "scope", out.scope));
  QUELL_TRY(Read(in, "source", out.source));
  QUELL_TRY(Read(in, "component", out.component));
  QUELL_TRY(Read(in, "group", out.group));
  QUELL_TRY(Read(in, "class", out.class_));
  QUELL_TRY(Read(in, "evidence", out.evidence));
  if (in.contains("explanation")) QUELL_TRY(Read(in, "explanation", out.explanation));
  if (in.contains("page_key")) QUELL_TRY(Read(in, "page_key", out.page_key));
  if (in.contains("linked_because")) {
    QUELL_TRY(Read(in, "linked_because", out.linked_because));
    QUELL_TRY(Read(in, "first_page_at_ms", out.first_page_at));
    if (in.contains("linked_incident")) {
      QUELL_TRY(Read(in, "linked_incident", out.linked_incident));
    }
  }
  QUELL_TRY(ReadValues(in, out.values));
  if (in.contains("ends_ms")) QUELL_TRY(Read(in, "ends_ms", out.ends));
  out.called_lately = in.contains("called_lately");
  QUELL_TRY(Read(in, "changes", out.changes));
  QUELL_TRY(Read(in, "link", out.link));
  TimeMs total = 0;
  QUELL_TRY(Read(in, "members_total", total));
  const auto members = in.find("members");
  if (members == in.end() || !members->is_array()) return Bad("members", "a list of objects");
  for (const json& member : *members) {
    Notification::MemberLine line;
    QUELL_TRY(ReadMember(member, line));
    out.members.push_back(std::move(line));
  }
  if (total < static_cast<TimeMs>(out.members.size())) {
    return Bad("members_total", "at least the members listed");
  }
  out.members_total = static_cast<std::uint64_t>(total);
  return out;
}

}  // namespace quell::paging
