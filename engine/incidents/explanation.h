// Explanation: what an alert's evidence rests on, beside the Evidence itself.
//
// Plain data of fixed size, made when an alert fires and when its evidence changes, never per
// point.
#pragma once

#include <array>
#include <cstdint>

#include "core/time.h"
#include "detectors/grounds.h"

namespace quell::incidents {

inline constexpr size_t kExplainedWindows = 3;  // the point, the fast and the slow EWMA

struct Explanation {
  TimeMs as_of = 0;  // end of the step it speaks of; 0 = there is none (somebody else's alert)
  DurationMs utc_offset_ms = 0;  // of the signal's local time then
  // In the signal's unit, but for latency: there a window sees a share of slow requests. A signal
  // that went missing has none (span 0).
  std::array<detectors::Grounds::Window, kExplainedWindows> windows{};
  // Usual at this time of day and week, in the signal's unit, and how often that was met before.
  double usual = 0;
  std::uint32_t earlier_days = 0;
  std::uint32_t earlier_weeks = 0;
  detectors::Grounds::Calendar calendar{};  // of a volume: what the date makes of that
  DurationMs learned_ms = 0;  // age of the baseline: points it was learned from x their spacing
  // Quality of the data: the share of points that came over arrived_ms, and what was wrong with
  // samples over troubles_ms.
  double arrived = 0;
  DurationMs arrived_ms = 0;
  std::uint32_t late = 0;
  std::uint32_t resets = 0;
  std::uint32_t gaps = 0;
  DurationMs troubles_ms = 0;
  detectors::Contributions contributions{};  // what isolates the service, for the forest
};

}  // namespace quell::incidents
