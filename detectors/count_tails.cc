#include "detectors/count_tails.h"

#include <algorithm>
#include <cmath>

#include "detectors/normal_tail.h"

namespace quell::detectors {
namespace {

constexpr double kContinuity = 1.0 / 3;
constexpr double kMinVariance = 1e-9;
constexpr int kNewtonSteps = 12;

// a ln(a / b) - (a - b), exact at a = 0.
double PoissonDeviance(double a, double b) {
  if (a <= 0) return b;
  return std::max(0.0, a * std::log(a / b) - (a - b));
}

double Signed(double sign, double squared) {
  const double z = std::min(kMaxZ, std::sqrt(std::max(0.0, squared)));
  return sign < 0 ? -z : z;
}

}  // namespace

double PoissonZ(double k, double m, double v) {
  if (m <= 0) return 0;
  if (k < m) k = std::min(k + kContinuity, m);
  const double quick = (k - m) / std::sqrt(m + m * m * v);
  if (std::fabs(quick) < 1) return quick;
  if (v <= kMinVariance) return Signed(k - m, 2 * PoissonDeviance(k, m));
  const double prior = v * (k - m);
  double x = prior;
  if (k > m) x = std::min(prior, std::log(k / m));
  if (k < m && k > 0) x = std::max(prior, std::log(k / m));
  double mean = m * std::exp(x);
  for (int i = 0; i < kNewtonSteps; ++i) {
    const double step = (mean - k + x / v) / (mean + 1 / v);
    x -= step;
    mean = m * std::exp(x);
    if (std::fabs(step) < 1e-4) break;
  }
  return Signed(k - m, 2 * PoissonDeviance(k, mean) + x * x / v);
}

double BinomialZ(double k, double m, double n, double v) {
  if (m <= 0 || n <= m) return 0;
  k = std::min(k, n);
  if (k < m) k = std::min(k + kContinuity, m);
  const double p = m / n;
  const double info = m * (1 - p);
  const double quick = (k - m) / std::sqrt(info + info * info * v);
  if (std::fabs(quick) < 1) return quick;
  const double latent = std::max(v, kMinVariance);
  // The root of n p(x) - k + x / v lies between 0 and v (k - m): Newton, kept inside.
  double low = std::min(0.0, latent * (k - m));
  double high = std::max(0.0, latent * (k - m));
  double x = (k - m) / (info + 1 / latent);
  double mean = m;
  for (int i = 0; i < 4 * kNewtonSteps; ++i) {
    x = std::clamp(x, low, high);
    const double odds = p * std::exp(std::clamp(x, -700.0, 700.0));
    const double share = odds / (1 - p + odds);
    mean = n * share;
    const double gap = mean - k + x / latent;
    (gap > 0 ? high : low) = x;
    double next = x - gap / (mean * (1 - share) + 1 / latent);
    if (next <= low || next >= high) next = 0.5 * (low + high);
    const double step = next - x;
    x = next;
    if (std::fabs(step) < 1e-4) break;
  }
  const double deviance = PoissonDeviance(k, mean) + PoissonDeviance(n - k, n - mean);
  return Signed(k - m, 2 * deviance + x * x / latent);
}

double StudentZ(double t, double degrees) {
  const double size = std::fabs(t);
  if (size < 1) return t;
  const double correction = (8 * degrees + 1) / (8 * degrees + 3);
  const double z = correction * std::sqrt(degrees * std::log1p(t * t / degrees));
  return std::copysign(std::min({z, size, kMaxZ}), t);
}

}  // namespace quell::detectors
