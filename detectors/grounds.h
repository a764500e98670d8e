// Grounds: what a verdict on a slot rests on, in numbers that can be told to people.
//
// Plain data, made when somebody asks and never per point (DetectorBank::GroundsOf).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/time.h"
#include "detectors/day_classes.h"

namespace quell::detectors {

// What the isolation forest looks at in a group of signals: how odd its failures, its latencies (or
// other levels) and its volumes are now, and how much odder than about five minutes ago.
inline constexpr int kForestFeatures = 6;
std::string_view ForestFeatureName(std::uint32_t feature);  // "failures", "volume_change", ...

// One feature's part in isolating a group's vector.
struct Contribution {
  std::uint32_t feature = 0;  // < kForestFeatures
  double share = 0;           // of what shortens the vector's paths; (0, 1]
  double value = 0;           // the feature's: a normal score, or a difference of two
};
inline constexpr size_t kContributions = 3;
// The largest first; share 0 ends them. All 0: no forest yet, or nothing isolates the vector.
using Contributions = std::array<Contribution, kContributions>;

struct Grounds {
  // One EWMA window: its decayed sums, and the even window that is worth as many points.
  struct Window {
    DurationMs span_ms = 0;
    double seen = 0;  // in the value's unit; of a latency signal a share
    double expected = 0;
    double k = 0;           // bad or slow events, volumes: events; gauges: 0
    double expected_k = 0;  // of them
    double n = 0;           // all events of shares
  };
  std::array<Window, 2> windows{};  // fast, slow
  // What is usual at this time of day and week, whatever the last hours were like; value's unit.
  double usual = 0;
  // What this date makes of the usual of a volume: by its group (calendar_pool.h).
  struct Calendar {
    double factor = 1;
    DayClass day{};             // what moves it most; kNone: no ordinary day differs
    std::uint32_t earlier = 0;  // days that this was learned from
  };
  Calendar calendar{};
  // Points that it was learned from, times their spacing; whole days and weeks of it in which this
  // quarter-hour, this hour of the week, was met before.
  DurationMs learned_ms = 0;
  std::uint32_t earlier_days = 0;
  std::uint32_t earlier_weeks = 0;
  // Share of the points due that came, over the slow window.
  double arrived = 0;
  Contributions contributions{};
};

}  // namespace quell::detectors
