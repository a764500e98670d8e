#include "engine/pipeline/records.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/hash.h"
#include "engine/incidents/explain.h"

namespace quell::pipeline {
namespace {

using Json = nlohmann::ordered_json;

// Members of an incident that are explained there; the rest is with the alerts themselves.
constexpr size_t kExplainedMembers = 10;

Json LabelsJson(const Labels& labels) {
  Json out = Json::object();
  for (const Label& label : labels) out[label.name] = label.value;
  return out;
}

Json TimeOrNull(TimeMs time) { return time == 0 ? Json(nullptr) : Json(FormatRfc3339(time)); }

Json KeyOrNull(std::string_view key) { return key.empty() ? Json(nullptr) : Json(key); }

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

double Seconds(DurationMs span) { return static_cast<double>(span) / kSecondMs; }

Json WindowsJson(const incidents::Alert& alert) {
  static constexpr std::array<std::string_view, incidents::kExplainedWindows> kNames = {
      "point", "fast", "slow"};
  Json out = Json::array();
  for (size_t i = 0; i < kNames.size(); ++i) {
    const auto& window = alert.explanation.windows[i];
    if (window.span_ms <= 0) continue;
    out.push_back(Json{{"window", kNames[i]},
                       {"seconds", Seconds(window.span_ms)},
                       {"seen", window.seen},
                       {"expected", window.expected},
                       {"k", window.k},
                       {"expected_k", window.expected_k},
                       {"n", window.n},
                       {"tail_probability", alert.evidence.tail[i]},
                       {"agrees", (alert.evidence.agreeing >> i & 1U) != 0}});
  }
  return out;
}

// null on a day like any other.
Json CalendarJson(const incidents::Explanation& e) {
  if (e.calendar.day.rule == detectors::DayRule::kNone) return nullptr;
  return Json{{"day", incidents::DayClassWords(e.calendar.day)},
              {"factor", e.calendar.factor},
              {"earlier", e.calendar.earlier}};
}

// null where nothing of ours was measured.
Json ExplanationJson(const incidents::Alert& alert, TimeMs now) {
  const incidents::Explanation& e = alert.explanation;
  if (e.as_of == 0) return nullptr;
  Json features = Json::array();
  for (const detectors::Contribution& part : e.contributions) {
    if (part.share <= 0) break;
    features.push_back(Json{{"feature", detectors::ForestFeatureName(part.feature)},
                            {"share", part.share},
                            {"value", part.value}});
  }
  return Json{{"as_of", FormatRfc3339(e.as_of)},
              {"lasting_seconds", Seconds(incidents::LastingOf(alert, now))},
              {"windows", WindowsJson(alert)},
              {"same_hour",
               {{"local", incidents::LocalQuarterWords(alert)},
                {"usual", e.earlier_days == 0 ? Json(nullptr) : Json(e.usual)},
                {"earlier_days", e.earlier_days},
                {"earlier_weeks", e.earlier_weeks}}},
              {"calendar", CalendarJson(e)},
              {"data",
               {{"arrived", e.arrived},
                {"arrived_over_seconds", Seconds(e.arrived_ms)},
                {"late", e.late},
                {"resets", e.resets},
                {"gaps", e.gaps},
                {"troubles_over_seconds", Seconds(e.troubles_ms)}}},
              {"baseline_seconds", Seconds(e.learned_ms)},
              {"features", std::move(features)},
              {"words", incidents::ExplanationWords(alert, now)}};
}

// An alert's own time: of its latest evidence.
TimeMs TimeOf(const incidents::Alert& alert) {
  return std::max(alert.starts_at, alert.explanation.as_of);
}

Json MeasuredObject(const incidents::Alert& alert) {
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

Json AlertObject(const incidents::Alert& alert) {
  Json out = MeasuredObject(alert);
  if (!alert.received.from.empty()) {
    out["received"] = Json{{"from", alert.received.from},
                           {"summary", alert.received.note},
                           {"url", alert.received.url}};
  }
  return out;
}

Json MembersJson(const incidents::Incident& incident) {
  Json out = Json::array();
  for (const incidents::Member& member : incident.members) {
    Json object = AlertObject(member.alert);
    if (out.size() < kExplainedMembers) {
      object["explanation"] = ExplanationJson(member.alert, TimeOf(member.alert));
    }
    object["notified"] = TimeOrNull(member.notified);
    object["reason"] = incidents::PageReasonName(member.reason);
    object["why_joined"] = member.why_joined;
    out.push_back(std::move(object));
  }
  return out;
}

Json OriginsJson(const incidents::Incident& incident) {
  Json likely = Json::array();
  for (const incidents::Origin& origin : incident.origins) {
    Json reasons = Json::array();
    for (const auto reason : origin.reasons) reasons.push_back(incidents::OriginReasonName(reason));
    likely.push_back(Json{{"where", LabelsJson(origin.where)},
                          {"change", origin.change.empty() ? Json(nullptr) : Json(origin.change)},
                          {"confidence", origin.confidence},
                          {"reasons", std::move(reasons)},
                          {"words", incidents::OriginWords(origin)}});
  }
  return Json{{"clear", incidents::IsClear(incident.origins)}, {"likely", std::move(likely)}};
}

Json ReachJson(const incidents::ScopeReach& reach) {
  return Json{{"lanes", reach.lanes},     {"lanes_of", reach.lanes_of},
              {"alerts", reach.alerts},   {"effect", reach.effect},
              {"outside", reach.outside}, {"effect_outside", reach.effect_outside}};
}

std::string Dump(const Json& json) {
  // Labels come from outside: bytes that are no UTF-8 are replaced, not thrown at.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string AlertJson(const incidents::Alert& alert) {
  Json out = AlertObject(alert);
  out["explanation"] = ExplanationJson(alert, TimeOf(alert));
  return Dump(out);
}

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
                   {"scope_reach", ReachJson(incident.reach)},
                   {"origin", OriginsJson(incident)},
                   {"onset", FormatRfc3339(incident.onset)},
                   {"opened_at", FormatRfc3339(incident.opened_at)},
                   {"paged_at", TimeOrNull(incident.paged_at)},
                   {"resolved_at", TimeOrNull(incident.resolved_at)},
                   {"merged_into", incident.merged_into},
                   {"split_from", KeyOrNull(incident.split_from)},
                   {"split_into", KeyOrNull(incident.split_into)},
                   {"split_reason", KeyOrNull(incidents::SplitReasonName(incident.split_reason))},
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
                   {"evidence", EvidenceJson(alert.evidence)},
                   {"explanation", ExplanationJson(alert, at)}});
}

std::string FlapDecisionJson(const incidents::FlapNews& news) {
  return Dump(Json{{"at", FormatRfc3339(news.at)},
                   {"decision", news.began ? "flapping_began" : "flapping_ended"},
                   {"labels", LabelsJson(news.labels)},
                   {"share_of_state_changes", news.share},
                   {"muted_until", TimeOrNull(news.muted_until)}});
}

std::string IncidentDecisionJson(const incidents::IncidentEvent& event) {
  Json members = Json::array();
  for (const incidents::Member& member : event.incident.members) {
    members.push_back(Json{{"alert", member.alert.id},
                           {"reason", incidents::PageReasonName(member.reason)},
                           {"why_joined", member.why_joined}});
  }
  Json out = {{"at", FormatRfc3339(event.at)},
              {"decision", incidents::IncidentEventKindName(event.kind)},
              {"incident", event.incident.key},
              {"severity", incidents::SeverityName(event.incident.severity)},
              {"summary", event.incident.summary},
              {"merged_into", event.incident.merged_into},
              {"members", std::move(members)}};
  if (event.kind == incidents::IncidentEventKind::kSplit) {
    out["split_into"] = event.incident.split_into;
    out["reason"] = incidents::SplitReasonName(event.incident.split_reason);
  }
  return Dump(out);
}

}  // namespace quell::pipeline
