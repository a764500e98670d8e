#include "detectors/flatline.h"

#include <catch2/catch.hpp>

#include "core/random.h"

namespace quell::detectors {
namespace {

constexpr DurationMs kInterval = 30 * kSecondMs;
constexpr int kWeekPoints = static_cast<int>(kWeekMs / kInterval);

// A week of points that repeat the last with probability `repeats`.
Flatline Learned(double repeats, int points, std::uint64_t seed) {
  Flatline out;
  Random random(seed);
  double value = 1;
  for (int i = 0; i < points; ++i) {
    if (random.Uniform() >= repeats) value = value < 1000 ? value + 1 : 1;
    out.Observe(value, kInterval);
  }
  out.Observe(-1, kInterval);
  return out;
}

int PointsUntil(Flatline state, double odds) {
  int points = 1;
  while (points < 100'000 && state.TailProbability(kInterval) >= odds) {
    state.Observe(-1, kInterval);
    ++points;
  }
  return points;
}

TEST_CASE("Flatline: the tail is wider than that of independent repeats, not by much",
          "[detectors]") {
  for (const double repeats : {0.0, 0.3, 0.8, 0.95}) {
    const Flatline state = Learned(repeats, 2 * kWeekPoints, 3);
    const double usual = (1 + repeats) / (1 - repeats);
    CHECK(static_cast<double>(state.usual) > 0.95 * usual);
    CHECK(static_cast<double>(state.usual) < 1.1 * usual + 2);  // the prior's rest
    const int exact = repeats == 0 ? 1 : 1 + static_cast<int>(std::log(1e-7) / std::log(repeats));
    const int points = PointsUntil(state, 1e-7);
    CHECK(points >= exact);
    CHECK(points < 3 * exact + 60);
  }
}

TEST_CASE("Flatline: independent repeats are called odd less often than said", "[detectors]") {
  constexpr double kOdds = 1e-3;
  Flatline state;
  Random random(11);
  double value = 1;
  int odd = 0;
  constexpr int kPoints = 20 * kWeekPoints;
  for (int i = 0; i < kPoints; ++i) {
    if (random.Uniform() >= 0.7) value += 1;
    state.Observe(value, kInterval);
    odd += state.TailProbability(kInterval) < kOdds ? 1 : 0;
  }
  CHECK(odd <= kOdds * kPoints);
}

TEST_CASE("Flatline: a run must be longer than any that was seen, and that fades", "[detectors]") {
  Flatline state = Learned(0, kWeekPoints, 5);
  for (int i = 0; i < 600; ++i) state.Observe(7, kInterval);
  state.Observe(8, kInterval);
  CHECK(PointsUntil(Flatline(state), 1e-7) > 1);
  CHECK(state.longest == 600);
  state.run = 600;
  CHECK(state.TailProbability(kInterval) == 1);
  const float before = state.longest;
  for (int i = 0; i < 4 * kWeekPoints; ++i) state.Observe(10 + i % 2, kInterval);
  CHECK(state.longest < 0.51F * before);
}

TEST_CASE("Flatline: zeros neither teach nor are odd", "[detectors]") {
  Flatline state = Learned(0, kWeekPoints + 300, 5);
  state.Observe(3, kInterval);
  state.Observe(0, kInterval);
  const Flatline before = state;
  for (int i = 0; i < 5000; ++i) state.Observe(0, kInterval);
  CHECK(state.TailProbability(kInterval) == 1);
  state.Observe(4, kInterval);
  CHECK(state.longest == before.longest);
  CHECK(state.weight == before.weight);
}

}  // namespace
}  // namespace quell::detectors
