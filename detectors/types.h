// The vocabulary of the detectors: what goes in (Point) and what comes out (Verdict).
//
// Pure data. Slots are dense indices 0..n-1 that the caller assigns, one per signal.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/time.h"

namespace quell::detectors {

using Slot = std::uint32_t;

enum class SignalKind : std::uint8_t {
  kRatio,     // k bad of n: failure ratio
  kQuantile,  // k slow of n: share of requests above a learned latency bound
  kRate,      // k events in exposure seconds: volume
  kGauge,     // a level
};
inline constexpr size_t kSignalKinds = 4;

enum class Direction : std::uint8_t { kUp, kDown, kBoth };

// What counts as worth an alert, whatever the odds say. Both minima must be exceeded.
struct Policy {
  Direction direction = Direction::kBoth;
  double min_abs_deviation = 0;  // in the value's unit; >= 0
  double min_rel_deviation = 0;  // share of the expected value; >= 0
};

// What was announced of a slot's present.
enum class Announced : std::uint8_t {
  kNothing,
  kMoved,  // by some change, or in what follows one: says nothing of its date, and expects nothing
  kPromotion,
  kHoliday,
};

// What a bank needs to know of a signal, once.
struct SignalSpec {
  SignalKind kind = SignalKind::kGauge;
  Policy policy{};
  std::uint32_t group = 0;  // signals of one group (service, region, psp...) share a feature vector
  // Of shares and of volumes, each numbered by itself: signals under the same parent are siblings
  // (sibling_pool.h, calendar_pool.h): the region's within the service, then the service's. Small
  // numbers, 0: none.
  std::array<std::uint32_t, 2> parents{};
  DurationMs interval_ms = 30 * kSecondMs;  // native spacing of its points; > 0
  DurationMs utc_offset_ms = 0;             // local civil time of the signal's region
  double static_limit = 0;                  // cold-start fallback: an alert above it; 0 = none
};

// A signal's value at a step, with its support.
//
//   kind      value            k                n                  exposure_seconds
//   kRatio    k / n            bad events       all events         time covered
//   kQuantile k / n            slow requests    all requests       time covered
//   kRate     k / exposure     events           = k                time covered
//   kGauge    the level        unused (0)       samples averaged   unused (0)
struct Point {
  Slot slot = 0;
  double value = 0;
  double k = 0;
  double n = 0;
  double exposure_seconds = 0;
};

enum class DetectorId : std::uint8_t { kSeasonal, kEwmaFast, kEwmaSlow, kForest };
inline constexpr size_t kDetectors = 4;
inline constexpr size_t kCharts = 3;  // those with a window of their own: all but the forest
std::string_view DetectorName(DetectorId id);      // "seasonal", "ewma_fast", "ewma_slow", "forest"
std::string_view SignalKindName(SignalKind kind);  // "ratio", "quantile", "rate", "gauge"

// Why a verdict is what it is.
enum class VerdictReason : std::uint8_t {
  kNormal,                // the tail probability is not small
  kAnomalous,             // small tail probability and a deviation worth an alert
  kBelowMinDeviation,     // improbable, but below the policy's minimum deviation
  kWrongDirection,        // improbable, on the side that the policy does not watch
  kInsufficientEvidence,  // too few events or too little history to say anything
  kStaticLimit,           // no history yet: above the stated fallback limit
  kBeyondLimit,           // above the policy's ceiling or below its floor, whatever the odds
  kHeldByPolicy,          // improbable, but not worth an alert there or now
  kRegionalDemand,        // improbable, but all volumes of its place are off alike
  kFlatline,              // as expected, but it has not moved for improbably long
};
std::string_view VerdictReasonName(VerdictReason reason);  // "normal", "anomalous", ...

// kNewNormal: a level, because somebody said so.
enum class ShiftKind : std::uint32_t { kLevel, kScale, kTime, kNewNormal };
std::string_view ShiftKindName(ShiftKind kind);  // "level", "scale", "time", "new_normal"

// A lasting shift that became the new normal.
struct AdoptedShift {
  Slot slot = 0;
  ShiftKind what = ShiftKind::kLevel;
  TimeMs since = 0;
  double shift = 0;     // level: of the baseline, link units
  double variance = 0;  // level: of its base before
  double from = 0;      // before and from now on, in the value's unit: what is expected, or the ...
  double to = 0;        // ... standard deviation of the noise around it
  std::array<float, kCharts> noises{};  // scale: their log variances before
  std::uint32_t unused = 0;
};

// A quarter-hour of the day as it was expected: its SeasonCell, as saved.
struct QuarterBefore {
  std::uint32_t cell = 0;    // of the 96 of a day, local civil time
  std::uint32_t before = 0;  // 0: nothing
};

// A quarter-hour of the day that was learned as new, for its deviation recurred.
struct RetaughtQuarter {
  Slot slot = 0;
  QuarterBefore cell;
  std::int32_t side = 0;  // of the change: -1, +1
  TimeMs begins = 0;
  double from = 0;  // expected in it before and from now on, in the value's unit
  double to = 0;
};

// The detectors' joint answer about one point. All numbers finite.
struct Verdict {
  Slot slot = 0;
  VerdictReason reason = VerdictReason::kInsufficientEvidence;
  double tail_probability = 1;  // fused and calibrated; (0, 1]
  double deviation_sign = 0;    // +1 above expected, -1 below, 0 none
  double z = 0;         // signed normal score of the point against the season (for correlation)
  double value = 0;     // what was judged, in the value's unit
  double expected = 0;  // same unit
  double band_low = 0;  // central 99 % of what is expected, same unit
  double band_high = 0;
  std::array<double, kDetectors> tail{1, 1, 1, 1};  // calibrated, by DetectorId; 1 where silent
};

}  // namespace quell::detectors
