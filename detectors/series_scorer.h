// SeriesScorer judges a single series of which nothing is known.
//
// Model    a DetectorBank with one gauge; the interval is the median of the first gaps. What is
//          scored is news: the surprise (smoothed over about two points), as far as it exceeds
//          the highest of late, which fades by half in 600 points. So an event scores high where
//          it begins, and a signal that is often odd must be odder than usual.
// Input    one value at a time; times strictly increasing; finite values only.
// Output   a causal score in [0, 1]: 1 - e^(-x / 4) for x nats of news; 0.22 at one nat, 0.9 at
//          nine; exactly 0 until the warm-up ends (eight gaps, then two hours and 24 points at
//          least).
// Cost     O(1) a value.
// Threads  thread-compatible.
// State    not saved.
// Source   detectors/bank.h.
#pragma once

#include <vector>

#include "detectors/bank.h"

namespace quell::detectors {

struct SeriesScorerOptions {
  std::uint64_t seed = 1;
  Direction direction = Direction::kBoth;
};

class SeriesScorer {
 public:
  // Errors of DetectorBank::Create.
  static Result<SeriesScorer> Create(const SeriesScorerOptions& options);

  double Observe(TimeMs time, double value);
  // Of the last value observed.
  [[nodiscard]] const Verdict& verdict() const { return verdict_; }

 private:
  explicit SeriesScorer(DetectorBank bank, const SeriesScorerOptions& options);
  double Judge(TimeMs time, double value);

  struct Early {
    TimeMs time = 0;
    double value = 0;
  };
  DetectorBank bank_;
  Direction direction_;
  std::vector<Early> early_;  // until the interval is known
  double surprise_ = 0;       // smoothed, nats
  double highest_ = 0;        // of late
  Verdict verdict_;
};

}  // namespace quell::detectors
