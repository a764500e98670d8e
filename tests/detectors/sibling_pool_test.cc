#include "detectors/sibling_pool.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "core/random.h"

namespace quell::detectors {
namespace {

struct Lane {
  double level = 0;
  double doubt = 0;
};

// An hour at whose end every lane has been heard once a minute.
SiblingPool Heard(const std::vector<Lane>& lanes, int minutes = 600) {
  SiblingPool pool;
  for (int minute = 0; minute < minutes; ++minute) {
    pool.BeginStep(minute * kMinuteMs);
    for (const Lane& lane : lanes) pool.level.Add(1.0 / 60, lane.level, lane.doubt);
  }
  pool.BeginStep(minutes * kMinuteMs);
  return pool;
}

// The spread that explains the scatter around the weighted mean, less what the guess is worth:
// iterated by hand over plain sums.
SiblingPrior Directly(const std::vector<Lane>& lanes) {
  double spread = 0.5;
  double mean = 0;
  const auto count = static_cast<double>(lanes.size());
  double weights = 0;
  for (int round = 0; round < 500; ++round) {
    double sum = 0;
    weights = 0;
    for (const Lane& lane : lanes) {
      weights += 1 / (lane.doubt + spread);
      sum += lane.level / (lane.doubt + spread);
    }
    mean = sum / weights;
    double scatter = 0;
    double by_doubt = 0;
    double by_spread = 0;
    for (const Lane& lane : lanes) {
      const double w = 1 / (lane.doubt + spread);
      scatter += w * (lane.level - mean) * (lane.level - mean);
      by_doubt += w * lane.doubt * (1 - w / weights);
      by_spread += w * (1 - w / weights);
    }
    const double fitted = std::max(0.0, (scatter - by_doubt) / by_spread);
    spread = ((count - 1) * fitted + 2 * 0.25) / (count + 1);
  }
  return {mean, spread + 1 / weights};
}

const std::vector<Lane> kLanes = {
    {-4.2, 0.02}, {-3.1, 0.2}, {-5.3, 0.1}, {-4.6, 0.01}, {-3.9, 0.05}};

}  // namespace

TEST_CASE("Siblings: mean and spread are those of the moments, computed directly", "[detectors]") {
  const SiblingPool pool = Heard(kLanes);
  const auto prior = PriorOf(pool.level, SiblingMoments{});
  REQUIRE(prior);
  const SiblingPrior direct = Directly(kLanes);
  CHECK(prior->mean == Approx(direct.mean).epsilon(0.01));
  CHECK(prior->variance == Approx(direct.variance).epsilon(0.03));
}

TEST_CASE("Siblings: a level is shrunk as the precisions say, and own counts outweigh the prior",
          "[detectors]") {
  const SiblingPrior prior{-4, 0.25};  // four events' worth
  CHECK(ShrinkShare(0.25, prior) == Approx(0.5));
  double before = 1;
  for (double events = 1; events < 1e7; events *= 10) {
    const double share = ShrinkShare(1 / events, prior);
    CHECK(share == Approx(4 / (4 + events)));
    CHECK(share < before);
    before = share;
  }
  CHECK(before < 1e-5);
}

TEST_CASE("Siblings: lanes that scatter as counting explains are taken for equal", "[detectors]") {
  Random random(3);
  std::vector<Lane> equal;
  std::vector<Lane> different;
  for (int i = 0; i < 40; ++i) {
    equal.push_back({-4 + 0.3 * random.Normal(), 0.09});
    different.push_back({-4 + 0.9 * random.Normal(), 0.09});
  }
  const SiblingPool same = Heard(equal);
  const SiblingPool apart = Heard(different);
  CHECK(PriorOf(same.level, {})->variance < 0.06);
  CHECK(PriorOf(apart.level, {})->variance > 0.4);
}

TEST_CASE("Siblings: two lanes are no prior, and a small region leans on its service",
          "[detectors]") {
  const SiblingPool two = Heard({{-4, 0.02}, {-3, 0.02}});
  CHECK_FALSE(PriorOf(two.level, {}));
  const SiblingPool service = Heard(std::vector<Lane>(30, {-5, 0.02}));
  const auto far = PriorOf(two.level, service.level);
  REQUIRE(far);
  CHECK(far->mean == Approx(-5).margin(0.01));
  // Three lanes are heard, but not as if they knew better than thirty.
  const SiblingPool three = Heard(std::vector<Lane>(3, {-3, 0.2}));
  const auto both = PriorOf(three.level, service.level);
  REQUIRE(both);
  CHECK(both->mean < -3.2);
  CHECK(both->mean > -5);
}

}  // namespace quell::detectors
