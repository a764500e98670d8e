// Sampler: quick counting draws and wandering noise for the simulator.
//
// Counts are exact (inversion) where the expected count is small and a skew-corrected normal
// where it is large, so a draw costs about 50 ns at any size. Thread-compatible.
// Source: Cornish-Fisher expansion to the skewness term.
#pragma once

#include <cstdint>

#include "core/random.h"

namespace quell::simulator {

class Sampler {
 public:
  explicit Sampler(std::uint64_t seed) : random_(seed) {}

  double Uniform() { return random_.Uniform(); }
  double Uniform(double low, double high) { return low + (high - low) * random_.Uniform(); }
  int Below(int n) { return static_cast<int>(random_.Below(static_cast<std::uint64_t>(n))); }
  bool Chance(double p) { return random_.Uniform() < p; }
  double Normal();
  std::uint64_t Poisson(double mean);
  std::uint64_t Binomial(std::uint64_t n, double p);

 private:
  Random random_;
  double spare_ = 0;
  bool has_spare_ = false;
};

// A first-order autoregressive wander with stationary deviation `sd` and memory `tau_seconds`.
class Wander {
 public:
  Wander(double sd, double tau_seconds) : sd_(sd), tau_seconds_(tau_seconds) {}
  // Moves `seconds` on; the first call starts from the stationary distribution.
  double Step(double seconds, Sampler& sampler);
  [[nodiscard]] double value() const { return value_; }

 private:
  double sd_;
  double tau_seconds_;
  double value_ = 0;
  double step_seconds_ = -1;
  double keep_ = 0;
  double kick_ = 0;
};

}  // namespace quell::simulator
