// SeriesSurprise: how rare the latest value of a series is among its own latest values.
//
// Model    four things may be new about a value: its distance from the level, its step, the short
//          mean off the long one, and how restless the series is. Each is ranked among its own
//          latest (sliding_tail.h); half the sum of their nats, smoothed over about two points,
//          is the surprise.
// Input    finite values, one at a time.
// Output   nats, >= 0; about 0 until 50 values are known.
// Cost     O(1) features and four sliding tails a value; 130 KB of state.
// Threads  thread-compatible.
// State    not saved.
// Source   own design; ranks among the latest: conformal anomaly detection (sliding_tail.h).
#pragma once

#include <array>
#include <cstdint>

#include "detectors/sliding_tail.h"

namespace quell::detectors {

class SeriesSurprise {
 public:
  double Observe(double value);
  // Whether enough values are known to judge one.
  [[nodiscard]] bool ready() const { return points_ > LatestValues::kKnownMin; }

 private:
  double OfThis(double value);

  std::array<SlidingTail, 4> tails_;
  std::uint64_t points_ = 0;
  double level_ = 0, fast_ = 0, slow_ = 0, before_ = 0, restless_ = 0;
  double smoothed_ = 0;
};

}  // namespace quell::detectors
