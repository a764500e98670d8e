#include "engine/incidents/describe.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "engine/incidents/origins.h"
#include "engine/incidents/scope.h"
#include "engine/incidents/wording.h"

namespace quell::incidents {
namespace {

constexpr size_t kSummaryMax = 1024;
constexpr size_t kWideLanes = 3;
constexpr double kTotalRatio = 0.5;
constexpr double kTotalSupport = 20;
constexpr double kTotalVolume = 0.1;
constexpr size_t kMembersNamed = 5;
constexpr size_t kKindsNamed = 3;
constexpr size_t kJoinsNamed = 3;
constexpr size_t kChangesNamed = 5;

bool TotalOutage(const Alert& alert) {
  const Evidence& e = alert.evidence;
  if (alert.kind == detectors::SignalKind::kRatio) {
    return alert.sign > 0 && e.value > kTotalRatio && e.n >= kTotalSupport;
  }
  return alert.kind == detectors::SignalKind::kRate && alert.sign < 0 && e.expected > 0 &&
         e.value < kTotalVolume * e.expected;
}

// What tells most comes first: improbable, then far from expected; the number breaks ties.
bool TellsMore(const Alert& a, const Alert& b) {
  const auto distance = [](const Alert& alert) {
    const Evidence& e = alert.evidence;
    return std::abs(e.value - e.expected) / std::max(std::abs(e.expected), 1e-9);
  };
  if (a.evidence.tail_probability != b.evidence.tail_probability) {
    return a.evidence.tail_probability < b.evidence.tail_probability;
  }
  if (distance(a) != distance(b)) return distance(a) > distance(b);
  return a.id < b.id;
}

// "failure ratio 38 % (expected 1.4 %), volume -62 %": the worst of each kind of signal.
std::string WorstWords(const std::vector<const Alert*>& telling) {
  struct Worst {
    const Alert* alert = nullptr;
    std::set<Labels> lanes;
  };
  std::map<std::pair<detectors::SignalKind, std::string>, Worst> kinds;
  for (const Alert* alert : telling) {
    Worst& worst = kinds[{alert->kind, alert->what.empty() ? alert->signal : alert->what}];
    if (worst.alert == nullptr) worst.alert = alert;
    worst.lanes.insert(LaneLabels(alert->labels));
  }
  std::vector<std::string> parts;
  for (const auto& [kind, worst] : kinds) {
    if (parts.size() == kKindsNamed) break;
    const bool several = worst.lanes.size() > 1 && worst.alert->sign > 0 &&
                         kind.first != detectors::SignalKind::kRate;
    parts.push_back(kind.second + (several ? " up to " : " ") + SeenWords(*worst.alert));
  }
  if (kinds.size() > parts.size()) {
    parts.push_back(std::to_string(kinds.size() - parts.size()) + " more signals");
  }
  return JoinWords(parts, ", ");
}

std::string Sentence(const Alert& alert) {
  const Evidence& e = alert.evidence;
  if (!alert.received.from.empty()) {
    const Received& received = alert.received;
    return AlertWords(alert) + ", sent by another system" +
           (received.note.empty() ? "" : ": " + received.note) +
           (received.url.empty() ? "" : " (" + received.url + ')') + '.';
  }
  if (IsFlatline(alert)) {
    return AlertWords(alert) + ' ' + StillWords(alert) + "; odds " + OddsWords(e.tail_probability) +
           '.';
  }
  std::string out = AlertWords(alert) + ": " + ValueWords(e.value, alert.unit) + " seen, " +
                    ValueWords(e.expected, alert.unit) + " expected (band " +
                    ValueWords(e.band_low, alert.unit) + " to " +
                    ValueWords(e.band_high, alert.unit) + ")";
  if (alert.kind == detectors::SignalKind::kRatio && e.n > 0) {
    out += ", " + CountWords(e.k) + " of " + CountWords(e.n) + " requests";
  } else if (alert.kind == detectors::SignalKind::kQuantile && e.n > 0) {
    out += ", " + CountWords(e.k) + " slow of " + CountWords(e.n) + " requests";
  }
  if (e.tail_probability < 1) out += "; odds " + OddsWords(e.tail_probability);
  const std::string detectors = DetectorWords(e.agreeing);
  if (!detectors.empty()) out += "; agreeing: " + detectors;
  return out + '.';
}

std::string FoldedSentence(const std::vector<const Alert*>& telling, std::uint64_t overflow) {
  if (telling.size() <= kMembersNamed && overflow == 0) return "";
  std::map<std::string, size_t> counts;
  for (size_t i = kMembersNamed; i < telling.size(); ++i) ++counts[telling[i]->what];
  std::vector<std::string> parts;
  for (const auto& [what, count] : counts) {
    if (parts.size() == kKindsNamed) break;
    parts.push_back(std::to_string(count) + ' ' + what);
  }
  const size_t rest = telling.size() > kMembersNamed ? telling.size() - kMembersNamed : 0;
  std::string out =
      "Folded in: " + CountWords(static_cast<double>(rest + overflow)) + " more alerts";
  if (!parts.empty()) out += " (" + JoinWords(parts, ", ") + ')';
  return out + '.';
}

std::string JoinedSentence(const Incident& incident) {
  std::vector<std::string> parts;
  for (const Member& member : incident.members) {
    if (member.alert.id == incident.first_alert || parts.size() == kJoinsNamed) continue;
    if (!member.why_joined.empty()) {
      parts.push_back(AlertWords(member.alert) + " (" + member.why_joined + ')');
    }
  }
  return parts.empty() ? "" : "Joined: " + JoinWords(parts, "; ") + '.';
}

void CutSummary(std::string& text) {
  if (text.size() <= kSummaryMax) return;
  text.resize(kSummaryMax - 3);
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U) {
    text.pop_back();
  }
  if (!text.empty() && (static_cast<unsigned char>(text.back()) & 0x80U) != 0) text.pop_back();
  text += "...";
}

bool Matches(const Alert& alert, const Labels& scope) {
  return std::all_of(scope.begin(), scope.end(), [&alert](const Label& label) {
    return alert.labels.Get(label.name) == label.value;
  });
}

const Alert& FirstOf(const Incident& incident) {
  const auto first = std::min_element(
      incident.members.begin(), incident.members.end(), [](const Member& a, const Member& b) {
        return std::tuple(a.alert.onset, a.alert.starts_at, a.alert.id) <
               std::tuple(b.alert.onset, b.alert.starts_at, b.alert.id);
      });
  return first->alert;
}

// One alert a fingerprint, the most telling first: an alert that fired again is not told twice.
std::vector<const Alert*> Telling(const Incident& incident) {
  std::vector<const Alert*> all;
  for (const Member& member : incident.members) all.push_back(&member.alert);
  std::sort(all.begin(), all.end(),
            [](const Alert* a, const Alert* b) { return TellsMore(*a, *b); });
  std::set<std::uint64_t> seen;
  std::erase_if(all, [&seen](const Alert* a) { return !seen.insert(a->fingerprint).second; });
  return all;
}

// Of a single lane the scope says where; what it is about is left to say.
std::string OriginOf(const Incident& incident) {
  std::vector<const Member*> members;
  for (const Member& member : incident.members) members.push_back(&member);
  const bool change = IsClear(incident.origins) && !incident.origins.front().change.empty();
  return change || LanesOf(members) > 1 ? OriginSentence(incident.origins) : "";
}

void WriteEvidence(Incident& incident, const std::vector<const Alert*>& telling, const Alert& first,
                   std::uint64_t overflow) {
  incident.evidence.clear();
  const auto add = [&incident](std::string sentence) {
    if (!sentence.empty()) incident.evidence.push_back(std::move(sentence));
  };
  const bool differs = std::any_of(telling.begin(), telling.end(), [&first](const Alert* alert) {
    return alert->onset > first.onset;
  });
  if (differs) {
    add("Started first: " + AlertWords(first) + " at " + ClockWords(first.onset) + '.');
  }
  add(OriginOf(incident));
  for (size_t i = 0; i < telling.size() && i < kMembersNamed; ++i) add(Sentence(*telling[i]));
  add(FoldedSentence(telling, overflow));
  add(JoinedSentence(incident));
  for (size_t i = 0; i < incident.changes.size() && i < kChangesNamed; ++i) {
    add("Announced: " + ChangeWords(incident.changes[i], incident.onset) + '.');
  }
}

}  // namespace

std::string ChangeWords(const Change& change, TimeMs onset) {
  std::string out(ChangeKindName(change.kind));
  if (!change.scope.empty()) out += " of " + ScopeWords(change.scope);
  out += " at " + ClockWords(change.start);
  if (change.start <= onset) out += ", " + DurationWords(onset - change.start) + " before onset";
  if (!change.note.empty()) {
    out += ": ";
    out += change.note.substr(0, 200);
  }
  return out;
}

size_t LanesOf(std::span<const Member* const> members) {
  std::set<Labels> lanes;
  for (const Member* member : members) lanes.insert(LaneLabels(member->alert.labels));
  return lanes.size();
}

Severity SeverityOf(std::span<const Member* const> members) {
  Severity highest = Severity::kInfo;
  std::vector<const Member*> serious;
  for (const Member* member : members) {
    highest = std::max(highest, member->alert.severity);
    if (member->alert.severity == Severity::kInfo) continue;
    serious.push_back(member);
    if (TotalOutage(member->alert)) highest = Severity::kCritical;
  }
  return LanesOf(serious) >= kWideLanes ? Severity::kCritical : highest;
}

void Describe(Incident& incident, std::uint64_t overflow, const ScopeIndex& index,
              const Topology& topology) {
  std::vector<const Member*> members;
  for (const Member& member : incident.members) members.push_back(&member);
  const Alert& first = FirstOf(incident);
  incident.onset = first.onset;
  incident.first_alert = first.id;
  incident.severity = std::max(incident.severity, SeverityOf(members));
  ScopeChoice scope = ChooseScope(incident.members, index);
  incident.scope = std::move(scope.scope);
  incident.scope_note = std::move(scope.note);
  incident.reach = scope.reach;
  incident.origins = RankOrigins(incident, index, topology);

  const std::vector<const Alert*> telling = Telling(incident);
  std::vector<const Alert*> inside = telling;
  std::erase_if(inside, [&](const Alert* alert) { return !Matches(*alert, incident.scope); });
  incident.summary =
      scope.words + ": " + WorstWords(inside) + " - since " + ClockWords(incident.onset);
  if (!incident.scope_note.empty()) incident.summary += "; " + incident.scope_note;
  if (!Matches(first, incident.scope)) {
    incident.summary += "; started first: " + AlertWords(first);
  }
  if (!incident.changes.empty()) {
    incident.summary += "; " + ChangeWords(incident.changes.back(), incident.onset);
  }
  CutSummary(incident.summary);
  WriteEvidence(incident, telling, first, overflow);
}

}  // namespace quell::incidents
