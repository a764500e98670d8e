#include "engine/postmortem/recorded.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "engine/paging/page_book.h"

namespace quell::postmortem {
namespace {

using detectors::SignalKind;
using incidents::Alert;
using incidents::Severity;

SignalKind KindOf(std::string_view name) {
  for (size_t i = 0; i < detectors::kSignalKinds; ++i) {
    const auto kind = static_cast<SignalKind>(i);
    if (detectors::SignalKindName(kind) == name) return kind;
  }
  return SignalKind::kGauge;
}

Severity SeverityOf(std::string_view name) {
  for (const Severity severity : {Severity::kInfo, Severity::kWarning, Severity::kCritical}) {
    if (incidents::SeverityName(severity) == name) return severity;
  }
  return Severity::kError;
}

RecordedAlert AlertOf(const Json& json) {
  RecordedAlert out;
  Alert& alert = out.alert;
  alert.id = static_cast<incidents::AlertId>(std::max(0.0, NumberOf(json, "id")));
  alert.labels = LabelsOf(json, "labels");
  alert.fingerprint = alert.labels.Fingerprint();
  alert.signal = TextOf(json, "signal");
  alert.kind = KindOf(TextOf(json, "kind"));
  alert.unit = TextOf(json, "unit");
  alert.what = TextOf(json, "what");
  alert.severity = SeverityOf(TextOf(json, "severity"));
  alert.sign = TextOf(json, "direction") == "down" ? -1 : 1;
  alert.onset = TimeOf(json, "onset");
  alert.starts_at = TimeOf(json, "startsAt");
  alert.ends_at = TimeOf(json, "endsAt");
  const Json& evidence = Member(json, "evidence");
  alert.evidence.value = NumberOf(evidence, "value");
  alert.evidence.expected = NumberOf(evidence, "expected");
  alert.evidence.k = NumberOf(evidence, "k");
  alert.evidence.n = NumberOf(evidence, "n");
  alert.evidence.tail_probability = NumberOf(evidence, "tail_probability");
  const Json& received = Member(json, "received");
  alert.received = {TextOf(received, "from"), TextOf(received, "summary"), TextOf(received, "url")};
  const Json& explanation = Member(json, "explanation");
  out.windows = RowsOf(explanation, "windows");
  for (const Json& sentence : RowsOf(explanation, "words")) {
    if (sentence.is_string()) out.words.push_back(sentence.get<std::string>());
  }
  out.reason = TextOf(json, "reason");
  out.why_joined = TextOf(json, "why_joined");
  return out;
}

// An alert's own row is newer than what the incident has of it, but knows not why it joined.
Status ReadAlerts(store::Store& store, const std::string& key, Recorded& out) {
  std::map<incidents::AlertId, RecordedAlert> alerts;
  for (const Json& member : RowsOf(out.incident, "members")) {
    RecordedAlert one = AlertOf(member);
    alerts.emplace(one.alert.id, std::move(one));
  }
  QUELL_ASSIGN(auto rows, store.AlertsWhere({{}, key, 0}, kAlertsMax + 1));
  out.more_alerts = rows.size() > kAlertsMax;
  if (out.more_alerts) rows.resize(kAlertsMax);
  for (const auto& row : rows) {
    RecordedAlert one = AlertOf(Json::parse(row.body, nullptr, false));
    RecordedAlert& kept = alerts[one.alert.id];
    one.why_joined = std::move(kept.why_joined);
    one.reason = row.reason.empty() ? std::move(kept.reason) : row.reason;
    if (one.words.empty()) one.words = std::move(kept.words);
    if (one.windows.empty()) one.windows = std::move(kept.windows);
    kept = std::move(one);
  }
  for (auto& [id, alert] : alerts) out.alerts.push_back(std::move(alert));
  return Ok{};
}

// Further pages have keys of their own.
Status ReadPages(store::Store& store, const std::string& key, Recorded& out) {
  for (std::uint32_t page = 1; page <= paging::kPagesMaxCritical; ++page) {
    const std::string page_key = page == 1 ? key : paging::PageKey(key, page);
    QUELL_ASSIGN(auto rows, store.OutboxOf(page_key));
    if (rows.empty()) continue;
    QUELL_ASSIGN(auto deliveries, store.DeliveriesOf(page_key));
    std::move(rows.begin(), rows.end(), std::back_inserter(out.outbox));
    std::move(deliveries.begin(), deliveries.end(), std::back_inserter(out.deliveries));
  }
  return Ok{};
}

}  // namespace

Result<Recorded> ReadRecorded(store::Store& store, const std::string& key) {
  Recorded out;
  QUELL_ASSIGN(const auto row, store.Incident(key));
  if (!row) return MakeError(ErrorCode::kNotFound, "no incident " + key);
  out.incident = Json::parse(row->body, nullptr, false);
  QUELL_ASSIGN(const auto people, store.People(key));
  if (people) out.people = Json::parse(people->body, nullptr, false);
  QUELL_TRY(ReadAlerts(store, key, out));
  QUELL_TRY(ReadPages(store, key, out));
  QUELL_ASSIGN(const auto feedback, store.Feedback(kActionsMax));
  for (const auto& one : feedback) {
    if (one.id == key) out.feedback.push_back(Json::parse(one.body, nullptr, false));
  }
  std::reverse(out.feedback.begin(), out.feedback.end());
  store::AuditQuery query;
  query.kind = "action";
  query.key = key;
  QUELL_ASSIGN(out.actions, store.AuditRows(query, kActionsMax));
  std::reverse(out.actions.begin(), out.actions.end());
  return out;
}

const Json& Member(const Json& json, std::string_view name) {
  static const Json kNull;
  if (!json.is_object()) return kNull;
  const auto at = json.find(name);
  return at == json.end() ? kNull : *at;
}

const Json& RowsOf(const Json& json, std::string_view name) {
  static const Json kNone = Json::array();
  const Json& value = Member(json, name);
  return value.is_array() ? value : kNone;
}

std::string TextOf(const Json& json, std::string_view name) {
  const Json& value = Member(json, name);
  return value.is_string() ? value.get<std::string>() : "";
}

double NumberOf(const Json& json, std::string_view name) {
  const Json& value = Member(json, name);
  return value.is_number() ? value.get<double>() : 0;
}

TimeMs TimeOf(const Json& json, std::string_view name) {
  const auto time = ParseTime(TextOf(json, name));
  return time.ok() ? *time : 0;
}

Labels LabelsOf(const Json& json, std::string_view name) {
  std::vector<Label> labels;
  const Json& object = Member(json, name);
  if (!object.is_object()) return {};
  for (const auto& [label, value] : object.items()) {
    if (value.is_string()) labels.push_back({label, value.get<std::string>()});
  }
  return Labels(std::move(labels));
}

}  // namespace quell::postmortem
