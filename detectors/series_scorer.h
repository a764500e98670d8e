// SeriesScorer judges a single series of which nothing is known: no period, no scale, no unit.
//
// Model    three questions. How new is what it does, among all it ever did: a value it never had,
//          or never so long without the other half of its range; times how long nothing as new
//          was seen (novelty.h). How rare is it, among its own latest values: distance from the
//          level, step, short mean off the long one, restlessness; each ranked (sliding_tail.h),
//          half the sum of their nats, smoothed over about two points, is the surprise. And is
//          that news: the surprise as far as it exceeds the highest of late, which fades by half
//          in 40 points. Novelty alone would never see a second event like the first; rarity
//          alone calls a season rare, or what is out by nothing that matters.
// Input    one value at a time; one that is not finite scores 0 and is not learned.
// Output   a causal score in [0, 1]: 1 - e^(-x / 4) of x nats, four of ln(1 + novelty) and an
//          eighth of surprise and news. From about 0.75 on worth a look. Exactly 0 for the first 50
//          values.
// Cost     O(1) features, four sliding tails and a search a value; 150 KB of state.
// Threads  thread-compatible.
// State    not saved.
// Source   own design; ranks among the latest: conformal anomaly detection (sliding_tail.h).
#pragma once

#include <array>
#include <cstdint>

#include "detectors/novelty.h"
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
  double Novelty(double value);

  std::array<SlidingTail, 4> tails_;
  std::uint64_t points_ = 0;
  double level_ = 0, fast_ = 0, slow_ = 0, before_ = 0, restless_ = 0;
  double surprise_ = 0;  // smoothed, nats
  double highest_ = 0;   // of late
  NewValue values_;
  Stay stay_;
  RareSize value_, length_;
};

}  // namespace quell::detectors
