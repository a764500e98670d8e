#include "engine/incidents/snapshot_fields.h"

namespace quell::incidents {
namespace {

constexpr size_t kLabelBytesMin = 8;     // two empty strings
constexpr size_t kChangeBytesMin = 33;   // id, kind, start, end, scope, note
constexpr size_t kOriginBytesMin = 32;   // where, change, its words, confidence, reasons
constexpr size_t kMemberBytesMin = 200;  // far below any written member

// An enumerator up to `last`; else 0.
template <typename E>
E GetEnum(ByteReader& in, E last) {
  const auto value = in.Get<std::uint8_t>();
  return value <= static_cast<std::uint8_t>(last) ? static_cast<E>(value) : E{};
}

}  // namespace

PageReason GetReason(ByteReader& in) { return GetEnum(in, kLastPageReason); }

namespace {

void PutEvidence(ByteWriter& out, const Evidence& e) {
  for (const double value :
       {e.value, e.expected, e.band_low, e.band_high, e.k, e.n, e.tail_probability}) {
    out.Put(value);
  }
  for (const double tail : e.tail) out.Put(tail);
  out.Put(e.agreeing);
}

Evidence GetEvidence(ByteReader& in) {
  Evidence e;
  for (double* value :
       {&e.value, &e.expected, &e.band_low, &e.band_high, &e.k, &e.n, &e.tail_probability}) {
    *value = in.Get<double>();
  }
  for (double& tail : e.tail) tail = in.Get<double>();
  e.agreeing = in.Get<std::uint8_t>();
  return e;
}

void PutExplanation(ByteWriter& out, const Explanation& e) {
  out.Put(e.as_of);
  out.Put(e.utc_offset_ms);
  for (const auto& window : e.windows) {
    out.Put(window.span_ms);
    for (const double value :
         {window.seen, window.expected, window.k, window.expected_k, window.n}) {
      out.Put(value);
    }
  }
  out.Put(e.usual);
  out.Put(e.earlier_days);
  out.Put(e.earlier_weeks);
  out.Put(e.calendar.factor);
  out.Put(e.calendar.day.rule);
  out.Put(e.calendar.day.number);
  out.Put(e.calendar.earlier);
  out.Put(e.learned_ms);
  out.Put(e.arrived);
  out.Put(e.arrived_ms);
  for (const std::uint32_t count : {e.late, e.resets, e.gaps}) out.Put(count);
  out.Put(e.troubles_ms);
  for (const detectors::Contribution& part : e.contributions) {
    out.Put(part.feature);
    out.Put(part.share);
    out.Put(part.value);
  }
}

Explanation GetExplanation(ByteReader& in) {
  Explanation e;
  e.as_of = in.Get<TimeMs>();
  e.utc_offset_ms = in.Get<DurationMs>();
  for (auto& window : e.windows) {
    window.span_ms = in.Get<DurationMs>();
    for (double* value :
         {&window.seen, &window.expected, &window.k, &window.expected_k, &window.n}) {
      *value = in.Get<double>();
    }
  }
  e.usual = in.Get<double>();
  e.earlier_days = in.Get<std::uint32_t>();
  e.earlier_weeks = in.Get<std::uint32_t>();
  e.calendar.factor = in.Get<double>();
  e.calendar.day.rule = GetEnum(in, detectors::DayRule::kAnnounced);
  e.calendar.day.number = in.Get<std::uint8_t>();
  e.calendar.earlier = in.Get<std::uint32_t>();
  e.learned_ms = in.Get<DurationMs>();
  e.arrived = in.Get<double>();
  e.arrived_ms = in.Get<DurationMs>();
  for (std::uint32_t* count : {&e.late, &e.resets, &e.gaps}) *count = in.Get<std::uint32_t>();
  e.troubles_ms = in.Get<DurationMs>();
  for (detectors::Contribution& part : e.contributions) {
    part.feature = in.Get<std::uint32_t>();
    part.share = in.Get<double>();
    part.value = in.Get<double>();
  }
  return e;
}

void PutOrigin(ByteWriter& out, const Origin& origin) {
  PutLabels(out, origin.where);
  out.PutString(origin.change);
  out.PutString(origin.named);
  out.Put(origin.confidence);
  out.Put(static_cast<std::uint64_t>(origin.reasons.size()));
  for (const OriginReason reason : origin.reasons) out.Put(reason);
}

Origin GetOrigin(ByteReader& in) {
  Origin origin;
  origin.where = GetLabels(in);
  origin.change = in.GetString();
  origin.named = in.GetString();
  origin.confidence = in.Get<double>();
  const size_t reasons = in.GetCount(1);
  for (size_t i = 0; i < reasons; ++i) origin.reasons.push_back(GetEnum(in, kLastOriginReason));
  return origin;
}

void PutReach(ByteWriter& out, const ScopeReach& reach) {
  for (const std::uint32_t count : {reach.lanes, reach.lanes_of, reach.alerts, reach.outside}) {
    out.Put(count);
  }
  out.Put(reach.effect);
  out.Put(reach.effect_outside);
}

ScopeReach GetReach(ByteReader& in) {
  ScopeReach reach;
  for (std::uint32_t* count : {&reach.lanes, &reach.lanes_of, &reach.alerts, &reach.outside}) {
    *count = in.Get<std::uint32_t>();
  }
  reach.effect = in.Get<double>();
  reach.effect_outside = in.Get<double>();
  return reach;
}

void PutMember(ByteWriter& out, const Member& member) {
  PutAlert(out, member.alert);
  out.Put(member.notified);
  out.Put(member.reason);
  out.PutString(member.why_joined);
}

Member GetMember(ByteReader& in) {
  Member member;
  member.alert = GetAlert(in);
  member.notified = in.Get<TimeMs>();
  member.reason = GetReason(in);
  member.why_joined = in.GetString();
  return member;
}

}  // namespace

void PutLabels(ByteWriter& out, const Labels& labels) {
  out.Put(static_cast<std::uint64_t>(labels.size()));
  for (const Label& label : labels) {
    out.PutString(label.name);
    out.PutString(label.value);
  }
}

Labels GetLabels(ByteReader& in) {
  const size_t count = in.GetCount(kLabelBytesMin);
  std::vector<Label> labels;
  for (size_t i = 0; i < count && in.ok(); ++i) {
    std::string name = in.GetString();
    labels.push_back(Label{std::move(name), in.GetString()});
  }
  return Labels(std::move(labels));
}

void PutChange(ByteWriter& out, const Change& change) {
  out.PutString(change.id);
  out.Put(change.kind);
  out.Put(change.start);
  out.Put(change.end);
  PutLabels(out, change.scope);
  out.PutString(change.note);
}

Change GetChange(ByteReader& in) {
  Change change;
  change.id = in.GetString();
  change.kind = GetEnum(in, ChangeKind::kOther);
  change.start = in.Get<TimeMs>();
  change.end = in.Get<TimeMs>();
  change.scope = GetLabels(in);
  change.note = in.GetString();
  return change;
}

void PutAlert(ByteWriter& out, const Alert& alert) {
  out.Put(alert.id);
  out.Put(alert.fingerprint);
  PutLabels(out, alert.labels);
  out.PutString(alert.signal);
  out.Put(alert.kind);
  out.PutString(alert.unit);
  out.PutString(alert.what);
  out.Put(alert.slot);
  out.Put(alert.severity);
  out.Put(alert.sign);
  out.Put(alert.onset);
  out.Put(alert.starts_at);
  out.Put(alert.ends_at);
  out.Put(alert.outside_hours);
  PutEvidence(out, alert.evidence);
  PutExplanation(out, alert.explanation);
  out.Put(alert.interval_ms);
  out.PutArray(alert.recent_z);
  out.PutString(alert.received.from);
  out.PutString(alert.received.note);
  out.PutString(alert.received.url);
}

Alert GetAlert(ByteReader& in) {
  Alert alert;
  alert.id = in.Get<AlertId>();
  alert.fingerprint = in.Get<std::uint64_t>();
  alert.labels = GetLabels(in);
  alert.signal = in.GetString();
  alert.kind = GetEnum(in, detectors::SignalKind::kGauge);
  alert.unit = in.GetString();
  alert.what = in.GetString();
  alert.slot = in.Get<std::uint32_t>();
  alert.severity = GetEnum(in, Severity::kCritical);
  alert.sign = in.Get<double>();
  alert.onset = in.Get<TimeMs>();
  alert.starts_at = in.Get<TimeMs>();
  alert.ends_at = in.Get<TimeMs>();
  alert.outside_hours = in.Get<std::uint8_t>() != 0;
  alert.evidence = GetEvidence(in);
  alert.explanation = GetExplanation(in);
  alert.interval_ms = in.Get<DurationMs>();
  alert.recent_z = in.GetArray<float>();
  alert.received.from = in.GetString();
  alert.received.note = in.GetString();
  alert.received.url = in.GetString();
  return alert;
}

void PutIncident(ByteWriter& out, const Incident& incident) {
  out.Put(incident.id);
  out.PutString(incident.key);
  out.Put(incident.state);
  out.Put(incident.severity);
  for (const TimeMs time :
       {incident.onset, incident.opened_at, incident.paged_at, incident.resolved_at}) {
    out.Put(time);
  }
  out.Put(incident.merged_into);
  out.PutString(incident.split_from);
  out.PutString(incident.split_into);
  out.Put(incident.split_reason);
  out.PutString(incident.summary);
  PutLabels(out, incident.scope);
  out.PutString(incident.scope_note);
  PutReach(out, incident.reach);
  out.Put(static_cast<std::uint64_t>(incident.origins.size()));
  for (const Origin& origin : incident.origins) PutOrigin(out, origin);
  out.Put(static_cast<std::uint64_t>(incident.evidence.size()));
  for (const std::string& sentence : incident.evidence) out.PutString(sentence);
  out.Put(incident.first_alert);
  out.Put(static_cast<std::uint64_t>(incident.changes.size()));
  for (const Change& change : incident.changes) PutChange(out, change);
  out.Put(static_cast<std::uint64_t>(incident.members.size()));
  for (const Member& member : incident.members) PutMember(out, member);
}

Incident GetIncident(ByteReader& in) {
  Incident incident;
  incident.id = in.Get<IncidentId>();
  incident.key = in.GetString();
  incident.state = GetEnum(in, IncidentState::kSuppressed);
  incident.severity = GetEnum(in, Severity::kCritical);
  for (TimeMs* time :
       {&incident.onset, &incident.opened_at, &incident.paged_at, &incident.resolved_at}) {
    *time = in.Get<TimeMs>();
  }
  incident.merged_into = in.Get<IncidentId>();
  incident.split_from = in.GetString();
  incident.split_into = in.GetString();
  incident.split_reason = GetEnum(in, kLastSplitReason);
  incident.summary = in.GetString();
  incident.scope = GetLabels(in);
  incident.scope_note = in.GetString();
  incident.reach = GetReach(in);
  const size_t origins = in.GetCount(kOriginBytesMin);
  for (size_t i = 0; i < origins && in.ok(); ++i) incident.origins.push_back(GetOrigin(in));
  const size_t sentences = in.GetCount(sizeof(std::uint32_t));
  for (size_t i = 0; i < sentences && in.ok(); ++i) incident.evidence.push_back(in.GetString());
  incident.first_alert = in.Get<AlertId>();
  const size_t changes = in.GetCount(kChangeBytesMin);
  for (size_t i = 0; i < changes && in.ok(); ++i) incident.changes.push_back(GetChange(in));
  const size_t members = in.GetCount(kMemberBytesMin);
  for (size_t i = 0; i < members && in.ok(); ++i) incident.members.push_back(GetMember(in));
  return incident;
}

}  // namespace quell::incidents
