#include "engine/alerts/live_alerts.h"

#include <algorithm>

#include "engine/alerts/received.h"

namespace quell::alerts {
namespace {

// Prometheus speaks of a resolved alert for so long.
constexpr DurationMs kKeptMs = 15 * kMinuteMs;

}  // namespace

LiveAlerts::Entry* LiveAlerts::Find(std::uint64_t fingerprint) {
  const auto at = index_.find(fingerprint);
  return at == index_.end() ? nullptr : &entries_[at->second];
}

LiveAlerts::Entry& LiveAlerts::Add(std::uint64_t fingerprint) {
  index_[fingerprint] = static_cast<std::uint32_t>(entries_.size());
  Entry& entry = entries_.emplace_back();
  entry.alert.fingerprint = fingerprint;
  return entry;
}

void LiveAlerts::Remove(std::uint64_t fingerprint) {
  const auto at = index_.find(fingerprint);
  const std::uint32_t place = at->second;
  index_.erase(fingerprint);
  if (place + 1 != entries_.size()) {
    entries_[place] = std::move(entries_.back());
    index_[entries_[place].alert.fingerprint] = place;
  }
  entries_.pop_back();
}

// Places that do not count any more are left: they are seen to be stale when their time comes.
void LiveAlerts::Schedule(Entry& entry) {
  const TimeMs due = entry.alert.firing ? entry.alert.ends_at : entry.alert.ends_at + kKeptMs;
  if (entry.due != 0 && entry.due <= due) return;
  entry.due = due;
  due_.emplace(due, entry.alert.fingerprint);
}

LiveAlert LiveAlerts::Merged(const LiveAlert& old, const ingest::AlertRow& row, TimeMs now) {
  LiveAlert out = old;
  out.starts_at = row.starts_at;
  out.ends_at = row.ends_at;
  out.timeout = row.timeout;
  out.updated_at = now;
  const bool overlap = (row.ends_at > old.starts_at && row.ends_at < old.ends_at) ||
                       (row.starts_at > old.starts_at && row.starts_at < old.ends_at);
  if (!overlap) return out;
  out.starts_at = std::min(old.starts_at, row.starts_at);
  if (old.ends_at > row.ends_at) {
    const bool both_over = row.ends_at <= now && old.ends_at <= now;
    const bool stated = row.ends_at > now && !old.timeout;
    if (both_over || stated) out.ends_at = old.ends_at;
  }
  return out;
}

void LiveAlerts::Begin(Entry& entry) {
  entry.alert.firing = true;
  ++firing_;
  ++counters_.episodes;
  if (entry.episode != 0) return;  // the last one waits still: they are taken as one
  entry.alert.severity = SeverityOf(ingest::DecodeAlertText(*entry.alert.text).labels);
  entry.alert.id = 0;
  entry.changed = false;
  entry.episode = next_episode_++;
  waiting_.emplace(-static_cast<int>(entry.alert.severity), entry.episode, entry.alert.fingerprint);
}

void LiveAlerts::End(Entry& entry) {
  entry.alert.firing = false;
  --firing_;
  if (entry.episode == 0) cleared_.push_back(entry.alert);
}

void LiveAlerts::ApplyOne(const ingest::AlertRow& row, TimeMs now) {
  ++counters_.received;
  Entry* entry = Find(row.fingerprint);
  if (entry == nullptr) {
    if (full()) {
      ++counters_.refused;
      return;
    }
    entry = &Add(row.fingerprint);
    entry->alert.starts_at = row.starts_at;
    entry->alert.ends_at = row.ends_at;
    entry->alert.timeout = row.timeout;
    entry->alert.updated_at = now;
    entry->alert.text = std::make_shared<const std::string>(row.text);
  } else {
    entry->alert = Merged(entry->alert, row, now);
    if (*entry->alert.text != row.text) {
      entry->alert.text = std::make_shared<const std::string>(row.text);
      if (entry->alert.id != 0 && !entry->changed) {
        entry->changed = true;
        changed_.push_back(row.fingerprint);
      }
    }
  }
  const bool fires = entry->alert.ends_at > now;
  if (fires && !entry->alert.firing) Begin(*entry);
  if (!fires && entry->alert.firing) End(*entry);
  Schedule(*entry);
}

void LiveAlerts::Apply(std::span<const ingest::AlertRow> rows, TimeMs now) {
  Expire(now);
  for (const ingest::AlertRow& row : rows) ApplyOne(row, now);
}

void LiveAlerts::Expire(TimeMs now) {
  while (!due_.empty() && due_.top().first <= now) {
    const auto [due, fingerprint] = due_.top();
    due_.pop();
    Entry* entry = Find(fingerprint);
    if (entry == nullptr || entry->due != due) continue;
    entry->due = 0;
    if (entry->alert.firing && entry->alert.ends_at <= now) {
      ++counters_.expired;
      End(*entry);
    }
    const bool forgotten = !entry->alert.firing && entry->alert.ends_at + kKeptMs <= now;
    if (forgotten && entry->episode == 0) {
      Remove(fingerprint);
    } else if (!forgotten) {
      Schedule(*entry);
    }
  }
}

LiveAlerts::Taken LiveAlerts::Take(size_t fired_max, TimeMs now, incidents::AlertId& next) {
  Taken out;
  out.cleared.swap(cleared_);
  for (const std::uint64_t fingerprint : changed_) {
    Entry* entry = Find(fingerprint);
    if (entry == nullptr || !entry->changed) continue;
    entry->changed = false;
    if (entry->alert.firing) out.changed.push_back(entry->alert);
  }
  changed_.clear();
  while (!waiting_.empty() && out.fired.size() < fired_max) {
    Entry& entry = *Find(std::get<2>(*waiting_.begin()));
    waiting_.erase(waiting_.begin());
    entry.episode = 0;
    entry.alert.id = next++;
    entry.alert.taken_at = now;
    out.fired.push_back(entry.alert);
    if (!entry.alert.firing) out.cleared.push_back(entry.alert);
    Schedule(entry);
  }
  return out;
}

std::vector<LiveAlert> LiveAlerts::Firing() const {
  std::vector<LiveAlert> out;
  out.reserve(firing_);
  for (const Entry& entry : entries_) {
    if (entry.alert.firing) out.push_back(entry.alert);
  }
  return out;
}

}  // namespace quell::alerts
