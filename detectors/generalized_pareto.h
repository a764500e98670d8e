// The generalised Pareto law of excesses over a high threshold.
//
// Model    P(X > x) = (1 + shape x / scale)^(-1 / shape); exponential at shape 0.
// Input    excesses >= 0, in any order.
// Output   scale > 0 and shape >= 0 (a bounded tail would call the next record impossible).
// Cost     n log n in the number of excesses.
// Threads  pure functions.
// State    none.
// Source   Hosking and Wallis (1987), probability-weighted moments; Pickands (1975).
#pragma once

#include <span>

namespace quell::detectors {

struct ParetoTail {
  double scale = 1;
  double shape = 0;

  // -ln P(X > x). REQUIRES: x >= 0.
  [[nodiscard]] double Surprise(double x) const;
};

// Sorts `excesses` in place. REQUIRES: at least two.
ParetoTail FitParetoTail(std::span<float> excesses);

}  // namespace quell::detectors
