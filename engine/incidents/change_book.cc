#include "engine/incidents/change_book.h"

#include <algorithm>

#include "engine/incidents/snapshot_fields.h"

namespace quell::incidents {
namespace {

constexpr size_t kChangesMax = 10000;
constexpr size_t kTouchingMax = 20;
constexpr DurationMs kRememberedMs = 2 * kDayMs;
constexpr DurationMs kLeadMs = 5 * kMinuteMs;     // effects begin a little before the clock says so
constexpr DurationMs kSettlesMs = 3 * kHourMs;    // until a holiday's level is followed
constexpr double kStoppedShare = 0.1;             // of the expected volume
constexpr DurationMs kBeforeMs = 30 * kMinuteMs;  // a deploy so long before is worth naming

struct Effect {
  DurationMs grace_ms = 5 * kMinuteMs;  // after the announced end
  DurationMs least_ms = 0;              // at least so long, for changes given as a moment
};

Effect EffectOf(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kMaintenance:
      return {5 * kMinuteMs, 30 * kMinuteMs};
    // What is expected of a volume follows it with a half-life of hours: the way back counts too.
    case ChangeKind::kPromotion:
      return {2 * kHourMs, kHourMs};
    case ChangeKind::kHoliday:
      return {3 * kHourMs, kDayMs};
    case ChangeKind::kCutover:
      return {2 * kHourMs, kHourMs};
    case ChangeKind::kLaunch:
    case ChangeKind::kDecommission:
      return {kHourMs, kDayMs};
    case ChangeKind::kDeploy:
    case ChangeKind::kRollback:
    case ChangeKind::kOther:
      return {0, 0};
  }
  return {0, 0};
}

// When the effect of a change is over. Only a moment (end == start) lasts the least time, but a
// launch or a decommission goes on working after its announced end.
TimeMs EffectEnd(const Change& change) {
  const Effect effect = EffectOf(change.kind);
  const TimeMs end = std::max(change.end, change.start);
  const bool lasting =
      change.kind == ChangeKind::kLaunch || change.kind == ChangeKind::kDecommission;
  const TimeMs least = change.start + effect.least_ms;
  return (end == change.start || lasting ? std::max(end, least) : end) + effect.grace_ms;
}

// What began under a change is explained by it until it clears, within a bound: a volume that comes
// back to where it was has to be learned again. Failures have not: past the end they are news.
TimeMs ExplainedUntil(const Change& change, const Alert& alert) {
  constexpr DurationMs kLearnedMs = 6 * kHourMs;
  constexpr DurationMs kClearPoints = 10;  // that an alert needs to see that all is well again
  const bool volume = alert.kind == detectors::SignalKind::kRate;
  const DurationMs clears = kClearPoints * alert.interval_ms - EffectOf(change.kind).grace_ms;
  return EffectEnd(change) + (volume ? kLearnedMs : std::max<DurationMs>(0, clears));
}

bool Covers(const Labels& scope, const Labels& alert, const Labels& incident_scope) {
  return std::all_of(scope.begin(), scope.end(), [&](const Label& label) {
    const std::string_view own = alert.Get(label.name);
    return own.empty() ? incident_scope.Get(label.name) == label.value : own == label.value;
  });
}

// Traffic that has all but stopped.
bool Stopped(const Alert& alert) {
  return alert.sign < 0 && alert.evidence.value < kStoppedShare * alert.evidence.expected;
}

// Whether a change of this kind moves what the alert measures, in the direction it moved.
bool Fits(const Change& change, const Alert& alert) {
  const bool volume = alert.kind == detectors::SignalKind::kRate;
  switch (change.kind) {
    case ChangeKind::kMaintenance:
      return true;
    case ChangeKind::kHoliday:
      // A day of its own level: it comes and goes at its ends, and nobody stops paying.
      return volume && !Stopped(alert) &&
             (alert.starts_at < change.start + kSettlesMs ||
              alert.starts_at >= change.end - kLeadMs);
    case ChangeKind::kCutover:
    case ChangeKind::kLaunch:
      return volume;
    case ChangeKind::kPromotion:
      // Up while it lasts, down when it ends.
      return volume && (alert.sign > 0 || alert.onset >= change.end - kLeadMs);
    case ChangeKind::kDecommission:
      return volume && alert.sign < 0;
    case ChangeKind::kDeploy:
    case ChangeKind::kRollback:
    case ChangeKind::kOther:
      return false;
  }
  return false;
}

}  // namespace

bool Touches(const Labels& scope, const Labels& labels) {
  bool shares = scope.empty();
  for (const Label& label : scope) {
    const std::string_view own = labels.Get(label.name);
    if (own.empty()) continue;
    if (own != label.value) return false;
    shares = true;
  }
  return shares;
}

void ChangeBook::Add(const Change& change) {
  const auto known = by_id_.find(change.id);
  if (known != by_id_.end()) changes_.erase(known->second);
  const Key key{change.start, change.id};
  changes_[key] = change;
  by_id_[change.id] = key;
  while (changes_.size() > kChangesMax) {
    by_id_.erase(changes_.begin()->second.id);
    changes_.erase(changes_.begin());
  }
}

void ChangeBook::Forget(TimeMs now) {
  for (auto at = changes_.begin(); at != changes_.end() && at->first.first < now;) {
    if (EffectEnd(at->second) + kRememberedMs >= now) {
      ++at;
      continue;
    }
    by_id_.erase(at->second.id);
    at = changes_.erase(at);
  }
}

std::optional<ChangeBook::Mute> ChangeBook::Explains(const Alert& alert,
                                                     const Labels& incident_scope,
                                                     TimeMs now) const {
  std::optional<Mute> out;
  for (const auto& [key, change] : changes_) {
    if (change.start - kLeadMs > now) break;
    // Onsets are estimates; an alert that fires inside the window did not begin long before it.
    const bool began = (alert.onset >= change.start - kLeadMs || alert.starts_at >= change.start) &&
                       alert.onset < EffectEnd(change);
    const bool in_time =
        began && now < ExplainedUntil(change, alert) && now >= change.start - kLeadMs;
    if (!in_time || !Fits(change, alert) || !Covers(change.scope, alert.labels, incident_scope)) {
      continue;
    }
    const bool maintenance = change.kind == ChangeKind::kMaintenance;
    if (!out || maintenance) {
      out = Mute{maintenance ? PageReason::kMaintenance : PageReason::kExpectedChange, &change};
    }
    if (maintenance) break;
  }
  return out;
}

std::vector<Change> ChangeBook::Touching(const Incident& incident, TimeMs now) const {
  std::vector<Change> out;
  for (const auto& entry : changes_) {
    const Change& change = entry.second;
    if (change.start > now) break;
    const TimeMs reaches_until = std::max(change.start, change.end) + kBeforeMs;
    if (reaches_until < incident.onset) continue;
    const bool touches = std::any_of(
        incident.members.begin(), incident.members.end(),
        [&change](const Member& member) { return Touches(change.scope, member.alert.labels); });
    if (touches) out.push_back(change);
  }
  if (out.size() > kTouchingMax) out.erase(out.begin(), out.end() - kTouchingMax);
  return out;
}

std::vector<Change> ChangeBook::Latest(size_t limit) const {
  std::vector<Change> out;
  for (auto it = changes_.rbegin(); it != changes_.rend() && out.size() < limit; ++it) {
    out.push_back(it->second);
  }
  return out;
}

std::vector<Change> ChangeBook::All() const {
  std::vector<Change> out;
  for (const auto& [key, change] : changes_) out.push_back(change);
  return out;
}

std::vector<MovingChange> ChangeBook::MovingVolumes(TimeMs now) const {
  std::vector<MovingChange> out;
  for (const auto& [key, change] : changes_) {
    if (change.start - kLeadMs > now) break;
    const bool moves = change.kind != ChangeKind::kDeploy && change.kind != ChangeKind::kRollback &&
                       change.kind != ChangeKind::kOther;
    const TimeMs over = EffectEnd(change);
    if (!moves || now >= over) continue;
    const TimeMs end = over - EffectOf(change.kind).grace_ms;
    out.push_back({change.scope, change.kind, now >= change.start && now < end});
  }
  return out;
}

void ChangeBook::Save(ByteWriter& out) const {
  out.Put(static_cast<std::uint64_t>(changes_.size()));
  for (const auto& [key, change] : changes_) PutChange(out, change);
}

void ChangeBook::Load(ByteReader& in) {
  const size_t count = in.GetCount(33);
  for (size_t i = 0; i < count && in.ok(); ++i) Add(GetChange(in));
}

}  // namespace quell::incidents
