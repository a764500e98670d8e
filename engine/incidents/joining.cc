#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/bytes.h"
#include "core/hash.h"
#include "engine/incidents/state.h"

namespace quell::incidents {
namespace {

constexpr size_t kNearbyMax = 64;
constexpr DurationMs kGroupsHalfLifeMs = 6 * kHourMs;
constexpr std::string_view kKeyVersion = "quell-incident-1";

// Stable across restart and replay, for ids and times follow from the input alone.
std::string KeyOf(IncidentId id, const Alert& first) {
  ByteWriter seed;
  seed.PutString(kKeyVersion);
  seed.PutString(Hex64(first.fingerprint));
  seed.PutString(std::to_string(first.onset));
  seed.PutString(std::to_string(first.starts_at));
  seed.PutString(std::to_string(id));
  return Sha256Hex(seed.bytes());
}

// Alerts of one lane that fired in one step are one group before anything else is asked.
std::vector<Group> LaneGroups(std::vector<Group> alerts, const JoinContext& context) {
  std::map<std::pair<LaneId, std::optional<PageReason>>, size_t> at_of;
  std::vector<Group> out;
  for (Group& group : alerts) {
    const Alert& alert = *group.members.front().alert;
    const LaneId lane = context.index.LaneOf(alert.labels);
    const auto [at, added] = at_of.emplace(std::pair(lane, group.set_apart), out.size());
    if (!added) {
      Group& elder = out[at->second];
      const JoinScore score = Judge(elder, group, context);
      if (score.join) {
        std::string why = WhyJoined(score, alert.onset - elder.onset_min, context);
        FoldGroup(elder, std::move(group), score, std::move(why), context.index);
        continue;
      }
    }
    out.push_back(std::move(group));
  }
  return out;
}

}  // namespace

double DecayedCount::At(TimeMs now) const {
  const double halves = static_cast<double>(now - at) / static_cast<double>(kGroupsHalfLifeMs);
  return halves > 0 ? value * std::exp2(-halves) : value;
}

void DecayedCount::Add(TimeMs now) {
  value = At(now) + 1;
  at = std::max(at, now);
}

// A steady rate r leaves r * half-life / ln 2.
double DecayedCount::PerDay(TimeMs now) const {
  const double days = static_cast<double>(kGroupsHalfLifeMs) / static_cast<double>(kDayMs);
  return At(now) * std::numbers::ln2 / days;
}

void IncidentEngine::State::JoinFired(std::vector<Alert> fired) {
  const JoinWeights weights;
  const AlertingLanes alerting = Alerting(fired);
  const JoinContext context{*index,
                            alerting,
                            history,
                            topology,
                            weights,
                            options.join_window_ms,
                            step_ms,
                            groups_lately.PerDay(now),
                            now,
                            options.dedup_model.get(),
                            options.teacher,
                            &apart};
  std::vector<Group> groups = NearbyIncidents();
  std::vector<Group> alerts;
  for (const Alert& alert : fired) {
    alerts.push_back(GroupOfAlert(alert, *index));
    SetNodes(alerts.back());
    alerts.back().set_apart = SetApart(alert);
    alerts.back().habit = received.Firings(alert, now);
  }
  for (Group& group : LaneGroups(std::move(alerts), context)) groups.push_back(std::move(group));
  groups = JoinGroups(std::move(groups), context);

  std::map<AlertId, Alert> by_id;
  std::vector<Group> fresh;
  // The groups borrow from `fired` until they are applied: copy, do not move.
  for (const Alert& alert : fired) by_id.emplace(alert.id, alert);
  std::vector<Group> joined;
  for (Group& group : groups) {
    (group.incidents.empty() ? fresh : joined).push_back(std::move(group));
  }
  std::sort(fresh.begin(), fresh.end(), [](const Group& a, const Group& b) {
    return a.members.front().alert->id < b.members.front().alert->id;
  });
  // Groups borrow alerts from open incidents: where the rest goes is settled before those grow.
  std::vector<std::pair<Group, IncidentId>> overfull;
  for (Group& group : fresh) {
    if (open.size() < options.incidents_max || open.empty()) {
      ApplyGroup(std::move(group), by_id);
      continue;
    }
    const size_t closest = ClosestGroup(group, joined, context);
    const bool found = closest < joined.size();
    const IncidentId into = found ? joined[closest].incidents.front() : open.rbegin()->first;
    overfull.emplace_back(std::move(group), into);
  }
  for (Group& group : joined) ApplyGroup(std::move(group), by_id);
  for (const auto& [group, into] : overfull) ApplyOverfull(group, into, by_id);
  if (options.teacher == nullptr) SplitByEvidence(context);
}

std::optional<PageReason> IncidentEngine::State::SetApart(const Alert& alert) const {
  if (silences.Silenced(alert.labels, now)) return PageReason::kSilenced;
  if (const auto mute = changes.Explains(alert, Labels{}, now)) return mute->reason;
  if (scrape_outage_at == now && LooksMissing(alert)) return PageReason::kScrapeOutage;
  if (out_of_sight.contains(alert.id)) return PageReason::kScrapeOutage;
  return std::nullopt;
}

AlertingLanes IncidentEngine::State::Alerting(const std::vector<Alert>& fired) const {
  AlertingLanes out(*index);
  TimeMs since = fired.front().onset;
  for (const Alert& alert : fired) {
    out.Add(index->LaneOf(alert.labels));
    since = std::min(since, alert.onset);
  }
  since -= options.join_window_ms;
  for (const auto& [id, record] : open) {
    for (const Member& member : record.incident.members) {
      const Alert& alert = member.alert;
      const bool lately = alert.onset >= since || alert.starts_at >= since;
      const bool alerting = alert.ends_at == 0 || alert.ends_at >= now - options.resolve_after_ms;
      if (lately && alerting) out.Add(index->LaneOf(alert.labels));
    }
  }
  return out;
}

std::vector<Group> IncidentEngine::State::NearbyIncidents() {
  // The latest ones by the moment of their latest alert; ids break ties.
  std::vector<std::pair<TimeMs, IncidentId>> latest;
  for (const auto& [id, record] : open) {
    TimeMs last = 0;
    for (const Member& member : record.incident.members) {
      last = std::max(last, member.alert.starts_at);
    }
    latest.emplace_back(-last, id);
  }
  std::sort(latest.begin(), latest.end());
  if (latest.size() > kNearbyMax) latest.resize(kNearbyMax);
  std::sort(latest.begin(), latest.end(),
            [](const auto& a, const auto& b) { return a.second < b.second; });
  std::vector<Group> out;
  for (const auto& [last, id] : latest) {
    out.push_back(GroupOf(open.at(id)));
  }
  return out;
}

Group IncidentEngine::State::GroupOf(const Record& record) const {
  const Incident& incident = record.incident;
  std::vector<GroupMember> members;
  for (const Member& member : incident.members) {
    const std::uint32_t facet = record.member_states.at(member.alert.id).facet;
    members.push_back(GroupMember{&member.alert, facet, member.why_joined});
  }
  Group group = GroupOfMembers(std::move(members), *index);
  SetNodes(group);
  group.incidents = {incident.id};
  group.paged = incident.state == IncidentState::kOpen;
  group.set_apart = record.set_apart;
  group.habit = std::numeric_limits<double>::infinity();
  for (const Member& member : incident.members) {
    group.habit = std::min(group.habit, received.Firings(member.alert, now));
  }
  group.closed = now - incident.opened_at > options.age_max_ms;
  return group;
}

void IncidentEngine::State::SetNodes(Group& group) const {
  if (topology.empty()) return;
  for (const GroupMember& member : group.members) {
    std::string node = topology.NodeOf(member.alert->labels);
    if (!node.empty()) AddNode(group.nodes, {std::move(node), member.alert->onset});
  }
}

void IncidentEngine::State::ApplyGroup(Group group, std::map<AlertId, Alert>& fired) {
  Record* record = nullptr;
  if (group.incidents.empty()) {
    record = &OpenIncident(group);
  } else {
    IncidentId survivor = group.incidents.front();
    for (const IncidentId id : group.incidents) {  // a paged one survives a held one
      const bool better = open.at(id).incident.state == IncidentState::kOpen &&
                          open.at(survivor).incident.state != IncidentState::kOpen;
      if (better) survivor = id;
    }
    record = &open.at(survivor);
  }
  // Members of merged incidents are about to move: read what the group says first.
  std::map<AlertId, std::pair<std::uint32_t, std::string>> places;
  for (GroupMember& member : group.members) {
    places[member.alert->id] = {member.facet, std::move(member.why)};
  }
  for (const IncidentId id : group.incidents) {
    if (id != record->incident.id) MergeInto(*record, id);
  }
  for (Member& member : record->incident.members) {
    const auto place = places.find(member.alert.id);
    if (place == places.end()) continue;
    record->member_states[member.alert.id].facet = place->second.first;
    member.why_joined = place->second.second;
  }
  for (auto& [id, place] : places) {
    const auto alert = fired.find(id);
    if (alert == fired.end()) continue;
    AddMember(*record, std::move(alert->second), place.first, std::move(place.second));
    fired.erase(alert);
  }
}

// The bound on open incidents is reached: the closest takes the alerts, whatever the score.
void IncidentEngine::State::ApplyOverfull(const Group& group, IncidentId into,
                                          std::map<AlertId, Alert>& fired) {
  const auto still_open = open.find(into);  // it may have been merged meanwhile
  Record& record = still_open != open.end() ? still_open->second : open.rbegin()->second;
  for (const GroupMember& member : group.members) {
    const auto alert = fired.find(member.alert->id);
    AddMember(record, std::move(alert->second), 0, "too many open incidents: the closest one");
    fired.erase(alert);
  }
}

Record& IncidentEngine::State::OpenIncident(const Group& group) {
  const auto first = std::min_element(group.members.begin(), group.members.end(),
                                      [](const GroupMember& a, const GroupMember& b) {
                                        return std::pair(a.alert->starts_at, a.alert->id) <
                                               std::pair(b.alert->starts_at, b.alert->id);
                                      });
  Record& record = open[next_id];
  record.incident.id = next_id;
  record.set_apart = group.set_apart;
  record.incident.key = KeyOf(next_id, *first->alert);
  record.incident.opened_at = first->alert->starts_at;
  ++next_id;
  // A burst is most likely one cause's: it does not make chance meetings likelier.
  if (now - groups_lately.at >= JoinWeights{}.time_scale_ms) groups_lately.Add(now);
  return record;
}

void IncidentEngine::State::MergeInto(Record& elder, IncidentId younger) {
  const auto at = open.find(younger);
  Record taken = std::move(at->second);
  open.erase(at);
  for (auto& [fingerprint, last] : by_fingerprint) {
    if (last.incident == younger) last.incident = elder.incident.id;
  }
  for (const AlertId id : taken.overflow_firing) incident_of[id] = elder.incident.id;
  elder.overflow += taken.overflow;
  elder.overflow_firing.insert(taken.overflow_firing.begin(), taken.overflow_firing.end());
  elder.splits = std::max(elder.splits, taken.splits);
  elder.whole = elder.whole || taken.whole || taken.incident.state == IncidentState::kOpen;
  for (const auto& [a, b] :
       ApartPairs(apart)) {  // who is apart from a part is apart from the whole
    const IncidentId other = a == younger ? b : a;
    if ((a != younger && b != younger) || other == elder.incident.id) continue;
    apart.emplace(std::min(other, elder.incident.id), std::max(other, elder.incident.id));
  }
  ForgetApart(younger);
  if (taken.incident.state == IncidentState::kOpen) {
    for (Member& member : taken.incident.members) {
      if (member.reason == PageReason::kTooShort) member.reason = PageReason::kDuplicateOf;
    }
    Record told = taken;
    told.incident.state = IncidentState::kMerged;
    told.incident.merged_into = elder.incident.id;
    told.incident.resolved_at = now;
    Emit(IncidentEventKind::kMerge, told);
  }
  std::uint32_t facets = 0;  // what it brings stays apart from what there is
  for (const auto& [id, state] : elder.member_states) facets = std::max(facets, state.facet + 1);
  for (Member& member : taken.incident.members) {
    const AlertId id = member.alert.id;
    const Member before = member;
    AddMember(elder, std::move(member.alert), facets + taken.member_states[id].facet,
              std::move(member.why_joined));
    Record* record = nullptr;
    Member* moved = FindMember(id, &record);
    if (moved == nullptr || moved->alert.id != id) continue;
    if (taken.incident.state == IncidentState::kOpen) moved->reason = before.reason;
    elder.member_states[id].scrape_outage = taken.member_states[id].scrape_outage;
    elder.member_states[id].unseen_at = taken.member_states[id].unseen_at;
  }
  elder.incident.opened_at = std::min(elder.incident.opened_at, taken.incident.opened_at);
}

}  // namespace quell::incidents
