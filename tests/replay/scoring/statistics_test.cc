#include "replay/scoring/statistics.h"

#include <catch2/catch.hpp>

#include "replay/scoring/scoring.h"

namespace quell::replay {

// Reference values: R's binom::binom.wilson and statsmodels' proportion_confint(method="wilson").
TEST_CASE("Wilson: intervals agree with published values", "[scoring]") {
  const Interval nine_of_ten = Wilson95(9, 10);
  CHECK(nine_of_ten.low == Approx(0.59585).margin(5e-5));
  CHECK(nine_of_ten.high == Approx(0.98212).margin(5e-5));
  const Interval half = Wilson95(50, 100);
  CHECK(half.low == Approx(0.40383).margin(5e-5));
  CHECK(half.high == Approx(0.59617).margin(5e-5));
}

TEST_CASE("Wilson: no trials say nothing, and the ends stay in [0, 1]", "[scoring]") {
  CHECK(Wilson95(0, 0).low == 0);
  CHECK(Wilson95(0, 0).high == 1);
  CHECK(Wilson95(0, 10).low == 0);
  CHECK(Wilson95(0, 10).high == Approx(0.27754).margin(5e-5));
  CHECK(Wilson95(10, 10).high == 1);
  CHECK(Wilson95(10, 10).low == Approx(0.72246).margin(5e-5));
}

TEST_CASE("Quantile: interpolates between order statistics", "[scoring]") {
  CHECK(InterpolatedQuantile({}, 0.5) == 0);
  CHECK(InterpolatedQuantile({7}, 0.9) == 7);
  CHECK(InterpolatedQuantile({4, 1, 3, 2}, 0.5) == 2.5);
  CHECK(InterpolatedQuantile({40, 10, 30, 20, 50}, 0.9) == Approx(46));
}

// sklearn.metrics.adjusted_rand_score documents 0.57 for the second case.
TEST_CASE("Grouping: adjusted Rand index agrees with known values", "[scoring]") {
  CHECK(CompareGroupings({0, 0, 1, 1}, {1, 1, 0, 0}).adjusted_rand_index == 1);
  CHECK(CompareGroupings({0, 0, 1, 2}, {0, 0, 1, 1}).adjusted_rand_index ==
        Approx(0.571428571).epsilon(1e-6));
  CHECK(CompareGroupings({0, 0, 0, 0}, {0, 1, 2, 3}).adjusted_rand_index == 0);
  CHECK(CompareGroupings({0, 0, 1, 1}, {0, 1, 0, 1}).adjusted_rand_index == Approx(-0.5));
}

TEST_CASE("Grouping: pairwise F1 counts pairs", "[scoring]") {
  // Truth {a,b,c},{d}: 3 pairs. Clusters {a,b},{c,d}: 2 pairs, 1 of them right.
  const GroupingAgreement half = CompareGroupings({0, 0, 0, 1}, {5, 5, 6, 6});
  CHECK(half.pairwise_f1 == Approx(2.0 * 1 / (3 + 2)));
}

TEST_CASE("Grouping: too few items score 0, equal singletons score 1", "[scoring]") {
  CHECK(CompareGroupings({}, {}).pairwise_f1 == 0);
  CHECK(CompareGroupings({3}, {4}).adjusted_rand_index == 0);
  CHECK(CompareGroupings({0, 1, 2}, {7, 8, 9}).pairwise_f1 == 1);
  CHECK(CompareGroupings({0, 1, 2}, {7, 8, 9}).adjusted_rand_index == 1);
}

}  // namespace quell::replay
