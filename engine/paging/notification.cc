#include "engine/paging/notification.h"

#include <algorithm>
#include <cmath>

#include "core/hash.h"
#include "engine/incidents/explain.h"
#include "engine/paging/text.h"

namespace quell::paging {
namespace {

using detectors::SignalKind;
using incidents::Alert;
using incidents::Change;
using incidents::Incident;
using incidents::Member;

// PD-CEF's "class": what kind of trouble, in one word.
std::string_view ClassWord(SignalKind kind) {
  switch (kind) {
    case SignalKind::kRatio:
      return "ratio";
    case SignalKind::kQuantile:
      return "latency";
    case SignalKind::kRate:
      return "volume";
    case SignalKind::kGauge:
      return "gauge";
  }
  return "gauge";
}

std::string LabelWords(const Labels& labels) {
  std::string words;
  for (const Label& label : labels) {
    if (label.name == "alertname" || label.name == kMetricName) continue;
    if (!words.empty()) words += ", ";
    words += label.name + "=" + label.value;
  }
  return words;
}

std::string SeenText(const Alert& alert) {
  const incidents::Evidence& evidence = alert.evidence;
  std::string text = ValueText(evidence.value, alert.unit);
  const bool counted = alert.kind == SignalKind::kRatio || alert.kind == SignalKind::kQuantile;
  if (counted && evidence.n > 0) {
    text += " (" + NumberText(std::round(evidence.k)) + " of " +
            NumberText(std::round(evidence.n)) + (alert.unit == "ratio" ? ")" : " slow)");
  }
  return text;
}

Notification::MemberLine LineOf(const Member& member) {
  const Alert& alert = member.alert;
  Notification::MemberLine line;
  line.labels = LabelWords(alert.labels);
  line.what = alert.what;
  if (line.what.empty()) line.what = alert.labels.Get("alertname");
  if (line.what.empty()) line.what = alert.signal;
  line.why = member.why_joined;
  line.onset = alert.onset;
  line.starts_at = alert.starts_at;
  if (alert.slot == incidents::kNoSlot) {  // somebody else's alert: nothing of ours was measured
    line.seen = "firing";
    return line;
  }
  const incidents::Evidence& evidence = alert.evidence;
  line.seen = SeenText(alert);
  line.expected =
      ExpectedText(evidence.expected, evidence.band_low, evidence.band_high, alert.unit);
  line.odds = OddsText(evidence.tail_probability);
  return line;
}

std::string ChangeText(const Change& change, TimeMs onset) {
  std::string text(incidents::ChangeKindName(change.kind));
  const std::string_view service = change.scope.Get("service");
  const std::string scope = service.empty() ? LabelWords(change.scope) : std::string(service);
  if (!scope.empty()) text += " " + scope;
  const std::string day = DayText(change.start);
  text += " ";
  if (day != DayText(onset)) text += day + " ";
  if (change.end > change.start) {
    text += MinuteText(change.start).substr(0, 5) + " - ";
    if (DayText(change.end) != day) text += DayText(change.end) + " ";
    text += MinuteText(change.end);
  } else {
    text += MinuteText(change.start);
  }
  if (!change.note.empty()) text += ": " + change.note;
  return text;
}

// Most telling first: severity, then odds, then who fired first.
std::vector<const Member*> Ranked(const Incident& incident) {
  std::vector<const Member*> members;
  members.reserve(incident.members.size());
  for (const Member& member : incident.members) members.push_back(&member);
  std::sort(members.begin(), members.end(), [](const Member* a, const Member* b) {
    if (a->alert.severity != b->alert.severity) return a->alert.severity > b->alert.severity;
    const double odds_a = a->alert.evidence.tail_probability;
    const double odds_b = b->alert.evidence.tail_probability;
    if (odds_a != odds_b) return odds_a < odds_b;
    return a->alert.id < b->alert.id;
  });
  return members;
}

std::string FirstOf(const Labels& labels, std::string_view one, std::string_view other) {
  const std::string_view value = labels.Get(one);
  return std::string(value.empty() ? labels.Get(other) : value);
}

// What the incident's members say beyond its scope, in the order of the members.
std::map<std::string, std::vector<std::string>> ValuesOf(const Incident& incident) {
  std::map<std::string, std::vector<std::string>> out;
  for (const Member& member : incident.members) {
    for (const Label& label : member.alert.labels) {
      if (incident.scope.Get(label.name) == label.value) continue;
      const auto at = out.find(label.name);
      if (at == out.end() && out.size() >= kLabelsMax) continue;
      std::vector<std::string>& values = out[label.name];
      const bool known = std::find(values.begin(), values.end(), label.value) != values.end();
      if (!known && values.size() < kValuesMax) values.push_back(label.value);
    }
  }
  return out;
}

std::string LinkTo(std::string_view external_url, const std::string& key) {
  if (external_url.empty()) return {};
  while (!external_url.empty() && external_url.back() == '/') external_url.remove_suffix(1);
  return std::string(external_url) + "/incidents/" + key;
}

}  // namespace

std::string_view ActionName(Action action) {
  switch (action) {
    case Action::kTrigger:
      return "trigger";
    case Action::kUpdate:
      return "update";
    case Action::kResolve:
      return "resolve";
    case Action::kDigest:
      return "digest";
    case Action::kChange:
      return "change";
    case Action::kAcknowledge:
      return "acknowledge";
  }
  return "trigger";
}

store::Urgency UrgencyOf(const Notification& notification) {
  switch (notification.action) {
    case Action::kTrigger:
      break;
    case Action::kUpdate:
    case Action::kDigest:
      return store::Urgency::kUpdate;
    case Action::kResolve:
      return store::Urgency::kResolve;
    case Action::kAcknowledge:
      return store::Urgency::kAcknowledge;
    case Action::kChange:
      return store::Urgency::kChange;
  }
  return notification.severity == incidents::Severity::kCritical ? store::Urgency::kCriticalTrigger
                                                                 : store::Urgency::kTrigger;
}

Notification MakeNotification(Action action, const incidents::IncidentEvent& event,
                              std::string_view external_url) {
  const Incident& incident = event.incident;
  Notification out;
  out.action = action;
  out.incident_key = incident.key;
  out.at = event.at;
  out.onset = incident.onset;
  out.severity = incident.severity;
  out.summary = incident.summary;
  out.scope = incident.scope;
  out.component = incident.scope.Get("service");
  out.group = FirstOf(incident.scope, "region", "psp");
  out.source = FirstOf(incident.scope, "service", "psp");
  if (out.source.empty()) out.source = "quell";
  out.evidence = incident.evidence;
  if (!incident.scope_note.empty()) out.evidence.push_back(incident.scope_note);
  const std::vector<const Member*> ranked = Ranked(incident);
  if (!ranked.empty()) out.class_ = ClassWord(ranked.front()->alert.kind);
  for (size_t i = 0; i < std::min(ranked.size(), kMembersMax); ++i) {
    out.members.push_back(LineOf(*ranked[i]));
  }
  out.members_total = ranked.size();
  if (const Alert* leading = incidents::LeadingAlert(incident)) {
    out.explanation = incidents::ExplanationWords(*leading, event.at);
  }
  for (const Change& change : incident.changes) {
    out.changes.push_back(ChangeText(change, incident.onset));
  }
  out.link = LinkTo(external_url, incident.key);
  if (action != Action::kResolve && action != Action::kAcknowledge) out.values = ValuesOf(incident);
  return out;
}

Notification ChangeNotification(const Change& change, TimeMs at) {
  Hasher identity;
  for (const std::string& part :
       {change.id, std::string(incidents::ChangeKindName(change.kind)), change.scope.ToString(),
        std::to_string(change.start), std::to_string(change.end), change.note}) {
    identity.Add(part);
  }
  Notification out;
  out.action = Action::kChange;
  out.incident_key = "change/" + Hex64(identity.Finish());
  out.at = at;
  out.onset = change.start;
  out.ends = change.end;
  out.severity = incidents::Severity::kInfo;
  out.summary = ChangeText(change, change.start);
  out.scope = change.scope;
  out.source = FirstOf(change.scope, "service", "psp");
  if (out.source.empty()) out.source = "quell";
  out.class_ = incidents::ChangeKindName(change.kind);
  return out;
}

std::string LinkedText(const Notification& notification) {
  if (notification.linked_because.empty()) return {};
  return "linked to the page of " + ClockText(notification.first_page_at) + ": " +
         notification.linked_because;
}

std::string MemberText(const Notification::MemberLine& member) {
  std::string text = member.labels.empty() ? "" : member.labels + ": ";
  text += member.what + " " + member.seen;
  if (!member.expected.empty()) text += ", expected " + member.expected;
  if (!member.odds.empty()) text += ", odds " + member.odds;
  text += ", since " + ClockText(member.onset);
  if (!member.why.empty()) text += "; " + member.why;
  return text;
}

}  // namespace quell::paging
