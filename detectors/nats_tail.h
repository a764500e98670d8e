// NatsTail: how rare a value is among the latest ones of its own kind, where the kind is surprise.
//
// Model    below the largest quarter of the latest 2,000 values, the share of those at least as
//          large. Among the largest quarter a generalised Pareto tail, its scale from the median of
//          the excesses, its shape from the upper quartile too, within what the owner knows of it:
//          incidents in a sixteenth of the values move neither, so they do not hide the next one
//          as they would if ranked by. The shape is at least what not knowing the scale of so few
//          values makes of it (2 / their number).
// Input    one finite value at a time.
// Output   -ln of the share; >= 0; 0 until 50 values are known.
// Cost     O(log n) to find and a move of at most 16 KB a value; 32 KB of state.
// Threads  thread-compatible.
// State    not saved.
// Source   Pickands (1975), statistical inference using extreme order statistics.
#pragma once

#include "detectors/latest_values.h"

namespace quell::detectors {

class NatsTail {
 public:
  // A shape of 0 is an exponential tail, which the nats of anything well judged have.
  explicit NatsTail(double shape_max) : shape_max_(shape_max) {}

  // Against the values before it; then it is one of them.
  double Observe(double value);
  // Whether the next value can be judged.
  [[nodiscard]] bool ready() const { return known_.ready(); }

 private:
  [[nodiscard]] double Surprise(double value) const;

  LatestValues known_;
  double shape_max_;
};

}  // namespace quell::detectors
