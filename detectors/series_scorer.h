// SeriesScorer judges a single series of which nothing is known: no period, no scale, no unit.
//
// Model    four things may be new about a value: its distance from the level, its step, the short
//          mean off the long one, and how restless the series is. Each is ranked among its own
//          latest values (sliding_tail.h); half the sum of their nats is the surprise. What is
//          scored is news: the surprise (smoothed over about two points), as far as it exceeds the
//          highest of late, which fades by half in 40 points. So an event scores high where it
//          begins, and a series that is often odd must be odder than usual.
// Input    one value at a time; one that is not finite scores 0 and is not learned.
// Output   a causal score in [0, 1]: 1 - e^(-x / 4) for x nats of news; 0.22 at one nat, 0.9 at
//          nine; exactly 0 for the first 50 values.
// Cost     O(1) features and four sliding tails a value; 130 KB of state.
// Threads  thread-compatible.
// State    not saved.
// Source   own design; ranks among the latest: conformal anomaly detection (sliding_tail.h).
#pragma once

#include <array>
#include <cstdint>

#include "detectors/sliding_tail.h"

namespace quell::detectors {

class SeriesScorer {
 public:
  static constexpr double kScoreNats = 4;

  double Observe(double value);
  // The latest value's smoothed surprise in nats, itself and not as news.
  [[nodiscard]] double surprise() const { return surprise_; }
  // Whether enough values are known to judge one.
  [[nodiscard]] bool ready() const { return points_ > LatestValues::kKnownMin; }

 private:
  double Surprise(double value);

  std::array<SlidingTail, 4> tails_;
  std::uint64_t points_ = 0;
  double level_ = 0, fast_ = 0, slow_ = 0, before_ = 0, restless_ = 0;
  double surprise_ = 0;  // smoothed, nats
  double highest_ = 0;   // of late
};

}  // namespace quell::detectors
