#include "detectors/ewma_chart.h"

#include <catch2/catch.hpp>
#include <cmath>

namespace quell::detectors {
namespace {

ChartState Filled(double k, double m, double n, int points, double decay) {
  ChartState chart;
  chart.noise = {static_cast<float>(2 * std::log(0.1)), 1000};
  for (int i = 0; i < points; ++i) AddEvidence(chart, decay, {k, m, n, 30});
  return chart;
}

double Z(const ChartState& chart, SignalKind kind) {
  return ReadChart(chart, kind, 1e-6, 0.01, 0, 1e6).z;
}

}  // namespace

TEST_CASE("Ewma: thin evidence that is nothing alone accumulates", "[detectors]") {
  // Twelve requests a minute, 1.5 % failures expected, one failure in each half minute.
  const ChartState one = Filled(1, 6 * 0.015, 6, 1, 0.9);
  const ChartState many = Filled(1, 6 * 0.015, 6, 20, 0.9);
  CHECK(Z(one, SignalKind::kRatio) < 2.5);
  CHECK(Z(many, SignalKind::kRatio) > 5);
}

TEST_CASE("Ewma: what was expected scores zero, however long", "[detectors]") {
  for (const int points : {1, 10, 1000}) {
    CHECK(Z(Filled(5, 5, 100, points, 0.95), SignalKind::kRatio) == Approx(0).margin(0.01));
    CHECK(Z(Filled(5, 5, 0, points, 0.95), SignalKind::kRate) == Approx(0).margin(0.01));
    CHECK(Z(Filled(0, 1, 0, points, 0.95), SignalKind::kGauge) == Approx(0).margin(0.01));
  }
}

TEST_CASE("Ewma: correlated process noise does not average out", "[detectors]") {
  // 20 % up with a window noise of 10 %: two standard deviations, whatever the volume.
  CHECK(Z(Filled(1.2e6, 1e6, 0, 500, 0.99), SignalKind::kRate) == Approx(1.82).margin(0.1));
}

TEST_CASE("Ewma: a window of a single point is as noisy as a point", "[detectors]") {
  ChartState chart;
  chart.noise = {static_cast<float>(2 * std::log(0.01)), 1000};
  AddEvidence(chart, 1, {0.3, 1, 0, 0});
  CHECK(ReadChart(chart, SignalKind::kGauge, 1e-12, 0.01, 0, 1e6).z == Approx(3).epsilon(0.01));
}

TEST_CASE("Ewma: the long window forgets what the short one refutes", "[detectors]") {
  ChartState chart = Filled(50, 5, 100, 200, 0.97);
  const double before = chart.seen;
  ForgetRefuted(chart, SignalKind::kRatio, {4, 5, 100, 0}, -0.4, 0.01);
  CHECK(chart.seen < 0.6 * before);
  ChartState busy = Filled(50, 5, 100, 200, 0.97);
  ForgetRefuted(busy, SignalKind::kRatio, {50, 5, 100, 0}, 9, 0.01);
  CHECK(busy.seen == before);
}

TEST_CASE("Noise scale: learns the spread in spite of outliers, and nothing from counting noise",
          "[detectors]") {
  NoiseScale scale;
  std::uint64_t state = 1;
  for (int i = 0; i < 20'000; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    const double uniform = static_cast<double>(state >> 11) / 9007199254740992.0 + 1e-12;
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    const double angle = 2 * M_PI * static_cast<double>(state >> 11) / 9007199254740992.0;
    double residual = 3 * std::sqrt(-2 * std::log(uniform)) * std::cos(angle);
    if (i % 50 == 0) residual = 1000;
    scale.Update(residual / std::sqrt(scale.Variance(0)), 1, 8, 0.001, 160);
  }
  CHECK(std::sqrt(scale.Variance(0)) == Approx(3).epsilon(0.15));
  const double before = scale.Variance(0);
  for (int i = 0; i < 1000; ++i) scale.Update(5, 0, 8, 0.01, 160);
  CHECK(scale.Variance(0) == before);
}

TEST_CASE("Noise scale: what is wilder than the most that it may be does not raise it",
          "[detectors]") {
  NoiseScale scale;
  for (int i = 0; i < 1000; ++i) scale.Update(5, 1, 8, 0.01, 0.5);
  CHECK(scale.log_variance == Approx(0.5));
}

}  // namespace quell::detectors
