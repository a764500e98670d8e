#include "engine/incidents/flap_memory.h"

#include <algorithm>

#include "engine/incidents/snapshot_fields.h"

namespace quell::incidents {
namespace {

constexpr size_t kEpisodes = 11;  // of which more would change nothing
constexpr DurationMs kWindowMs = 6 * kHourMs;
constexpr double kChanges = 20;  // that the window has room for
constexpr double kOldest = 0.8;  // the weight of a change at the window's beginning ...
constexpr double kNewest = 1.2;  // ... and of one now
constexpr double kBegins = 0.34 - 1e-9;
constexpr double kEnds = 0.2;
constexpr DurationMs kMuteMs = 2 * kHourMs;
constexpr DurationMs kMuteCriticalMs = kHourMs;
constexpr DurationMs kEpisodeMaxMs = 15 * kMinuteMs;
constexpr size_t kRecordsMax = 20000;

}  // namespace

double FlapMemory::Share(const Record& record, TimeMs now) {
  double changes = 0;
  for (size_t i = 0; i < record.opened.size(); ++i) {
    const DurationMs age = now - record.opened[i];
    if (age > kWindowMs) continue;
    const double old = static_cast<double>(age) / static_cast<double>(kWindowMs);
    const double weight = kNewest - (kNewest - kOldest) * old;
    changes += (i + 1 < record.opened.size() ? 2 : 1) * weight;
  }
  return changes / kChanges;
}

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
  const double share = Share(record, now);
  if (share < kBegins || !paged) return;
  record.muted_until = now + (alert.severity == Severity::kCritical ? kMuteCriticalMs : kMuteMs);
  if (record.flapping) return;
  record.flapping = true;
  record.labels = alert.labels;
  news_.push_back({now, true, alert.labels, share, record.muted_until});
}

bool FlapMemory::Muted(const Alert& alert, TimeMs now) const {
  const auto at = records_.find(alert.fingerprint);
  return at != records_.end() && now < at->second.muted_until &&
         now - alert.starts_at < kEpisodeMaxMs;
}

std::vector<FlapNews> FlapMemory::TakeNews() {
  std::vector<FlapNews> out;
  out.swap(news_);
  return out;
}

void FlapMemory::Forget(TimeMs now) {
  for (auto& [fingerprint, record] : records_) {
    if (!record.flapping || record.muted_until > now) continue;
    const double share = Share(record, now);
    if (share >= kEnds) continue;
    news_.push_back({now, false, record.labels, share, 0});
    record.flapping = false;
    record.labels = Labels{};
  }
  std::erase_if(records_, [now](const auto& entry) {
    return entry.second.opened.back() < now - kWindowMs && entry.second.muted_until <= now &&
           !entry.second.flapping;
  });
}

void FlapMemory::Save(ByteWriter& out) const {
  out.Put(static_cast<std::uint64_t>(records_.size()));
  for (const auto& [fingerprint, record] : records_) {
    out.Put(fingerprint);
    out.Put(record.muted_until);
    out.Put(static_cast<std::uint8_t>(record.flapping));
    PutLabels(out, record.labels);
    out.PutArray(record.opened);
  }
}

void FlapMemory::Load(ByteReader& in) {
  const size_t count = in.GetCount(24);
  for (size_t i = 0; i < count && in.ok(); ++i) {
    const auto fingerprint = in.Get<std::uint64_t>();
    Record record;
    record.muted_until = in.Get<TimeMs>();
    record.flapping = in.Get<std::uint8_t>() != 0;
    record.labels = GetLabels(in);
    record.opened = in.GetArray<TimeMs>();
    if (!record.opened.empty()) records_[fingerprint] = std::move(record);
  }
}

}  // namespace quell::incidents
