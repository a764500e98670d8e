#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "replay/scoring/incident_formats.h"

namespace quell::replay {
namespace {

constexpr std::string_view kMerged = "merge_resolve_reason";

struct Exported {
  LabelledIncident incident;
  std::string merged_into;  // "" = stands alone
};

// Alertmanager's text: "Labels:\n - psp = acme\n...Annotations:\n...", the first alert of it.
void AddAlertmanagerText(std::string_view text, Labels& labels) {
  const size_t until = text.find("Annotations:");
  text = text.substr(0, until);
  while (!text.empty()) {
    const size_t newline = text.find('\n');
    const std::string_view line = text.substr(0, newline);
    const size_t equals = line.find(" = ");
    if (line.starts_with(" - ") && equals != std::string_view::npos && equals > 3) {
      AddHistoryLabel(line.substr(3, equals - 3), line.substr(equals + 3), labels);
    }
    if (newline == std::string_view::npos) break;
    text.remove_prefix(newline + 1);
  }
}

void AddDetails(const nlohmann::json& details, Labels& labels) {
  if (!details.is_object()) return;
  for (const auto& [name, value] : details.items()) {
    if (!value.is_string()) continue;
    const auto& text = value.get_ref<const std::string&>();
    if (name == "firing") {
      AddAlertmanagerText(text, labels);
    } else {
      AddHistoryLabel(name, text, labels);
    }
  }
}

// The value at body.details and its kin, wherever an export keeps it; null where it does not.
Labels AlertLabels(const nlohmann::json& alert) {
  static const std::array<nlohmann::json::json_pointer, 5> kPlaces = {
      nlohmann::json::json_pointer("/body/details"),
      nlohmann::json::json_pointer("/body/custom_details"),
      nlohmann::json::json_pointer("/body/details/custom_details"),
      nlohmann::json::json_pointer("/body/cef_details/details"),
      nlohmann::json::json_pointer("/custom_details")};
  Labels labels;
  for (const auto& place : kPlaces) {
    if (alert.contains(place)) AddDetails(alert.at(place), labels);
  }
  return labels;
}

Result<std::vector<Labels>> ReadAffected(const JsonCursor& item) {
  std::set<Labels> affected;
  if (item.Has("service")) {
    QUELL_ASSIGN(const JsonCursor service, item.Member("service"));
    QUELL_ASSIGN(const std::string summary, service.OptionalText("summary"));
    if (!summary.empty()) affected.insert(Labels{{"service", summary}});
  }
  if (item.Has("alerts")) {
    QUELL_ASSIGN(const JsonCursor list, item.Member("alerts"));
    QUELL_ASSIGN(const std::vector<JsonCursor> alerts, list.Items());
    for (const JsonCursor& alert : alerts) {
      Labels labels = AlertLabels(alert.value());
      if (!labels.empty()) affected.insert(std::move(labels));
    }
  }
  return std::vector<Labels>(affected.begin(), affected.end());
}

Result<std::string> ReadSeverity(const JsonCursor& item) {
  if (item.Has("priority")) {
    QUELL_ASSIGN(const JsonCursor priority, item.Member("priority"));
    QUELL_ASSIGN(std::string name, priority.OptionalText("summary"));
    if (name.empty()) {
      QUELL_ASSIGN(name, priority.OptionalText("name"));
    }
    if (!name.empty()) return name;
  }
  return item.OptionalText("urgency");
}

Result<std::string> ReadMergedInto(const JsonCursor& item) {
  if (!item.Has("resolve_reason")) return std::string();
  QUELL_ASSIGN(const JsonCursor reason, item.Member("resolve_reason"));
  if (!reason.value().is_object()) return std::string();
  QUELL_ASSIGN(const std::string type, reason.OptionalText("type"));
  if (type != kMerged) return std::string();
  QUELL_ASSIGN(const JsonCursor target, reason.Member("incident"));
  QUELL_ASSIGN(const JsonCursor id, target.Member("id"));
  return id.Text();
}

Result<Exported> ReadExported(const JsonCursor& item) {
  Exported out;
  QUELL_ASSIGN(const JsonCursor id, item.Member("id"));
  QUELL_ASSIGN(out.incident.id, id.Text());
  QUELL_ASSIGN(const JsonCursor created, item.Member("created_at"));
  QUELL_ASSIGN(out.incident.start, created.Time());
  const bool resolved = item.Has("resolved_at");
  if (!resolved && !item.Has("last_status_change_at")) {
    return item.Wrong("has neither resolved_at nor last_status_change_at");
  }
  QUELL_ASSIGN(const JsonCursor end,
               item.Member(resolved ? "resolved_at" : "last_status_change_at"));
  QUELL_ASSIGN(out.incident.end, end.Time());
  if (out.incident.end < out.incident.start) {
    return end.Wrong(FormatRfc3339(out.incident.end) + " is before created_at " +
                     FormatRfc3339(out.incident.start));
  }
  QUELL_ASSIGN(out.incident.severity, ReadSeverity(item));
  QUELL_ASSIGN(out.incident.affected, ReadAffected(item));
  QUELL_ASSIGN(out.merged_into, ReadMergedInto(item));
  return out;
}

// The incident at the end of the chain of merges. A ring of merges ends at its smallest id.
std::string Root(const std::map<std::string, Exported>& exported, const std::string& id) {
  std::set<std::string> seen;
  std::string at = id;
  while (seen.insert(at).second) {
    const auto found = exported.find(at);
    if (found == exported.end() || found->second.merged_into.empty()) return at;
    at = found->second.merged_into;
  }
  std::string smallest = at;
  for (std::string next = exported.at(at).merged_into; next != at;
       next = exported.at(next).merged_into) {
    smallest = std::min(smallest, next);
  }
  return smallest;
}

void Fold(const LabelledIncident& from, LabelledIncident& into) {
  into.start = std::min(into.start, from.start);
  into.end = std::max(into.end, from.end);
  if (into.severity.empty()) into.severity = from.severity;
  std::set<Labels> all(into.affected.begin(), into.affected.end());
  all.insert(from.affected.begin(), from.affected.end());
  // One of them known to affect everything makes the whole do so.
  const bool everything = into.affected.empty() || from.affected.empty();
  into.affected.assign(all.begin(), all.end());
  if (everything) into.affected.clear();
}

}  // namespace

bool LooksLikePagerDuty(const JsonDocument& document) {
  const nlohmann::json& root = document.root();
  if (!root.is_object() || !root.contains("incidents")) return false;
  const nlohmann::json& list = root["incidents"];
  if (!list.is_array() || list.empty() || !list[0].is_object()) return false;
  return list[0].contains("created_at") && !list[0].contains("start");
}

Result<std::vector<LabelledIncident>> ReadPagerDutyIncidents(const JsonDocument& document) {
  QUELL_ASSIGN(const JsonCursor list, JsonCursor(document).Member("incidents"));
  QUELL_ASSIGN(const std::vector<JsonCursor> items, list.Items());
  std::map<std::string, Exported> exported;
  for (const JsonCursor& item : items) {
    QUELL_ASSIGN(Exported one, ReadExported(item));
    std::string id = one.incident.id;
    if (!exported.emplace(id, std::move(one)).second) {
      QUELL_ASSIGN(const JsonCursor place, item.Member("id"));
      return place.Wrong('"' + id + "\" stands twice");
    }
  }
  std::map<std::string, LabelledIncident> merged;
  for (const auto& [id, one] : exported) {
    const std::string root = Root(exported, id);
    const auto found = exported.find(root);
    LabelledIncident base = found == exported.end() ? one.incident : found->second.incident;
    base.id = root;
    const auto at = merged.emplace(root, std::move(base)).first;
    Fold(one.incident, at->second);
  }
  std::vector<LabelledIncident> incidents;
  incidents.reserve(merged.size());
  for (auto& [id, incident] : merged) incidents.push_back(std::move(incident));
  SortIncidents(incidents);
  return incidents;
}

}  // namespace quell::replay
