#include "engine/pipeline/recurrence.h"

#include <algorithm>
#include <cstdlib>

namespace quell::pipeline {
namespace {

constexpr size_t kPastMax = 24;
constexpr int kEarlierMin = 2;
constexpr DurationMs kApartMaxMs = 30 * kMinuteMs;

// Whether two times lie whole periods apart (at least one, at most `periods_max`).
bool WholePeriodsApart(TimeMs later, TimeMs earlier, DurationMs period, int periods_max) {
  const DurationMs apart = later - earlier;
  const DurationMs periods = (apart + period / 2) / period;
  return periods >= 1 && periods <= periods_max &&
         std::abs(apart - periods * period) <= kApartMaxMs;
}

}  // namespace

bool Recurrence::IsRoutine(std::uint32_t slot, TimeMs at, double sign) {
  std::vector<Past>& past = past_[slot];
  const std::int64_t side = sign >= 0 ? 1 : -1;
  const auto earlier = [&](DurationMs period, int periods_max) {
    return std::count_if(past.begin(), past.end(), [&](const Past& alert) {
      return alert.sign == side && WholePeriodsApart(at, alert.at, period, periods_max);
    });
  };
  const bool routine = earlier(kDayMs, 4) >= kEarlierMin || earlier(kWeekMs, 4) >= kEarlierMin;
  if (past.size() >= kPastMax) past.erase(past.begin());
  past.push_back({at, side});
  return routine;
}

TimeMs Recurrence::FirstLike(std::uint32_t slot, TimeMs at, double sign) const {
  const auto found = past_.find(slot);
  if (found == past_.end()) return at;
  const std::int64_t side = sign >= 0 ? 1 : -1;
  for (const Past& alert : found->second) {
    if (alert.sign != side) continue;
    for (const DurationMs period : {kDayMs, kWeekMs}) {
      if (WholePeriodsApart(at, alert.at, period, 4)) return alert.at;
    }
  }
  return at;
}

void Recurrence::Save(ByteWriter& out) const {
  out.Put(static_cast<std::uint64_t>(past_.size()));
  for (const auto& [slot, past] : past_) {
    out.Put(slot);
    out.PutArray(past);
  }
}

void Recurrence::Load(ByteReader& in) {
  const size_t count = in.GetCount(12);
  for (size_t i = 0; i < count && in.ok(); ++i) {
    const auto slot = in.Get<std::uint32_t>();
    past_[slot] = in.GetArray<Past>();
  }
}

}  // namespace quell::pipeline
