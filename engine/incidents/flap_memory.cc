#include "engine/incidents/flap_memory.h"

#include <algorithm>

namespace quell::incidents {
namespace {

constexpr size_t kEpisodes = 4;
constexpr DurationMs kWindowMs = 6 * kHourMs;
constexpr DurationMs kMuteMs = 2 * kHourMs;
constexpr DurationMs kMuteCriticalMs = kHourMs;
constexpr DurationMs kEpisodeMaxMs = 15 * kMinuteMs;
constexpr size_t kRecordsMax = 20000;

}  // namespace

void FlapMemory::Opened(const Alert& alert, TimeMs now, bool paged) {
  if (records_.size() >= kRecordsMax && !records_.contains(alert.fingerprint)) {
    const auto oldest =
        std::min_element(records_.begin(), records_.end(), [](const auto& a, const auto& b) {
          return a.second.opened.back() < b.second.opened.back();
        });
    records_.erase(oldest);
  }
  Record& record = records_[alert.fingerprint];
  record.opened.push_back(now);
  if (record.opened.size() > kEpisodes) record.opened.erase(record.opened.begin());
  const bool flapping =
      record.opened.size() == kEpisodes && record.opened.front() >= now - kWindowMs;
  if (flapping && paged) {
    record.muted_until = now + (alert.severity == Severity::kCritical ? kMuteCriticalMs : kMuteMs);
  }
}

bool FlapMemory::Muted(const Alert& alert, TimeMs now) const {
  const auto at = records_.find(alert.fingerprint);
  return at != records_.end() && now < at->second.muted_until &&
         now - alert.starts_at < kEpisodeMaxMs;
}

void FlapMemory::Forget(TimeMs now) {
  std::erase_if(records_, [now](const auto& entry) {
    return entry.second.opened.back() < now - kWindowMs && entry.second.muted_until <= now;
  });
}

void FlapMemory::Save(ByteWriter& out) const {
  out.Put(static_cast<std::uint64_t>(records_.size()));
  for (const auto& [fingerprint, record] : records_) {
    out.Put(fingerprint);
    out.Put(record.muted_until);
    out.PutArray(record.opened);
  }
}

void FlapMemory::Load(ByteReader& in) {
  const size_t count = in.GetCount(24);
  for (size_t i = 0; i < count && in.ok(); ++i) {
    const auto fingerprint = in.Get<std::uint64_t>();
    Record record;
    record.muted_until = in.Get<TimeMs>();
    record.opened = in.GetArray<TimeMs>();
    if (!record.opened.empty()) records_[fingerprint] = std::move(record);
  }
}

}  // namespace quell::incidents
