#include "detectors/series_scorer.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "core/random.h"

namespace quell::detectors {
namespace {

constexpr int kKnown = 4000;

double Wave(int i, Random& random) {
  return 1e6 * (5 + std::sin(2 * M_PI * i / 288.0) + 0.1 * random.Normal());
}

// A scorer that has seen a noisy daily wave, and the random numbers it came from.
struct Trained {
  explicit Trained(std::uint64_t seed) : random(seed) {
    for (int i = 0; i < kKnown; ++i) {
      const double score = scorer.Observe(Wave(i, random));
      REQUIRE(score >= 0);
      REQUIRE(score <= 1);
      if (i < 50) REQUIRE(score == 0);
      high += i > 400 && score > 0.8 ? 1 : 0;
      sure += i > 400 && score > 0.95 ? 1 : 0;
    }
  }
  // The highest score while `change` is added to the next points of the wave.
  template <typename Change>
  double Highest(int points, Change change) {
    double highest = 0;
    for (int i = 0; i < points; ++i) {
      highest = std::max(highest, scorer.Observe(change(i, Wave(kKnown + i, random))));
    }
    return highest;
  }

  SeriesScorer scorer;
  Random random;
  int high = 0, sure = 0;
};

}  // namespace

TEST_CASE("Series scorer: zero until the warm-up ends, low on a noisy season", "[detectors]") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    CAPTURE(seed);
    const Trained trained(seed);
    CHECK(trained.high <= 6);
    CHECK(trained.sure == 0);
  }
}

TEST_CASE("Series scorer: high on a spike, a shift, a new noise", "[detectors]") {
  const auto as_it_is = [](int, double x) { return x; };
  CHECK(Trained(4).Highest(50, as_it_is) < 0.8);
  CHECK(Trained(4).Highest(1, [](int, double) { return 1e6; }) > 0.8);
  CHECK(Trained(4).Highest(1, [](int, double) { return 2e7; }) > 0.8);
  CHECK(Trained(4).Highest(5, [](int, double x) { return x + 3e6; }) > 0.8);
  CHECK(Trained(4).Highest(20, [](int i, double x) { return x + (i % 2 == 0 ? 1e6 : -1e6); }) >
        0.8);
}

TEST_CASE("Series scorer: an event is news where it begins, not all through", "[detectors]") {
  Trained trained(5);
  const auto shift = [](int, double x) { return x + 3e6; };
  CHECK(trained.Highest(5, shift) > 0.8);
  CHECK(trained.Highest(30, shift) < 0.7);
}

TEST_CASE("Series scorer: a second event like the first is still seen", "[detectors]") {
  Trained trained(8);
  const auto spike = [](int i, double x) { return i == 0 ? 2e7 : x; };
  const double first = trained.Highest(500, spike);
  const double second = trained.Highest(500, spike);
  CHECK(first > 0.9);
  CHECK(second > 0.5);
  CHECK(second < first);
  CHECK(second > trained.Highest(500, [](int, double x) { return x; }));
}

TEST_CASE("Series scorer: a wave that does not come is seen though no value is new",
          "[detectors]") {
  SeriesScorer scorer;
  Random random(9);
  const auto square = [&random](int i) { return (i / 50 % 2 == 0 ? 10 : 20) + random.Uniform(); };
  for (int i = 0; i < kKnown; ++i) (void)scorer.Observe(square(i));
  double ordinary = 0;
  for (int i = 0; i < 100; ++i) ordinary = std::max(ordinary, scorer.Observe(square(i)));
  double held = 0;
  for (int i = 0; i < 100; ++i) held = std::max(held, scorer.Observe(square(0)));
  CHECK(ordinary < 0.6);
  CHECK(held > 0.8);
}

TEST_CASE("Series scorer: the score does not depend on scale", "[detectors]") {
  SeriesScorer small;
  SeriesScorer large;
  Random a(3);
  Random b(3);
  for (int i = 0; i < 1500; ++i) {
    const double x = small.Observe(1e-9 * Wave(i, a));
    const double y = large.Observe(1e9 * Wave(i, b));
    CHECK(x == Approx(y).margin(0.02));
  }
}

TEST_CASE("Series scorer: what is not finite scores nothing and teaches nothing", "[detectors]") {
  Trained with(6);
  Trained without(6);
  CHECK(with.scorer.Observe(std::numeric_limits<double>::quiet_NaN()) == 0);
  CHECK(with.scorer.Observe(std::numeric_limits<double>::infinity()) == 0);
  for (int i = 0; i < 100; ++i)
    CHECK(with.scorer.Observe(5e6 + i) == without.scorer.Observe(5e6 + i));
}

TEST_CASE("Sliding tail: ranks among the latest, and further out is rarer", "[detectors]") {
  SlidingTail tail;
  Random random(7);
  for (int i = 0; i < 49; ++i) CHECK(tail.Observe(random.Uniform()) == 0);
  for (int i = 0; i < 5000; ++i) (void)tail.Observe(random.Uniform());
  CHECK(tail.Observe(-1) == Approx(0).margin(1e-9));
  CHECK(tail.Observe(0.5) == Approx(std::log(2)).margin(0.1));
  const double beyond = tail.Observe(1.2);
  CHECK(beyond > std::log(2000));
  CHECK(tail.Observe(3) > beyond);
  SlidingTail flat;
  for (int i = 0; i < 100; ++i) (void)flat.Observe(1);
  CHECK(flat.Observe(2) == Approx(std::log(101)));  // no excess to scale by
}

}  // namespace quell::detectors
