// An incident that turns out to be two: one part goes away and is an incident of its own.
//
// Judged part by part (facet by facet) with what is known now, when its evidence has changed: parts
// that evidence connects, directly or over others, are one trouble. What has nothing in common with
// the part that opened it, not even with a margin, goes. Two that were split stay two.
#include <algorithm>
#include <limits>
#include <numeric>

#include "engine/incidents/state.h"

namespace quell::incidents {
namespace {

constexpr size_t kFacetsMax = 24;  // of an incident that is looked at
constexpr DurationMs kLookAgainMs = kMinuteMs;
constexpr std::uint32_t kDoubts = 2;
constexpr std::uint32_t kSplitsMax = 4;
constexpr size_t kPartLanesMin = 3;

// Whether a lane of `wide` has all that the lanes of `part` have in common.
bool CountedIn(const Facet& wide, const Facet& part, const ScopeIndex& index) {
  return !part.common.empty() &&
         std::any_of(wide.lanes.begin(), wide.lanes.end(), [&](LaneId lane) {
           const Pairs& pairs = index.PairsOf(lane);
           return std::includes(pairs.begin(), pairs.end(), part.common.begin(), part.common.end());
         });
}

// Of two that began too far apart to be scored: whether the one sees the other coarser, or their
// services are the same or depend on each other.
bool Tied(const Group& a, const Group& b, const JoinContext& context) {
  const Facet& facet_a = a.facets.front();
  const Facet& facet_b = b.facets.front();
  if (CountedIn(facet_a, facet_b, context.index) || CountedIn(facet_b, facet_a, context.index)) {
    return true;
  }
  const Topology& topology = context.topology;
  return std::any_of(a.nodes.begin(), a.nodes.end(), [&](const TimedNode& x) {
    return std::any_of(b.nodes.begin(), b.nodes.end(), [&](const TimedNode& y) {
      return x.name == y.name || topology.Hops(x.name, y.name) > 0 ||
             topology.Hops(y.name, x.name) > 0;
    });
  });
}

bool Connected(const Group& a, const Group& b, const JoinContext& context) {
  const JoinScore score = ScoreJoin(a, b, context);
  if (!score.asked) return Tied(a, b, context);
  const bool other_kind = score.labels.supports || score.correlation > 0 ||
                          score.history.log_lift > 0 || score.call.has_value();
  return other_kind && score.total >= context.weights.split;
}

// The part of every facet; parts are numbered by their first facet.
std::vector<size_t> Connect(const std::vector<Group>& facets, const JoinContext& context) {
  std::vector<size_t> part(facets.size());
  std::iota(part.begin(), part.end(), size_t{0});
  for (size_t i = 0; i < facets.size(); ++i) {
    for (size_t j = i + 1; j < facets.size(); ++j) {
      if (part[i] == part[j] || !Connected(facets[i], facets[j], context)) continue;
      const size_t from = std::max(part[i], part[j]);
      const size_t to = std::min(part[i], part[j]);
      std::replace(part.begin(), part.end(), from, to);
    }
  }
  return part;
}

bool Wakes(const Group& facet) {
  return std::any_of(facet.members.begin(), facet.members.end(), [](const GroupMember& member) {
    return member.alert->ends_at == 0 && member.alert->severity != Severity::kInfo;
  });
}

}  // namespace

std::set<AlertId> IncidentEngine::State::PartAway(const Record& record,
                                                  const JoinContext& context) const {
  std::map<std::uint32_t, std::vector<GroupMember>> by_facet;
  AlertId first = 0;
  std::pair<TimeMs, AlertId> began{std::numeric_limits<TimeMs>::max(), 0};
  for (const Member& member : record.incident.members) {
    const Alert& alert = member.alert;
    by_facet[record.member_states.at(alert.id).facet].push_back({&alert, 0, ""});
    const std::pair<TimeMs, AlertId> at{alert.starts_at, alert.id};
    if (at < began) {
      began = at;
      first = alert.id;
    }
  }
  if (by_facet.size() < 2 || by_facet.size() > kFacetsMax) return {};
  std::vector<Group> facets;
  size_t keeps = 0;
  for (auto& [facet, members] : by_facet) {
    const bool has_first = std::any_of(members.begin(), members.end(),
                                       [&](const GroupMember& m) { return m.alert->id == first; });
    if (has_first) keeps = facets.size();
    Group group = GroupOfMembers(std::move(members), *index);
    SetNodes(group);
    group.habit = std::numeric_limits<double>::infinity();
    for (const GroupMember& member : group.members) {
      group.habit = std::min(group.habit, received.Firings(*member.alert, now));
    }
    facets.push_back(std::move(group));
  }
  const std::vector<size_t> part = Connect(facets, context);
  std::map<size_t, size_t> lanes;  // by part
  std::map<size_t, bool> wakes;
  for (size_t i = 0; i < facets.size(); ++i) {
    if (part[i] == part[keeps]) continue;
    lanes[part[i]] += facets[i].facets.front().lanes.size();
    wakes[part[i]] = wakes[part[i]] || Wakes(facets[i]);
  }
  size_t goes = facets.size();
  for (const auto& [one, count] : lanes) {
    if (count < kPartLanesMin || !wakes[one]) continue;
    if (goes == facets.size() || count > lanes[goes]) goes = one;
  }
  std::set<AlertId> away;
  for (size_t i = 0; i < facets.size(); ++i) {
    if (part[i] != goes) continue;
    for (const GroupMember& member : facets[i].members) away.insert(member.alert->id);
  }
  return away;
}

void IncidentEngine::State::SplitByEvidence(const JoinContext& context) {
  std::vector<std::pair<IncidentId, std::set<AlertId>>> splits;
  for (auto& [id, record] : open) {
    const bool ask = record.changed && !record.whole && record.splits < kSplitsMax &&
                     now - record.split_look >= kLookAgainMs;
    if (!ask) continue;
    record.split_look = now;
    std::set<AlertId> away = PartAway(record, context);
    record.doubts = away.empty() ? 0 : record.doubts + 1;
    if (record.doubts >= kDoubts) splits.emplace_back(id, std::move(away));
  }
  for (const auto& [id, away] : splits) {
    SplitOff(open.at(id), away, SplitReason::kNoCommonEvidence);
  }
}

void IncidentEngine::State::SplitByPeople(IncidentId id, const std::vector<AlertId>& alerts) {
  const auto at = open.find(id);
  if (at == open.end()) return;
  std::set<AlertId> away;
  for (const AlertId alert : alerts) {
    if (at->second.member_states.contains(alert)) away.insert(alert);
  }
  if (away.empty() || away.size() == at->second.incident.members.size()) return;
  SplitOff(at->second, away, SplitReason::kPeople);
}

void IncidentEngine::State::SplitOff(Record& record, const std::set<AlertId>& away,
                                     SplitReason reason) {
  std::vector<Member> kept, moved;
  for (Member& member : record.incident.members) {
    (away.contains(member.alert.id) ? moved : kept).push_back(std::move(member));
  }
  Group group;
  for (const Member& member : moved) group.members.push_back({&member.alert, 0, ""});
  group.set_apart = record.set_apart;
  Record& part = OpenIncident(group);
  part.splits = ++record.splits;
  record.doubts = 0;
  part.split_look = record.split_look = now;
  apart.emplace(record.incident.id, part.incident.id);

  std::map<std::uint32_t, std::uint32_t> facet_of;  // of the part, without gaps
  for (Member& member : moved) {
    const AlertId id = member.alert.id;
    const std::uint64_t fingerprint = member.alert.fingerprint;
    const auto state = record.member_states.extract(id);
    const auto next = static_cast<std::uint32_t>(facet_of.size());
    const std::uint32_t facet = facet_of.emplace(state.mapped().facet, next).first->second;
    const auto last = by_fingerprint.find(fingerprint);
    const Last before = last == by_fingerprint.end() ? Last{} : last->second;
    const TimeMs notified = member.notified;
    AddMember(part, std::move(member.alert), facet, std::move(member.why_joined));
    if (before.alert > id) by_fingerprint[fingerprint] = before;
    Record* found = nullptr;
    if (Member* added = FindMember(id, &found)) added->notified = notified;
    part.member_states[id].scrape_outage = state.mapped().scrape_outage;
    part.member_states[id].unseen_at = state.mapped().unseen_at;
  }
  facet_of.clear();
  record.firing = 0;
  for (const Member& member : kept) {
    if (member.alert.ends_at == 0) ++record.firing;
    std::uint32_t& facet = record.member_states[member.alert.id].facet;
    facet = facet_of.emplace(facet, static_cast<std::uint32_t>(facet_of.size())).first->second;
  }
  record.incident.members = std::move(kept);
  if (record.firing == 0 && record.overflow_firing.empty()) record.clear_at = now;
  record.incident.split_into = part.incident.key;
  part.incident.split_from = record.incident.key;
  record.incident.split_reason = part.incident.split_reason = reason;
  Refresh(record);
  Emit(IncidentEventKind::kSplit, record);
}

void IncidentEngine::State::ForgetApart(IncidentId id) {
  std::erase_if(apart, [id](const auto& pair) { return pair.first == id || pair.second == id; });
}

}  // namespace quell::incidents
