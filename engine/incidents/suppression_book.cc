#include "engine/incidents/suppression_book.h"

#include <algorithm>

namespace quell::incidents {
namespace {

constexpr DurationMs kWindowMs = 6 * kHourMs;
constexpr size_t kEntriesMax = 20000;

}  // namespace

SuppressionBook::Entry& SuppressionBook::At(std::uint64_t fingerprint) {
  if (entries_.size() >= kEntriesMax && !entries_.contains(fingerprint)) {
    const auto latest = [](const Entry& entry) { return std::max(entry.told_at, entry.muted_at); };
    entries_.erase(std::min_element(
        entries_.begin(), entries_.end(),
        [&](const auto& a, const auto& b) { return latest(a.second) < latest(b.second); }));
  }
  return entries_[fingerprint];
}

void SuppressionBook::Told(const Alert& alert, TimeMs now) {
  Entry& entry = At(alert.fingerprint);
  const bool lately = entry.told_at != 0 && now - entry.told_at < kWindowMs;
  entry.told = lately ? std::max(entry.told, alert.severity) : alert.severity;
  entry.told_at = now;
  entry.muted_since = entry.muted_at = 0;
  entry.count = 0;
}

void SuppressionBook::Muted(const Alert& alert, TimeMs now, bool ended) {
  Entry& entry = At(alert.fingerprint);
  if (entry.muted_since == 0) entry.muted_since = now;
  entry.muted_at = now;
  if (ended) ++entry.count;
}

bool SuppressionBook::MayMute(const Alert& alert, PageReason reason, TimeMs now,
                              DurationMs next_ms) const {
  const auto at = entries_.find(alert.fingerprint);
  const Entry entry = at == entries_.end() ? Entry{} : at->second;
  const bool told_critical = reason == PageReason::kFlapping && entry.told_at != 0 &&
                             now - entry.told_at < kWindowMs && entry.told == Severity::kCritical;
  if (alert.severity == Severity::kCritical && !told_critical &&
      now + next_ms > alert.starts_at + options_.critical_bound_ms) {
    return false;
  }
  if (entry.muted_since == 0) return true;
  return now - entry.muted_since < options_.time_max_ms && entry.count < options_.count_max;
}

// A budget lasts while the mutes do: what was quiet for the window begins anew.
void SuppressionBook::Forget(TimeMs now) {
  std::erase_if(entries_, [now](const auto& entry) {
    return std::max(entry.second.told_at, entry.second.muted_at) < now - kWindowMs;
  });
}

void SuppressionBook::Save(ByteWriter& out) const {
  out.Put(static_cast<std::uint64_t>(entries_.size()));
  for (const auto& [fingerprint, entry] : entries_) {
    out.Put(fingerprint);
    out.Put(entry.told_at);
    out.Put(entry.told);
    out.Put(entry.muted_since);
    out.Put(entry.muted_at);
    out.Put(entry.count);
  }
}

void SuppressionBook::Load(ByteReader& in) {
  const size_t count = in.GetCount(41);
  for (size_t i = 0; i < count && in.ok(); ++i) {
    Entry& entry = entries_[in.Get<std::uint64_t>()];
    entry.told_at = in.Get<TimeMs>();
    const auto severity = in.Get<std::uint8_t>();
    if (severity <= static_cast<std::uint8_t>(Severity::kCritical)) {
      entry.told = static_cast<Severity>(severity);
    }
    entry.muted_since = in.Get<TimeMs>();
    entry.muted_at = in.Get<TimeMs>();
    entry.count = in.Get<std::uint64_t>();
  }
}

}  // namespace quell::incidents
