#include "engine/pipeline/records.h"

#include <nlohmann/json.hpp>

#include "core/hash.h"

namespace quell::pipeline {
namespace {

using Json = nlohmann::ordered_json;

Json LabelsJson(const Labels& labels) {
  Json out = Json::object();
  for (const Label& label : labels) out[label.name] = label.value;
  return out;
}

Json TimeOrNull(TimeMs time) { return time == 0 ? Json(nullptr) : Json(FormatRfc3339(time)); }

Json EvidenceJson(const incidents::Evidence& evidence) {
  Json detectors = Json::array();
  for (size_t i = 0; i < detectors::kDetectors; ++i) {
    if (((evidence.agreeing >> i) & 1U) != 0) {
      detectors.push_back(detectors::DetectorName(static_cast<detectors::DetectorId>(i)));
    }
  }
  return Json{{"value", evidence.value},
              {"expected", evidence.expected},
              {"band", {evidence.band_low, evidence.band_high}},
              {"k", evidence.k},
              {"n", evidence.n},
              {"tail_probability", evidence.tail_probability},
              {"detectors", std::move(detectors)}};
}

Json AlertObject(const incidents::Alert& alert) {
  return Json{{"id", alert.id},
              {"fingerprint", Hex64(alert.fingerprint)},
              {"labels", LabelsJson(alert.labels)},
              {"signal", alert.signal},
              {"kind", detectors::SignalKindName(alert.kind)},
              {"what", alert.what},
              {"unit", alert.unit},
              {"severity", incidents::SeverityName(alert.severity)},
              {"direction", alert.sign < 0 ? "down" : "up"},
              {"onset", FormatRfc3339(alert.onset)},
              {"startsAt", FormatRfc3339(alert.starts_at)},
              {"endsAt", TimeOrNull(alert.ends_at)},
              {"evidence", EvidenceJson(alert.evidence)}};
}

Json MembersJson(const incidents::Incident& incident) {
  Json out = Json::array();
  for (const incidents::Member& member : incident.members) {
    Json object = AlertObject(member.alert);
    object["notified"] = TimeOrNull(member.notified);
    object["reason"] = incidents::PageReasonName(member.reason);
    object["why_joined"] = member.why_joined;
    out.push_back(std::move(object));
  }
  return out;
}

std::string Dump(const Json& json) {
  // Labels come from outside: bytes that are no UTF-8 are replaced, not thrown at.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string AlertJson(const incidents::Alert& alert) { return Dump(AlertObject(alert)); }

std::string IncidentJson(const incidents::Incident& incident) {
  Json changes = Json::array();
  for (const incidents::Change& change : incident.changes) {
    changes.push_back(Json{{"id", change.id},
                           {"kind", incidents::ChangeKindName(change.kind)},
                           {"start", FormatRfc3339(change.start)},
                           {"end", FormatRfc3339(change.end)},
                           {"scope", LabelsJson(change.scope)},
                           {"note", change.note}});
  }
  return Dump(Json{{"id", incident.id},
                   {"key", incident.key},
                   {"state", incidents::IncidentStateName(incident.state)},
                   {"severity", incidents::SeverityName(incident.severity)},
                   {"summary", incident.summary},
                   {"scope", LabelsJson(incident.scope)},
                   {"scope_note", incident.scope_note},
                   {"onset", FormatRfc3339(incident.onset)},
                   {"opened_at", FormatRfc3339(incident.opened_at)},
                   {"paged_at", TimeOrNull(incident.paged_at)},
                   {"resolved_at", TimeOrNull(incident.resolved_at)},
                   {"merged_into", incident.merged_into},
                   {"first_alert", incident.first_alert},
                   {"evidence", incident.evidence},
                   {"changes", std::move(changes)},
                   {"members", MembersJson(incident)}});
}

std::string AlertDecisionJson(std::string_view decision, TimeMs at, const incidents::Alert& alert) {
  return Dump(Json{{"at", FormatRfc3339(at)},
                   {"decision", decision},
                   {"alert", alert.id},
                   {"signal", alert.signal},
                   {"labels", LabelsJson(alert.labels)},
                   {"evidence", EvidenceJson(alert.evidence)}});
}

std::string IncidentDecisionJson(const incidents::IncidentEvent& event) {
  Json members = Json::array();
  for (const incidents::Member& member : event.incident.members) {
    members.push_back(Json{{"alert", member.alert.id},
                           {"reason", incidents::PageReasonName(member.reason)},
                           {"why_joined", member.why_joined}});
  }
  return Dump(Json{{"at", FormatRfc3339(event.at)},
                   {"decision", incidents::IncidentEventKindName(event.kind)},
                   {"incident", event.incident.key},
                   {"severity", incidents::SeverityName(event.incident.severity)},
                   {"summary", event.incident.summary},
                   {"merged_into", event.incident.merged_into},
                   {"members", std::move(members)}});
}

}  // namespace quell::pipeline
