// Flatline: how odd it is that a level repeats the very same value for so long.
//
// Model    the past as runs of equal values. Their length-weighted mean, the run that a point lies
//          in on average, is the scale of an exponential tail: for the geometric runs of
//          independent repeats, of probability p, it is (1 + p) / (1 - p) and the tail is wider
//          than theirs; where nights or weekends stand still it is of their size. The prior is one
//          run of an hour; half of the past is forgotten in four weeks; nothing is said before a
//          week has been seen, as banks have weekends. Zeros neither teach nor are ever odd: a
//          queue that is empty rests.
// Input    the level of each point, finite; spacing of the points.
// Output   points of the run under way, and its tail probability; 1 while nothing is known.
// Cost     O(1); 24 bytes.
// Threads  thread-compatible.
// State    saved as it lies, part of "pipeline".
// Source   own design; length-biased sampling of runs: Feller (1971), II, section I.4.
#pragma once

#include <algorithm>
#include <cmath>

#include "core/time.h"

namespace quell::detectors {

struct Flatline {
  static constexpr DurationMs kPriorRunMs = kHourMs;
  static constexpr DurationMs kHalfLifeMs = 4 * kWeekMs;
  static constexpr DurationMs kHistoryMs = kWeekMs;

  double value = 0;
  float run = 0;      // points in a row that had it
  float usual = 0;    // points: the length-weighted mean of the runs before
  float longest = 0;  // points: of them, fading with their weight
  float weight = 0;   // points that `usual` was learned from, the prior's with them

  void Observe(double level, DurationMs interval_ms) {
    const auto points = [interval_ms](DurationMs span) {
      return std::max(1.0, static_cast<double>(span) / static_cast<double>(interval_ms));
    };
    if (weight <= 0) weight = usual = static_cast<float>(points(kPriorRunMs));
    if (run > 0 && level == value) {
      constexpr float kRunMax = 1e7F;  // a float still counts there
      run = std::min(run + 1, kRunMax);
      return;
    }
    if (run > 0 && value != 0) Learn(points(kHalfLifeMs));
    value = level;
    run = 1;
  }

  // A run no longer than one that was seen, or too little past, is not odd.
  [[nodiscard]] double TailProbability(DurationMs interval_ms) const {
    const double seen = static_cast<double>(weight) * static_cast<double>(interval_ms);
    if (value == 0 || run <= longest || seen < static_cast<double>(kHistoryMs)) return 1;
    return std::exp(-static_cast<double>(run) / static_cast<double>(usual));
  }

 private:
  void Learn(double half_life) {
    const double length = run;
    const double kept = std::exp2(-length / half_life);
    const double before = kept * static_cast<double>(weight);
    usual = static_cast<float>((before * static_cast<double>(usual) + length * length) /
                               (before + length));
    weight = static_cast<float>(before + length);
    longest = static_cast<float>(std::max(length, kept * static_cast<double>(longest)));
  }
};
static_assert(sizeof(Flatline) == 24, "no padding");

}  // namespace quell::detectors
