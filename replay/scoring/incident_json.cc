#include <map>

#include "replay/scoring/incident_formats.h"

namespace quell::replay {
namespace {

using nlohmann::ordered_json;

Result<std::vector<Labels>> ReadAffected(const JsonCursor& incident) {
  std::vector<Labels> affected;
  if (!incident.Has("affected")) return affected;
  QUELL_ASSIGN(const JsonCursor list, incident.Member("affected"));
  QUELL_ASSIGN(const std::vector<JsonCursor> items, list.Items());
  for (const JsonCursor& item : items) {
    QUELL_ASSIGN(const JsonCursor match, item.Member("match"));
    if (!match.value().is_object()) {
      return match.Wrong(std::string("must be an object of labels, not ") +
                         match.value().type_name());
    }
    std::vector<Label> labels;
    for (const auto& [name, unused] : match.value().items()) {
      if (name.empty()) return match.Wrong("has a label without a name");
      QUELL_ASSIGN(const JsonCursor member, match.Member(name));
      QUELL_ASSIGN(std::string value, member.Text());
      labels.push_back({name, std::move(value)});
    }
    affected.emplace_back(std::move(labels));
  }
  return affected;
}

Result<LabelledIncident> ReadIncident(const JsonCursor& item) {
  LabelledIncident incident;
  QUELL_ASSIGN(const JsonCursor id, item.Member("id"));
  QUELL_ASSIGN(incident.id, id.Text());
  if (incident.id.empty()) return id.Wrong("is empty");
  QUELL_ASSIGN(const JsonCursor start, item.Member("start"));
  QUELL_ASSIGN(incident.start, start.Time());
  QUELL_ASSIGN(const JsonCursor end, item.Member("end"));
  QUELL_ASSIGN(incident.end, end.Time());
  if (incident.end < incident.start) {
    return end.Wrong(FormatRfc3339(incident.end) + " is before start " +
                     FormatRfc3339(incident.start));
  }
  QUELL_ASSIGN(incident.severity, item.OptionalText("severity"));
  QUELL_ASSIGN(incident.kind, item.OptionalText("kind"));
  QUELL_ASSIGN(incident.affected, ReadAffected(item));
  return incident;
}

}  // namespace

Result<std::vector<LabelledIncident>> ReadQuellIncidents(const JsonDocument& document) {
  QUELL_ASSIGN(const JsonCursor list, JsonCursor(document).Member("incidents"));
  QUELL_ASSIGN(const std::vector<JsonCursor> items, list.Items());
  std::vector<LabelledIncident> incidents;
  std::map<std::string, size_t> seen;
  for (size_t i = 0; i < items.size(); ++i) {
    QUELL_ASSIGN(LabelledIncident incident, ReadIncident(items[i]));
    const auto [first, fresh] = seen.emplace(incident.id, i);
    if (!fresh) {
      QUELL_ASSIGN(const JsonCursor id, items[i].Member("id"));
      return id.Wrong('"' + incident.id + "\" is already the id of incidents[" +
                      std::to_string(first->second) + ']');
    }
    incidents.push_back(std::move(incident));
  }
  SortIncidents(incidents);
  return incidents;
}

std::string IncidentsToJson(std::span<const LabelledIncident> incidents) {
  ordered_json list = ordered_json::array();
  for (const LabelledIncident& incident : incidents) {
    ordered_json item;
    item["id"] = incident.id;
    item["start"] = FormatRfc3339(incident.start);
    item["end"] = FormatRfc3339(incident.end);
    if (!incident.severity.empty()) item["severity"] = incident.severity;
    if (!incident.kind.empty()) item["kind"] = incident.kind;
    if (!incident.affected.empty()) {
      ordered_json affected = ordered_json::array();
      for (const Labels& labels : incident.affected) {
        ordered_json match = ordered_json::object();
        for (const Label& label : labels) match[label.name] = label.value;
        affected.push_back({{"match", std::move(match)}});
      }
      item["affected"] = std::move(affected);
    }
    list.push_back(std::move(item));
  }
  ordered_json root;
  root["incidents"] = std::move(list);
  return root.dump(2, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace quell::replay
