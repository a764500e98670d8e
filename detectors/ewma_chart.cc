#include "detectors/ewma_chart.h"

#include <algorithm>
#include <cmath>

#include "detectors/count_tails.h"
#include "detectors/kind_priors.h"

namespace quell::detectors {
namespace {

constexpr double kNormalZ = 2.5;
constexpr double kRefutedZ = 2.2;

}  // namespace

void AddEvidence(ChartState& chart, double decay, const Evidence& evidence) {
  chart.seen = chart.seen * decay + evidence.seen;
  chart.expected = chart.expected * decay + evidence.expected;
  chart.squared = chart.squared * decay * decay + evidence.expected;
  chart.trials = chart.trials * decay + evidence.trials;
  chart.exposure = chart.exposure * decay + evidence.exposure;
  chart.weight = chart.weight * decay + 1;
}

ChartReading ReadChart(const ChartState& chart, SignalKind kind, double noise_min,
                       double point_noise, double model_variance, double degrees) {
  ChartReading out;
  if (chart.expected <= 0 || chart.squared <= 0) return out;
  const double scale = chart.squared / chart.expected;
  // Sum of squared weights over the square of their sum: 1 / the points in the window.
  const double noise =
      std::max(chart.noise.Variance(noise_min), point_noise * scale / std::max(chart.weight, 1e-9));
  const double latent = noise + model_variance;
  if (kind == SignalKind::kGauge) {
    const double total = std::sqrt(std::max(latent, 1e-300));
    out.z = StudentZ(chart.seen / chart.expected / total, degrees);
    out.noise_share = noise / std::max(latent, 1e-300);
    return out;
  }
  const double k = chart.seen / scale;
  const double m = chart.expected / scale;
  const double n = chart.trials / scale;
  out.events = m;
  const bool share = IsShare(kind);
  out.z = StudentZ(share ? BinomialZ(k, m, n, latent) : PoissonZ(k, m, latent), degrees);
  const double info = share ? m * std::max(1e-9, 1 - m / n) : m;
  out.noise_share = noise / (latent + 1 / info);
  return out;
}

void ForgetRefuted(ChartState& chart, SignalKind kind, const Evidence& recent, double recent_z,
                   double recent_noise) {
  if (std::fabs(recent_z) > kNormalZ || chart.expected <= 0 || recent.expected <= 0) return;
  double gap = 0;
  if (kind == SignalKind::kGauge) {
    gap = (recent.seen / recent.expected - chart.seen / chart.expected) /
          std::sqrt(std::max(recent_noise, 1e-300));
  } else {
    const double ratio = std::max(chart.seen, 0.5) / chart.expected;
    const double mean = recent.expected * ratio;
    gap = (recent.seen - mean) / std::sqrt(mean + mean * mean * recent_noise);
  }
  if (std::fabs(gap) < kRefutedZ) return;
  const double level = kind == SignalKind::kGauge ? 0 : chart.expected;
  const double recent_level = kind == SignalKind::kGauge ? 0 : recent.expected;
  const double excess = chart.seen - level;
  const double recent_excess = (recent.seen - recent_level) / recent.expected * chart.expected;
  // Never further from the expectation than it was, and never across it. A single point is
  // believed half, a window whole.
  const bool window = recent.expected > 2 * chart.expected / std::max(chart.weight, 1.0);
  const double share = std::clamp(recent_excess / excess, window ? 0.0 : 0.5, 1.0);
  chart.seen = level + share * excess;
}

}  // namespace quell::detectors
