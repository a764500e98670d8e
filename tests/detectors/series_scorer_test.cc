#include "detectors/series_scorer.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/random.h"

namespace quell::detectors {
namespace {

double Wave(int i, Random& random) {
  return 1e6 * (5 + std::sin(2 * M_PI * i / 288.0) + 0.1 * random.Normal());
}

}  // namespace

TEST_CASE("Series scorer: zero until the warm-up ends, low on a season, high on a break",
          "[detectors]") {
  auto scorer = SeriesScorer::Create({});
  REQUIRE(scorer.ok());
  Random random(2);
  int high = 0;
  for (int i = 0; i < 4000; ++i) {
    const double score = scorer->Observe(i * 5 * kMinuteMs, Wave(i, random));
    CHECK(score >= 0);
    CHECK(score <= 1);
    if (i < 24) CHECK(score == 0);
    high += score > 0.8 ? 1 : 0;
  }
  CHECK(high == 0);
  CHECK(scorer->Observe(4000 * 5 * kMinuteMs, 1e6) > 0.8);
}

TEST_CASE("Series scorer: the score does not depend on scale", "[detectors]") {
  auto small = SeriesScorer::Create({});
  auto large = SeriesScorer::Create({});
  Random a(3);
  Random b(3);
  for (int i = 0; i < 1500; ++i) {
    const TimeMs at = i * kHourMs;
    const double x = small->Observe(at, 1e-9 * Wave(i, a));
    const double y = large->Observe(at, 1e9 * Wave(i, b));
    CHECK(x == Approx(y).margin(0.02));
  }
}

}  // namespace quell::detectors
