// SeasonalBaseline knows what a signal is expected to do at a time of day and week.
//
// Model    link(t) = base + day[quarter-hour] + week[hour of week] + local level, in local civil
//          time. Shares live in logits, volumes in logarithms, gauges as they are (or as
//          logarithms; the caller transforms). Every part carries a variance; a finished
//          quarter-hour is one observation whose innovation is shared out by those variances
//          (a Kalman filter with diagonal covariance; for counts the gamma-conjugate form, so
//          that thin counts shrink to what was known). A quarter-hour met for the first time
//          continues the one before it, more uncertain. The local level follows holidays and
//          paydays with a half-life, and is bounded so that it cannot follow an outage far.
// Input    one observation a point: events k of e expected (shares, volumes), or a residual
//          (gauges), with a learning weight in [0, 1]; times not decreasing.
// Output   the expected link value and the variance of that expectation.
// Cost     O(1); 264 cells of 4 bytes (1,056 bytes) and 72 bytes more a slot.
// Threads  thread-compatible.
// State    part of "detector_bank" (docs/formats/detector_bank.md).
// Source   Harvey (1989), structural time series; West and Harrison (1997), ch. 10 (discounted
//          gamma-Poisson learning); the robust weight is the caller's.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "core/time.h"
#include "detectors/kind_priors.h"

namespace quell::detectors {

inline constexpr int kDayCells = 96;
inline constexpr int kWeekCells = 168;
inline constexpr int kSeasonCells = kDayCells + kWeekCells;
inline constexpr DurationMs kQuarterMs = 15 * kMinuteMs;

// Mean and variance of one time of day or week, in four bytes: a float's sign, exponent and ten
// bits of mantissa (4.9e-4 of the mean), exponent and five bits of the variance (1.6 %), rounded to
// nearest. All zero: never visited. What is set is finite, the variance not negative.
class SeasonCell {
 public:
  [[nodiscard]] bool Visited() const { return (bits_ & kVarianceMask) != 0; }
  [[nodiscard]] float Mean() const {
    return std::bit_cast<float>((bits_ >> kVarianceBits) << kMeanDropped);
  }
  [[nodiscard]] float Variance() const {
    return std::bit_cast<float>((bits_ & kVarianceMask) << kVarianceDropped);
  }
  [[nodiscard]] std::uint32_t bits() const { return bits_; }  // as saved
  static SeasonCell OfBits(std::uint32_t bits) {
    SeasonCell cell;
    cell.bits_ = bits;
    return cell;
  }
  void Set(double mean, double variance) {
    const auto rounded = [](double value, std::uint32_t dropped) {
      const float near = static_cast<float>(std::clamp(value, -kLargest, kLargest));
      return (std::bit_cast<std::uint32_t>(near) + (1U << (dropped - 1))) >> dropped;
    };
    const std::uint32_t low = std::max(1U, rounded(std::max(variance, 0.0), kVarianceDropped));
    bits_ = rounded(mean, kMeanDropped) << kVarianceBits | low;
  }

 private:
  static constexpr std::uint32_t kVarianceBits = 13;
  static constexpr std::uint32_t kVarianceMask = (1U << kVarianceBits) - 1;
  static constexpr std::uint32_t kMeanDropped = 13;
  static constexpr std::uint32_t kVarianceDropped = 18;
  static constexpr double kLargest = 1e38;
  std::uint32_t bits_ = 0;
};
static_assert(sizeof(SeasonCell) == 4);

struct BaselineState {
  double base = 0;
  double base_variance = 0;
  double level_seen = 0;      // counts: decayed events; gauges: decayed residual x precision
  double level_expected = 0;  // counts: decayed expectation; gauges: decayed precision
  double quarter_seen = 0;    // of the quarter-hour under way, weighted
  double quarter_expected = 0;
  double quarter_points = 0;         // counts: expected, unweighted; gauges: points
  std::int64_t quarter = INT64_MIN;  // its number in local time
  std::int64_t first_visit = 0;      // 1: its time of day was never met before
};

// How a slot is modelled; `unit` scales the priors (1 except for gauges).
struct BaselineModel {
  SignalKind kind = SignalKind::kGauge;
  double unit = 1;
  DurationMs shift_ms = 0;  // added to an event time to get the local middle of its interval
};

struct Prediction {
  double link = 0;      // expected, local level included
  double variance = 0;  // of `link`
  double season = 0;    // without the local level and the day's factor
  double level = 0;
  double level_variance = 0;  // prior variance of the level
  double taught = 1;          // share of the level that does not teach the season
  double known = 0;           // evidence behind the level: events; gauges: precision
};

// One slot's parts, borrowed for a call.
struct BaselineView {
  BaselineState& state;
  SeasonCell* cells;  // kDayCells, then kWeekCells
  BaselineModel model;
};

// Starts the baseline at a first link value.
void StartBaseline(BaselineView view, double link, double variance);

// Closes a finished quarter-hour and opens the present one. `noise_variance` is the process
// noise of a quarter-hour's mean, link units.
void EnterQuarter(BaselineView view, TimeMs at, double noise_variance);

// Asks the processor for what Predict() reads of the cells (kSeasonCells of them): with many
// signals they are far from its caches.
void PrefetchCells(const SeasonCell* cells, TimeMs at, DurationMs shift_ms);

// What a date makes of the usual: its logarithm, and the variance of that.
struct DayFactor {
  double log = 0;
  double variance = 0;
};

// What the local level has seen since says how much of the day's factor there is. REQUIRES:
// started.
Prediction Predict(const BaselineView& view, TimeMs at, const DayFactor& day_factor = {});

struct Lesson {
  double seen = 0;      // counts: k, winsorised; gauges: residual, winsorised
  double expected = 0;  // counts: events expected by `Prediction::link`; gauges: 1
  double weight = 1;
  double noise_variance = 0;  // process noise of the point, link units
  double correlated = 1;      // points that share one draw of that noise
  double decay = 1;           // of the local level over the time since the last point
};
void Learn(BaselineView view, const Prediction& prediction, const Lesson& lesson);

// Makes the present quarter-hour as uncertain as one never met, so that what is seen now is taken
// for its own. REQUIRES: EnterQuarter() was called.
void DoubtTimeOfDay(BaselineView view);

// Takes a Relevel() by `shift` back; `variance` is the base's from before it.
void Restore(BaselineView view, double shift, double variance);

// Moves the base by `shift` link units and opens the bands again (a new normal was adopted).
void Relevel(BaselineView view, double shift);

}  // namespace quell::detectors
