#include "engine/pipeline/time_runs.h"

#include "detectors/seasonal_baseline.h"

namespace quell::pipeline {
namespace {

using detectors::kDayCells;
using detectors::kQuarterMs;

constexpr DurationMs kApartMaxMs = kHourMs;
constexpr size_t kRowBytes = 56;

}  // namespace

void TimeRuns::Add(const detectors::RetaughtQuarter& quarter, TimeMs now) {
  TimeRun& run = runs_[{quarter.slot, quarter.side}];
  if (run.cells.empty()) run.begins = quarter.begins;
  run.heard = now;
  run.cells.push_back(quarter.cell);
  const std::uint32_t first = run.cells.front().cell;
  run.quarters = (quarter.cell.cell + kDayCells - first) % kDayCells + 1;
  const double share = 1 / static_cast<double>(run.cells.size());
  run.from += share * (quarter.from - run.from);
  run.to += share * (quarter.to - run.to);
}

std::vector<std::pair<std::uint32_t, TimeRun>> TimeRuns::TakeEnded(TimeMs now) {
  std::vector<std::pair<std::uint32_t, TimeRun>> out;
  for (auto it = runs_.begin(); it != runs_.end();) {
    const TimeRun& run = it->second;
    const bool whole_day = now - run.begins >= kDayMs;
    if (!whole_day && now - run.heard <= kApartMaxMs) {
      ++it;
      continue;
    }
    out.emplace_back(it->first.first, std::move(it->second));
    it = runs_.erase(it);
  }
  return out;
}

void TimeRuns::Save(ByteWriter& out) const {
  out.Put(static_cast<std::uint64_t>(runs_.size()));
  for (const auto& [key, run] : runs_) {
    out.Put(key.first);
    out.Put(key.second);
    out.Put(run.begins);
    out.Put(run.heard);
    out.Put(run.quarters);
    out.Put(run.from);
    out.Put(run.to);
    out.PutArray(run.cells);
  }
}

bool TimeRuns::Load(ByteReader& in, size_t signals) {
  const size_t count = in.GetCount(kRowBytes);
  for (size_t i = 0; i < count && in.ok(); ++i) {
    const auto slot = in.Get<std::uint32_t>();
    TimeRun& run = runs_[{slot, in.Get<std::int32_t>()}];
    run.begins = in.Get<TimeMs>();
    run.heard = in.Get<TimeMs>();
    run.quarters = in.Get<std::uint32_t>();
    run.from = in.Get<double>();
    run.to = in.Get<double>();
    run.cells = in.GetArray<detectors::QuarterBefore>();
    for (const auto& cell : run.cells) {
      if (cell.cell >= kDayCells) return false;
    }
    if (slot >= signals || run.cells.empty()) return false;
  }
  return in.ok();
}

}  // namespace quell::pipeline
