// SlidingTail: how rare a value is among the latest ones of its own kind, nothing assumed about it.
//
// Model    the share of the latest 2,000 values that are at least as large (conformal: of n + 1),
//          in nats; beyond the largest, the exponential tail of the excesses over the top twentieth
//          (peaks over threshold of shape 0), so that far beyond is rarer than just beyond.
// Input    one finite value at a time.
// Output   -ln of the share; >= 0; 0 until 50 values are known.
// Cost     O(log n) to find and a move of at most 16 KB a value; 32 KB of state.
// Threads  thread-compatible.
// State    not saved.
// Source   Laxhammar and Falkman (2011), conformal anomaly detection; Pickands (1975).
#pragma once

#include "detectors/latest_values.h"

namespace quell::detectors {

class SlidingTail {
 public:
  // Against the values before it; then it is one of them.
  double Observe(double value);

 private:
  [[nodiscard]] double Surprise(double value) const;

  LatestValues known_;
};

}  // namespace quell::detectors
