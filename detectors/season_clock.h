// Which cells of a seasonal baseline a local time belongs to.
#pragma once

#include <cstdint>

#include "core/time.h"
#include "detectors/seasonal_baseline.h"

namespace quell::detectors {

inline std::int64_t FloorDiv(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
inline std::int64_t FloorMod(std::int64_t a, std::int64_t b) { return a - FloorDiv(a, b) * b; }

// By the number of a local quarter-hour; places among kSeasonCells cells.
inline int DayCell(std::int64_t quarter) { return static_cast<int>(FloorMod(quarter, kDayCells)); }
inline int WeekCell(std::int64_t quarter) {
  return kDayCells + static_cast<int>(FloorMod(FloorDiv(quarter, 4), kWeekCells));
}

// Asks the processor for what Predict() reads of the cells at a local time: with many signals they
// are far from its caches. (Inlined by force: g++ takes a function that does nothing else for one
// without effects, and drops calls of it.)
[[gnu::always_inline]] inline void PrefetchCells(const SeasonCell* cells, std::int64_t local) {
  const std::int64_t quarter = FloorDiv(local, kQuarterMs);
  __builtin_prefetch(cells + DayCell(quarter));
  __builtin_prefetch(cells + WeekCell(quarter));
}

}  // namespace quell::detectors
