#include "replay/simulator/sampler.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace quell::simulator {
namespace {
constexpr double kExactBelow = 24;  // expected count under which draws are exact
}  // namespace

double Sampler::Normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  // Marsaglia's polar method: two normals from about 2.5 uniforms.
  for (;;) {
    const double u = 2.0 * random_.Uniform() - 1.0;
    const double v = 2.0 * random_.Uniform() - 1.0;
    const double s = u * u + v * v;
    if (s >= 1.0 || s == 0.0) continue;
    const double scale = std::sqrt(-2.0 * std::log(s) / s);
    spare_ = v * scale;
    has_spare_ = true;
    return u * scale;
  }
}

std::uint64_t Sampler::Poisson(double mean) {
  if (!(mean > 0)) return 0;
  if (mean < kExactBelow) {
    double term = std::exp(-mean);
    double u = random_.Uniform();
    std::uint64_t k = 0;
    while (u >= term && k < 200) {
      u -= term;
      term *= mean / static_cast<double>(++k);
    }
    return k;
  }
  const double z = Normal();
  const double x = mean + std::sqrt(mean) * z + (z * z - 1.0) / 6.0;
  return x > 0 ? static_cast<std::uint64_t>(std::llround(x)) : 0;
}

std::uint64_t Sampler::Binomial(std::uint64_t n, double p) {
  if (n == 0 || !(p > 0)) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - Binomial(n, 1.0 - p);
  const auto count = static_cast<double>(n);
  const double mean = count * p;
  if (mean < kExactBelow) {
    const double odds = p / (1.0 - p);
    double term = std::exp(count * std::log1p(-p));
    double u = random_.Uniform();
    std::uint64_t k = 0;
    while (u >= term && k < n) {
      u -= term;
      term *= odds * (count - static_cast<double>(k)) / static_cast<double>(k + 1);
      ++k;
    }
    return k;
  }
  const double z = Normal();
  const double x = mean + std::sqrt(mean * (1.0 - p)) * z + (1.0 - 2.0 * p) * (z * z - 1.0) / 6.0;
  return static_cast<std::uint64_t>(std::llround(std::clamp(x, 0.0, count)));
}

double Wander::Step(double seconds, Sampler& sampler) {
  if (step_seconds_ < 0) value_ = sd_ * sampler.Normal();
  if (step_seconds_ != seconds) {
    step_seconds_ = seconds;
    keep_ = std::exp(-seconds / tau_seconds_);
    kick_ = sd_ * std::sqrt(1.0 - keep_ * keep_);
  }
  value_ = keep_ * value_ + kick_ * sampler.Normal();
  return value_;
}

}  // namespace quell::simulator
