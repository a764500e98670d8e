#include <algorithm>

#include "engine/incidents/describe.h"
#include "engine/incidents/state.h"
#include "engine/incidents/wording.h"

namespace quell::incidents {
namespace {

constexpr size_t kCompany = 3;  // so many signals need not wait for more
constexpr size_t kWideLanes = 3;
constexpr DurationMs kHoldMinMs = 30 * kSecondMs;  // of what looks missing
constexpr DurationMs kHoldMaxMs = 2 * kMinuteMs;
constexpr DurationMs kIdleStepMs = 15 * kSecondMs;    // between steps where nothing comes
constexpr DurationMs kScrapeGraceMs = 5 * kMinuteMs;  // after monitoring came back

size_t Fingerprints(const std::vector<Member*>& members) {
  std::set<std::uint64_t> distinct;
  for (const Member* member : members) distinct.insert(member->alert.fingerprint);
  return distinct.size();
}

void TellInhibited(Member& member, const Incident& by) {
  if (!member.why_joined.empty()) return;
  member.why_joined = "depends on " + ScopeWords(by.origins.front().where) + ", which incident " +
                      by.key.substr(0, 8) + " is about";
}

bool IsOurs(PageReason reason) {
  return reason == PageReason::kFlapping || reason == PageReason::kKnownNoise ||
         reason == PageReason::kInhibited;
}

// Of an alert that is for information.
PageReason WhyInfo(const Alert& alert) {
  return alert.outside_hours ? PageReason::kOutsideHours : PageReason::kBelowBudget;
}

}  // namespace

void IncidentEngine::State::Decide() {
  for (auto at = open.begin(); at != open.end();) {
    Record& record = at->second;
    const bool held = record.incident.state == IncidentState::kHeld;
    const bool look = held || record.changed || record.muted;
    const bool over = held ? DecideHeld(record) : DecideOpen(record);
    if (look || over) TellOutcomes(record, over);
    record.overflow_now.clear();
    if (over) {
      Forget(record);
      at = open.erase(at);
    } else {
      ++at;
    }
  }
}

// What waits and may still page has no outcome yet.
void IncidentEngine::State::TellOutcomes(Record& record, bool over) {
  const auto tell = [&](const Member& member, bool settled) {
    outcomes.push_back({member.alert.id, record.incident.key, member.reason, now, settled});
  };
  auto state = record.member_states.begin();  // one a member, in member order
  for (const Member& member : record.incident.members) {
    std::optional<PageReason>& told = state->second.told;
    ++state;
    const bool decided = over || member.reason != PageReason::kTooShort;
    if (!decided || (told == member.reason && !over)) continue;
    told = member.reason;
    tell(member, over);
  }
  for (const Member& member : record.overflow_now) tell(member, true);
}

std::optional<PageReason> IncidentEngine::State::MutedBy(const Record& record, const Member& member,
                                                         bool wide) const {
  const Alert& alert = member.alert;
  // What has cleared is judged as of its end.
  const TimeMs at = alert.ends_at == 0 ? now : std::min(now, alert.ends_at);
  if (silences.Silenced(alert.labels, at)) return PageReason::kSilenced;
  if (const auto mute = changes.Explains(alert, record.incident.scope, at)) return mute->reason;
  const auto state = record.member_states.find(alert.id);
  const bool scrape = state != record.member_states.end() && state->second.scrape_outage;
  if (scrape && at <= scrape_outage_at + kScrapeGraceMs) return PageReason::kScrapeOutage;
  const TimeMs unseen_at = state == record.member_states.end() ? 0 : state->second.unseen_at;
  if (unseen_at != 0 && at <= unseen_at + kScrapeGraceMs) return PageReason::kScrapeOutage;
  return wide ? std::nullopt : MutedByUs(alert, at);
}

// Mutes that nobody asked for, within their bounds.
std::optional<PageReason> IncidentEngine::State::MutedByUs(const Alert& alert, TimeMs at) const {
  const DurationMs next = std::max(step_ms, kIdleStepMs);
  if (flaps.Muted(alert, at) && suppression.MayMute(alert, PageReason::kFlapping, at, next)) {
    return PageReason::kFlapping;
  }
  if (noise.Known(alert.labels, at) &&
      suppression.MayMute(alert, PageReason::kKnownNoise, at, next)) {
    return PageReason::kKnownNoise;
  }
  return std::nullopt;
}

bool IncidentEngine::State::DecideHeld(Record& record) {
  Incident& incident = record.incident;
  if (record.changed) Refresh(record);
  std::vector<const Member*> all;
  for (const Member& member : incident.members) all.push_back(&member);
  const bool wide = LanesOf(all) >= kWideLanes;

  std::vector<Member*> unmuted;
  bool waited = false;
  for (Member& member : incident.members) {
    auto muted = MutedBy(record, member, wide);
    const bool ended = member.alert.ends_at != 0;
    const Record* inhibitor = muted || ended ? nullptr : Inhibitor(record, member.alert);
    if (inhibitor != nullptr) TellInhibited(member, inhibitor->incident);
    if (inhibitor != nullptr || (ended && !muted && member.reason == PageReason::kInhibited)) {
      muted = PageReason::kInhibited;
    }
    member.reason = muted.value_or(PageReason::kTooShort);
    if (IsOurs(member.reason)) suppression.Muted(member.alert, now, false);
    if (muted.has_value() || member.alert.ends_at != 0) continue;
    unmuted.push_back(&member);
    waited = waited || now - member.alert.starts_at >= HoldOf(member.alert);
  }
  const Severity severity = SeverityOf(std::vector<const Member*>(unmuted.begin(), unmuted.end()));
  if (severity == Severity::kInfo) {
    for (Member* member : unmuted) member->reason = WhyInfo(member->alert);
  }
  if (record.firing == 0 && record.overflow_firing.empty()) {
    for (Member& member : incident.members) {
      if (member.reason == PageReason::kFlapping) flaps.Opened(member.alert, now, false);
      if (IsOurs(member.reason)) suppression.Muted(member.alert, now, true);
      const bool info = member.alert.severity == Severity::kInfo;
      if (info && member.reason == PageReason::kTooShort) member.reason = WhyInfo(member.alert);
    }
    incident.state = IncidentState::kSuppressed;
    incident.resolved_at = now;
    Emit(IncidentEventKind::kSuppress, record);
    return true;
  }
  const bool now_or_later =
      severity == Severity::kCritical || Fingerprints(unmuted) >= kCompany || waited;
  if (severity != Severity::kInfo && now_or_later) Page(record, std::move(unmuted));
  return false;
}

// That all of a target is missing shows with the next points: what looks missing waits for them.
DurationMs IncidentEngine::State::HoldOf(const Alert& alert) const {
  if (!LooksMissing(alert)) return options.hold_ms;
  return std::max({options.hold_ms, kHoldMinMs, std::min(kHoldMaxMs, alert.interval_ms)});
}

void IncidentEngine::State::Page(Record& record, std::vector<Member*> unmuted) {
  Member* opener =
      *std::min_element(unmuted.begin(), unmuted.end(), [](const Member* a, const Member* b) {
        return std::pair(a->alert.starts_at, a->alert.id) <
               std::pair(b->alert.starts_at, b->alert.id);
      });
  for (Member& member : record.incident.members) {
    if (member.reason == PageReason::kTooShort || member.reason == PageReason::kBelowBudget ||
        member.reason == PageReason::kOutsideHours) {
      member.reason = PageReason::kDuplicateOf;
    }
  }
  opener->reason = PageReason::kPaged;
  flaps.Opened(opener->alert, now, true);
  record.incident.state = IncidentState::kOpen;
  record.incident.paged_at = now;
  record.set_apart.reset();
  Emit(IncidentEventKind::kPage, record);
}

bool IncidentEngine::State::DecideOpen(Record& record) {
  Incident& incident = record.incident;
  const Severity before = incident.severity;
  if (record.changed || record.muted) LookAgain(record);
  if (record.changed) Refresh(record);
  const bool clear = record.firing == 0 && record.overflow_firing.empty();
  if (clear && now - record.clear_at >= options.resolve_after_ms) {
    incident.state = IncidentState::kResolved;
    incident.resolved_at = now;
    Emit(IncidentEventKind::kResolve, record);
    return true;
  }
  if (record.news || incident.severity > before) Emit(IncidentEventKind::kUpdate, record);
  return false;
}

// Members that no page listed yet: what is muted no longer is news.
void IncidentEngine::State::LookAgain(Record& record) {
  record.muted = false;
  for (Member& member : record.incident.members) {
    if (member.notified != 0 || member.reason == PageReason::kPaged) continue;
    const auto muted = MutedBy(record, member, false);
    const bool firing = member.alert.ends_at == 0;
    const bool was_muted =
        member.reason != PageReason::kDuplicateOf && member.reason != PageReason::kTooShort;
    if (was_muted && firing && !muted) record.changed = record.news = true;
    member.reason = muted.value_or(PageReason::kDuplicateOf);
    if (IsOurs(member.reason)) suppression.Muted(member.alert, now, false);
    record.muted = record.muted || (muted && firing);
  }
}

void IncidentEngine::State::Refresh(Record& record) {
  Incident& incident = record.incident;
  incident.onset = incident.members.front().alert.onset;
  for (const Member& member : incident.members) {
    incident.onset = std::min(incident.onset, member.alert.onset);
  }
  incident.changes = changes.Touching(incident, now);
  Describe(incident, record.overflow, *index, topology);
  record.changed = false;
}

void IncidentEngine::State::Emit(IncidentEventKind kind, Record& record) {
  record.news = false;
  if (record.incident.paged_at != 0) {
    for (Member& member : record.incident.members) {
      const bool listed =
          member.reason == PageReason::kPaged || member.reason == PageReason::kDuplicateOf;
      if (member.notified == 0 && (listed || member.alert.ends_at != 0)) member.notified = now;
      if (listed && member.alert.ends_at == 0) suppression.Told(member.alert, now);
    }
  }
  IncidentEvent event{kind, now, record.incident};
  for (const Member& member : record.overflow_now) event.incident.members.push_back(member);
  events.push_back(std::move(event));
}

void IncidentEngine::State::Forget(const Record& record) {
  ForgetApart(record.incident.id);
  for (const Member& member : record.incident.members) {
    incident_of.erase(member.alert.id);
    const auto last = by_fingerprint.find(member.alert.fingerprint);
    if (last != by_fingerprint.end() && last->second.incident == record.incident.id) {
      by_fingerprint.erase(last);
    }
  }
  for (const AlertId id : record.overflow_firing) incident_of.erase(id);
}

}  // namespace quell::incidents
