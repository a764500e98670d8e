#include "engine/incidents/received_lanes.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/incidents/scope_index.h"
#include "engine/incidents/snapshot_fields.h"

namespace quell::incidents {
namespace {

constexpr size_t kLanesMax = 8192;
constexpr size_t kCountsMax = 32768;
constexpr double kHalfLifeMs = static_cast<double>(kDayMs);
constexpr DurationMs kOnceMs = 10 * kMinuteMs;

double Decay(TimeMs from, TimeMs to) {
  return std::exp2(-static_cast<double>(std::max<TimeMs>(0, to - from)) / kHalfLifeMs);
}

// Drops the oldest quarter of what has outgrown its bound.
template <typename Table, typename At>
bool Bound(Table& table, size_t max, At at_of) {
  if (table.size() <= max) return false;
  std::vector<TimeMs> times;
  times.reserve(table.size());
  for (const auto& entry : table) times.push_back(at_of(entry));
  const auto cut = times.begin() + static_cast<std::ptrdiff_t>(max / 4);
  std::nth_element(times.begin(), cut, times.end());
  const TimeMs before = *cut;
  size_t drop = table.size() - max + max / 4;
  std::erase_if(table, [&](const auto& entry) {
    if (drop == 0 || at_of(entry) > before) return false;
    --drop;
    return true;
  });
  return true;
}

}  // namespace

void ReceivedLanes::Saw(const Alert& alert, TimeMs now) {
  const auto [lane, added] = lanes_.try_emplace(LaneLabels(alert.labels), now);
  lane->second = now;
  if (added) ++version_;
  Count& count = counts_[alert.fingerprint];
  if (count.value > 0 && now - count.at < kOnceMs) return;
  count.value = count.value * Decay(count.at, now) + 1;
  count.at = now;
  if (Bound(lanes_, kLanesMax, [](const auto& entry) { return entry.second; })) ++version_;
  Bound(counts_, kCountsMax, [](const auto& entry) { return entry.second.at; });
}

bool ReceivedLanes::Knows(const Labels& labels) const {
  return lanes_.contains(LaneLabels(labels));
}

double ReceivedLanes::Firings(const Alert& alert, TimeMs now) const {
  const auto count = counts_.find(alert.fingerprint);
  if (count == counts_.end()) return 0;
  return std::max(0.0, count->second.value - 1) * Decay(count->second.at, now);
}

void ReceivedLanes::Save(ByteWriter& out) const {
  out.Put(static_cast<std::uint64_t>(lanes_.size()));
  for (const auto& [labels, at] : lanes_) {
    PutLabels(out, labels);
    out.Put(at);
  }
  out.Put(static_cast<std::uint64_t>(counts_.size()));
  for (const auto& [fingerprint, count] : counts_) {
    out.Put(fingerprint);
    out.Put(count.value);
    out.Put(count.at);
  }
}

bool ReceivedLanes::Load(ByteReader& in) {
  ++version_;
  const size_t lanes = in.GetCount(sizeof(std::uint32_t) + sizeof(TimeMs));
  for (size_t i = 0; i < lanes && in.ok(); ++i) {
    Labels labels = GetLabels(in);
    const auto at = in.Get<TimeMs>();
    lanes_[std::move(labels)] = at;
  }
  const size_t counts = in.GetCount(24);
  for (size_t i = 0; i < counts && in.ok(); ++i) {
    const auto fingerprint = in.Get<std::uint64_t>();
    Count count;
    count.value = in.Get<double>();
    count.at = in.Get<TimeMs>();
    if (!std::isfinite(count.value)) return false;
    counts_[fingerprint] = count;
  }
  return in.ok() && lanes_.size() <= kLanesMax && counts_.size() <= kCountsMax;
}

}  // namespace quell::incidents
