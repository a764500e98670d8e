#include "core/random.h"

#include <bit>
#include <cmath>
#include <numbers>

namespace quell {

Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {  // SplitMix64
    seed += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    word = z ^ (z >> 31U);
  }
}

std::uint64_t Random::Next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Random::Uniform() { return static_cast<double>(Next() >> 11U) * 0x1.0p-53; }

std::uint64_t Random::Below(std::uint64_t n) {
  // Lemire's multiply-and-shift; the bias is below 2^-64 * n and does not matter here.
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(Next()) * n) >> 64U);
}

double Random::Normal() {
  // Box-Muller; the second value is thrown away so that the state stays four words.
  const double u = 1.0 - Uniform();
  const double v = Uniform();
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

double Random::Exponential() { return -std::log(1.0 - Uniform()); }

double Random::Gamma(double shape) {
  // Marsaglia and Tsang (2000); for shape < 1 boosted by U^(1/shape).
  if (shape < 1.0) return Gamma(shape + 1.0) * std::pow(1.0 - Uniform(), 1.0 / shape);
  const double d = shape - 1.0 / 3.0;
  const double c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    const double x = Normal();
    const double v = std::pow(1.0 + c * x, 3);
    if (v <= 0) continue;
    const double u = 1.0 - Uniform();
    if (std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
  }
}

std::uint64_t Random::Poisson(double mean) {
  if (!(mean > 0)) return 0;
  // Split large means by the gamma-Poisson relation (Ahrens and Dieter, 1974) until small.
  std::uint64_t count = 0;
  while (mean > 30.0) {
    const double m = std::floor(mean * 7.0 / 8.0);
    const double arrival = Gamma(m);
    if (arrival > mean) return count + Binomial(static_cast<std::uint64_t>(m) - 1, mean / arrival);
    count += static_cast<std::uint64_t>(m);
    mean -= arrival;
  }
  const double limit = std::exp(-mean);
  for (double product = 1.0 - Uniform(); product > limit; product *= 1.0 - Uniform()) ++count;
  return count;
}

std::uint64_t Random::Binomial(std::uint64_t n, double p) {
  if (n == 0 || !(p > 0)) return 0;
  if (p >= 1) return n;
  // Halve by the median order statistic (Devroye 1986, X.4.3) until n is small.
  std::uint64_t count = 0;
  while (n > 40) {
    const std::uint64_t i = (n + 1) / 2;
    const double a = Gamma(static_cast<double>(i));
    const double b = Gamma(static_cast<double>(n + 1 - i));
    const double x = a / (a + b);
    if (x <= p) {
      count += i;
      n -= i;
      p = (p - x) / (1.0 - x);
    } else {
      n = i - 1;
      p /= x;
    }
    if (!(p > 0)) return count;
    if (p >= 1) return count + n;
  }
  for (std::uint64_t i = 0; i < n; ++i) count += Uniform() < p ? 1 : 0;
  return count;
}

void Random::Save(ByteWriter& out) const {
  for (const std::uint64_t word : state_) out.Put(word);
}

void Random::Load(ByteReader& in) {
  for (std::uint64_t& word : state_) word = in.Get<std::uint64_t>();
}

}  // namespace quell
