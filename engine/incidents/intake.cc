#include <algorithm>

#include "core/hash.h"
#include "engine/incidents/state.h"
#include "engine/incidents/wording.h"

namespace quell::incidents {

bool LooksMissing(const Alert& alert) {
  return (alert.kind == detectors::SignalKind::kRate && alert.sign < 0) ||
         alert.what.find("missing") != std::string::npos;
}

// The index is needed by nearly every step that does something, and costs much where there are
// many signals: it is kept as long as the population stays the same. As that only ever grows, its
// place and size tell; a copy of its labels would cost as much again.
void IncidentEngine::State::EnsureIndex(const Population& population,
                                        const std::vector<Alert>& fired) {
  if (open.empty() && fired.empty()) return;
  const std::span<const Labels> labels = population.SignalLabels();
  const bool same = cached_index.has_value() && labels.data() == indexed.data() &&
                    labels.size() == indexed.size();
  if (!same) {
    cached_index.emplace(labels, std::span<const Labels* const>{});
    indexed = labels;
    outside_index.reset();
  }
  index = &*cached_index;
  std::vector<const Labels*> others;
  const auto check = [&](const Alert& alert) {
    if (!cached_index->Knows(alert.labels) && !received.Knows(alert.labels)) {
      others.push_back(&alert.labels);
    }
  };
  for (const auto& [id, record] : open) {
    for (const Member& member : record.incident.members) check(member.alert);
  }
  for (const Alert& alert : fired) check(alert);
  if (others.empty() && received.lanes().empty()) return;
  std::sort(others.begin(), others.end(), [](const Labels* a, const Labels* b) { return *a < *b; });
  const auto equal = [](const Labels* a, const Labels* b) { return *a == *b; };
  others.erase(std::unique(others.begin(), others.end(), equal), others.end());
  const bool same_others = outside_index.has_value() && outside_version == received.version() &&
                           std::equal(others.begin(), others.end(), outside.begin(), outside.end(),
                                      [](const Labels* a, const Labels& b) { return *a == b; });
  if (!same_others) {
    outside.clear();
    for (const Labels* other : others) outside.push_back(*other);
    for (const auto& [lane, seen] : received.lanes()) others.push_back(&lane);
    outside_index.emplace(labels, others);
    outside_version = received.version();
  }
  index = &*outside_index;
}

void IncidentEngine::State::TakeFired(std::vector<Alert> fired, bool scrape_outage) {
  std::vector<Alert> fresh;
  std::set<AlertId> ids;
  for (Alert& alert : fired) {
    if (incident_of.contains(alert.id) || !ids.insert(alert.id).second) {
      TakeChanged(alert);
      continue;
    }
    if (!TakeRefired(alert)) fresh.push_back(std::move(alert));
  }
  if (!fresh.empty()) JoinFired(std::move(fresh));
  LearnHistory(ids);
  if (scrape_outage) MarkScrapeOutage(ids);
}

// Alerts that labels have joined teach nothing: the labels will join them again.
void IncidentEngine::State::LearnHistory(const std::set<AlertId>& fired) {
  std::map<IncidentId, Group> groups;
  std::vector<CoOccurrence::Sighting> sightings;
  for (const AlertId id : fired) {
    Record* record = nullptr;
    const Member* member = FindMember(id, &record);
    if (member == nullptr) continue;
    const IncidentId incident = record->incident.id;
    if (!groups.contains(incident)) groups[incident] = GroupOf(*record);
    const std::uint32_t facet = record->member_states[id].facet;
    Hasher part;
    part.Add(Hex64(incident));
    part.Add(Hex64(facet));
    sightings.push_back(
        {IdentityOf(member->alert, groups[incident].facets[facet], *index), part.Finish()});
  }
  if (!sightings.empty()) history.Learn(now, sightings);
}

// Alerts of this step and those of still held incidents: the flag may come some steps late.
void IncidentEngine::State::MarkScrapeOutage(const std::set<AlertId>& fired) {
  for (auto& [id, record] : open) {
    for (const Member& member : record.incident.members) {
      const bool held = record.incident.state == IncidentState::kHeld;
      const bool young = member.alert.starts_at >= now - 2 * HoldOf(member.alert);
      if (LooksMissing(member.alert) && (fired.contains(member.alert.id) || (held && young))) {
        record.member_states[member.alert.id].scrape_outage = true;
      }
    }
  }
}

void IncidentEngine::State::MarkOutOfSight() {
  for (const AlertId id : out_of_sight) {
    Record* record = nullptr;
    if (FindMember(id, &record) == nullptr) continue;
    record->member_states[id].unseen_at = now;
  }
}

bool IncidentEngine::State::TakeRefired(const Alert& alert) {
  const auto last = by_fingerprint.find(alert.fingerprint);
  if (last == by_fingerprint.end()) return false;
  Record& record = open.at(last->second.incident);
  if (now - record.incident.opened_at > options.age_max_ms) return false;
  Record* found = nullptr;
  const Member* before = FindMember(last->second.alert, &found);
  if (before == nullptr) return false;
  std::string why = "fires again";
  if (const TimeMs ended = before->alert.ends_at; ended != 0) {
    if (now - ended > options.resolve_after_ms) return false;
    why += ' ' + DurationWords(alert.starts_at - ended) + " after it cleared";
  }
  const std::uint32_t facet = record.member_states[before->alert.id].facet;
  // The page shows this signal already: no update is owed for it.
  const bool news = record.news;
  const bool told = before->notified != 0;
  AddMember(record, alert, facet, std::move(why));
  record.news = news;
  if (record.incident.state == IncidentState::kOpen && told) {
    if (Member* member = FindMember(alert.id, &found)) member->notified = now;
  }
  return true;
}

void IncidentEngine::State::AddMember(Record& record, Alert alert, std::uint32_t facet,
                                      std::string why) {
  Incident& incident = record.incident;
  const AlertId id = alert.id;
  const bool firing = alert.ends_at == 0;
  Member member;
  member.reason =
      incident.state == IncidentState::kOpen ? PageReason::kDuplicateOf : PageReason::kTooShort;
  member.why_joined = std::move(why);
  record.changed = true;
  record.news = true;
  // What is critical is looked at one by one, even in a storm.
  const size_t members_max = alert.severity == Severity::kCritical ? 2 * kMembersMax : kMembersMax;
  if (incident.members.size() >= members_max) {
    ++record.overflow;
    if (firing && record.overflow_firing.size() < kOverflowFiringMax) {
      record.overflow_firing.insert(id);
      incident_of[id] = incident.id;
    } else {
      incident_of.erase(id);
    }
    // It is no member: what a merge took along may not point at it.
    const auto last = by_fingerprint.find(alert.fingerprint);
    if (last != by_fingerprint.end() && last->second.alert == id) by_fingerprint.erase(last);
    member.reason = record.set_apart.value_or(PageReason::kDuplicateOf);
    member.notified = now;
    member.alert = std::move(alert);
    record.overflow_now.push_back(std::move(member));
    return;
  }
  if (firing) ++record.firing;
  if (!firing && record.firing == 0) record.clear_at = now;
  by_fingerprint[alert.fingerprint] = Last{incident.id, id};
  incident_of[id] = incident.id;
  record.member_states[id].facet = facet;
  member.alert = std::move(alert);
  const auto at = std::upper_bound(
      incident.members.begin(), incident.members.end(), id,
      [](AlertId value, const Member& existing) { return value < existing.alert.id; });
  incident.members.insert(at, std::move(member));
}

Member* IncidentEngine::State::FindMember(AlertId id, Record** record) {
  const auto incident = incident_of.find(id);
  if (incident == incident_of.end()) return nullptr;
  *record = &open.at(incident->second);
  std::vector<Member>& members = (*record)->incident.members;
  const auto at =
      std::lower_bound(members.begin(), members.end(), id,
                       [](const Member& member, AlertId value) { return member.alert.id < value; });
  return at != members.end() && at->alert.id == id ? &*at : nullptr;
}

void IncidentEngine::State::TakeChanged(const Alert& alert) {
  Record* record = nullptr;
  Member* member = FindMember(alert.id, &record);
  if (member == nullptr) return;
  if (alert.ends_at != 0) {
    TakeCleared(alert);
    return;
  }
  if (member->alert.ends_at != 0) return;  // over: a clear is final for its alert
  member->alert = alert;
  record->changed = true;
}

void IncidentEngine::State::TakeCleared(const Alert& alert) {
  Record* record = nullptr;
  Member* member = FindMember(alert.id, &record);
  if (record == nullptr) return;
  if (member == nullptr) {
    record->overflow_firing.erase(alert.id);
    incident_of.erase(alert.id);
  } else if (member->alert.ends_at == 0) {
    member->alert = alert;
    if (alert.ends_at == 0) member->alert.ends_at = now;
    record->changed = true;
    --record->firing;
  }
  if (record->firing == 0 && record->overflow_firing.empty()) record->clear_at = now;
}

}  // namespace quell::incidents
