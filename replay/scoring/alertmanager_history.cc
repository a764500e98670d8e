#include <algorithm>
#include <map>
#include <tuple>

#include "replay/scoring/incident_formats.h"

namespace quell::replay {
namespace {

constexpr DurationMs kGroupIntervalMs = 5 * kMinuteMs;
constexpr std::string_view kNotYet = "0001-01-01";  // Go's zero time

struct Firing {
  Labels labels;
  TimeMs start = 0;
  TimeMs end = 0;  // 0 = not known
};
// Firings by group; the same alert stands in many payloads. Bare alerts are groups of their own.
using Groups = std::map<std::string, std::map<std::pair<TimeMs, Labels>, Firing>>;

Result<Labels> ReadLabels(const JsonCursor& alert) {
  QUELL_ASSIGN(const JsonCursor at, alert.Member("labels"));
  if (!at.value().is_object()) return at.Wrong("must be an object");
  std::vector<Label> labels;
  for (const auto& [name, value] : at.value().items()) {
    if (!value.is_string()) return at.Wrong("has a value that is no text: " + name);
    labels.push_back({name, value.get<std::string>()});
  }
  return Labels(std::move(labels));
}

Result<TimeMs> ReadEnd(const JsonCursor& alert) {
  if (!alert.Has("endsAt")) return TimeMs{0};
  QUELL_ASSIGN(const JsonCursor at, alert.Member("endsAt"));
  QUELL_ASSIGN(const std::string text, at.Text());
  if (text.starts_with(kNotYet)) return TimeMs{0};
  return at.Time();
}

// `group` = "" for alerts that stand alone.
Status ReadAlert(const JsonCursor& alert, const std::string& group, Groups& groups) {
  Firing firing;
  QUELL_ASSIGN(firing.labels, ReadLabels(alert));
  if (firing.labels.Get("severity") == "none") return Ok{};
  QUELL_ASSIGN(const JsonCursor start, alert.Member("startsAt"));
  QUELL_ASSIGN(firing.start, start.Time());
  QUELL_ASSIGN(firing.end, ReadEnd(alert));
  if (firing.end != 0 && firing.end < firing.start) {
    return alert.Wrong("endsAt " + FormatRfc3339(firing.end) + " is before startsAt " +
                       FormatRfc3339(firing.start));
  }
  const std::string home =
      group.empty() ? firing.labels.ToString() + std::to_string(firing.start) : group;
  Firing& known = groups[home][{firing.start, firing.labels}];
  const TimeMs end = std::max(known.end, firing.end);
  known = std::move(firing);
  known.end = end;
  return Ok{};
}

// What makes two payloads, or two answers of /alerts/groups, speak of the same group.
std::string GroupName(const nlohmann::json& item) {
  const auto text = [&](const char* name) {
    const auto found = item.find(name);
    return found == item.end() ? std::string() : found->dump();
  };
  return "group " + text("groupKey") + text("receiver") + text("labels") + text("groupLabels");
}

Status ReadItem(const JsonCursor& item, Groups& groups) {
  if (!item.Has("alerts")) return ReadAlert(item, "", groups);
  const std::string name = GroupName(item.value());
  QUELL_ASSIGN(const JsonCursor list, item.Member("alerts"));
  QUELL_ASSIGN(const std::vector<JsonCursor> alerts, list.Items());
  for (const JsonCursor& alert : alerts) QUELL_TRY(ReadAlert(alert, name, groups));
  return Ok{};
}

LabelledIncident Begin(const Firing& firing) {
  LabelledIncident incident;
  incident.start = firing.start;
  incident.end = firing.end;
  incident.severity = firing.labels.Get("severity");
  incident.kind = firing.labels.Get("alertname");
  incident.id =
      (incident.kind.empty() ? "alert" : incident.kind) + ' ' + FormatRfc3339(incident.start);
  return incident;
}

void Affect(const Labels& labels, LabelledIncident& incident) {
  Labels kept;
  for (const Label& label : labels) AddHistoryLabel(label.name, label.value, kept);
  auto& affected = incident.affected;
  if (std::find(affected.begin(), affected.end(), kept) == affected.end()) {
    affected.push_back(std::move(kept));
  }
}

// "PspDown 2026-08-22T10:00:00.000Z #2": alerts of one name that began together. In the order of
// what they are about, so that another order of the file gives no other numbers.
void NumberSameIds(std::vector<LabelledIncident>& incidents) {
  std::sort(incidents.begin(), incidents.end(),
            [](const LabelledIncident& a, const LabelledIncident& b) {
              return std::tie(a.start, a.id, a.affected, a.end, a.severity) <
                     std::tie(b.start, b.id, b.affected, b.end, b.severity);
            });
  std::map<std::string, int> seen;
  for (LabelledIncident& incident : incidents) {
    const int count = ++seen[incident.id];
    if (count > 1) incident.id += " #" + std::to_string(count);
  }
}

}  // namespace

bool LooksLikeAlertmanager(const JsonDocument& document) {
  const nlohmann::json& root = document.root();
  const nlohmann::json& item = root.is_array() && !root.empty() ? root[0] : root;
  return item.is_object() && !item.contains("incidents") &&
         (item.contains("alerts") || (item.contains("startsAt") && item.contains("labels")));
}

Result<std::vector<LabelledIncident>> ReadAlertmanagerHistory(const JsonDocument& document) {
  const JsonCursor root(document);
  Groups groups;
  if (document.root().is_array()) {
    QUELL_ASSIGN(const std::vector<JsonCursor> items, root.Items());
    for (const JsonCursor& item : items) QUELL_TRY(ReadItem(item, groups));
  } else {
    QUELL_TRY(ReadItem(root, groups));
  }
  TimeMs latest = 0;
  for (const auto& [name, firings] : groups) {
    for (const auto& [key, firing] : firings) {
      latest = std::max({latest, firing.start, firing.end});
    }
  }
  std::vector<LabelledIncident> incidents;
  for (const auto& [name, firings] : groups) {
    bool open = false;  // the last one, for this group's next firing
    for (const auto& [key, one] : firings) {
      Firing firing = one;
      if (firing.end == 0) firing.end = latest;
      if (!open || firing.start > incidents.back().end + kGroupIntervalMs) {
        incidents.push_back(Begin(firing));
      }
      open = true;
      incidents.back().end = std::max(incidents.back().end, firing.end);
      Affect(firing.labels, incidents.back());
    }
  }
  // An alert without any telling label is about everything, and so is an incident that has one.
  for (LabelledIncident& incident : incidents) {
    std::sort(incident.affected.begin(), incident.affected.end());
    if (!incident.affected.empty() && incident.affected[0].empty()) incident.affected.clear();
  }
  NumberSameIds(incidents);
  SortIncidents(incidents);
  return incidents;
}

}  // namespace quell::replay
