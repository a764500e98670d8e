// NoiseScale learns the variance of a signal's process noise from normal scores of residuals.
//
// Model    stochastic approximation on the logarithm of the variance: a step of
//          gain * share^2 * (min(z^2, 5) - E min(chi2, 5)), so that outliers count as 5 and a
//          normal residual is unbiased. `share` is the part of the residual's variance that is
//          process noise: where counting noise or the doubt about the expectation dominates,
//          nothing is learned.
// Input    z of the residual under the present estimate; share in [0, 1]; the most that the
//          logarithm may be.
// Output   a variance, >= the floor given.
// Cost     O(1), one exponential when read; 8 bytes.
// Threads  thread-compatible.
// State    part of "detector_bank".
// Source   Huber (1964), proposal 2; Robbins and Monro (1951).
#pragma once

#include <algorithm>
#include <cmath>

namespace quell::detectors {

struct NoiseScale {
  float log_variance = 0;
  float points = 0;

  [[nodiscard]] double Variance(double floor) const {
    return std::max(floor, std::exp(static_cast<double>(log_variance)));
  }

  // `settle` points are averaged at first; later the gain is `gain_min`.
  void Update(double z, double share, double settle, double gain_min, double log_variance_max) {
    constexpr double kCap = 5;
    constexpr double kExpected = 0.955;  // E min(chi-square of 1 degree, 5)
    const double gain = std::max(1 / (points + settle), gain_min);
    const double change = gain * share * share * (std::min(z * z, kCap) - kExpected);
    log_variance = static_cast<float>(std::clamp(log_variance + change, -160.0, log_variance_max));
    points = std::min(points + 1, 1e6F);
  }
};

}  // namespace quell::detectors
