// Random: our own generator and samplers, so that one seed gives one sequence on every machine
// (standard distributions differ between libraries).
//
// Generator: xoshiro256** (Blackman and Vigna, 2018) seeded by SplitMix64. Thread-compatible.
#pragma once

#include <array>
#include <cstdint>

#include "core/bytes.h"

namespace quell {

class Random {
 public:
  explicit Random(std::uint64_t seed = 1);

  std::uint64_t Next();                  // uniform 64 bits
  double Uniform();                      // [0, 1)
  std::uint64_t Below(std::uint64_t n);  // [0, n); n > 0
  double Normal();                       // mean 0, variance 1
  double Exponential();                  // mean 1
  double Gamma(double shape);            // shape > 0, scale 1
  std::uint64_t Poisson(double mean);    // mean >= 0
  std::uint64_t Binomial(std::uint64_t n, double p);

  void Save(ByteWriter& out) const;
  void Load(ByteReader& in);

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace quell
