#include "detectors/joint_scorer.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "core/random.h"
#include "tests/support/sanitized.h"

namespace quell::detectors {
namespace {

constexpr size_t kSeries = 20;

// Ordinary rows: every series a noise of its own around its own level, and a part of one that all
// share.
class Platform {
 public:
  Platform(std::uint64_t seed, double shared) : random_(seed), shared_(shared) {}

  std::vector<double> Row() {
    const double together = random_.Normal();
    std::vector<double> row(kSeries);
    for (size_t i = 0; i < kSeries; ++i) {
      const double own = shared_ * together + (1 - shared_) * random_.Normal();
      row[i] = i % 2 == 0 ? 100 + own : std::exp(own);
    }
    return row;
  }

 private:
  Random random_;
  double shared_;
};

struct Rates {
  double hundredth = 0, thousandth = 0;
};

Rates OrdinaryRates(std::uint64_t seed, double shared) {
  constexpr int kRows = 60000;
  constexpr int kKnown = 2500;
  Platform platform(seed, shared);
  JointScorer scorer(kSeries);
  Rates rates;
  for (int i = 0; i < kRows + kKnown; ++i) {
    const double tail = std::exp(-scorer.Observe(platform.Row()));
    if (i < kKnown) continue;
    rates.hundredth += tail <= 1e-2 ? 1.0 / kRows : 0;
    rates.thousandth += tail <= 1e-3 ? 1.0 / kRows : 0;
  }
  return rates;
}

// Rows until a lasting shift of five series is found, kNotFound at most: by the row as a whole, and
// by the first of the series alone, which must be rarer by their number.
constexpr int kNotFound = 100;
struct Delay {
  int whole = kNotFound, alone = kNotFound;
};

Delay DelayOfShift(std::uint64_t seed, double shift, double nats) {
  Platform platform(seed, 0);
  JointScorer whole(kSeries);
  std::vector<JointScorer> alone(kSeries, JointScorer(1));
  Delay delay;
  for (int i = -2500; i < kNotFound; ++i) {
    std::vector<double> row = platform.Row();
    for (size_t j = 0; i >= 0 && j < 5; ++j) row[2 * j] += shift;
    const double together = whole.Observe(row);
    double best = 0;
    for (size_t j = 0; j < kSeries; ++j) best = std::max(best, alone[j].Observe({row[j]}));
    if (i < 0) continue;
    if (together >= nats) delay.whole = std::min(delay.whole, i);
    if (best >= nats + std::log(kSeries)) delay.alone = std::min(delay.alone, i);
  }
  return delay;
}

}  // namespace

TEST_CASE("Joint scorer: on ordinary rows the tail is what it says", QUELL_COUNTS "[detectors]") {
  for (const double shared : {0.0, 0.7}) {
    const Rates rates = OrdinaryRates(11, shared);
    CAPTURE(shared, rates.hundredth, rates.thousandth);
    CHECK(rates.hundredth > 0.5e-2);
    CHECK(rates.hundredth < 2e-2);
    CHECK(rates.thousandth > 0.5e-3);
    CHECK(rates.thousandth < 2e-3);
  }
}

TEST_CASE("Joint scorer: five series that shift together are found before any alone",
          QUELL_COUNTS "[detectors]") {
  int whole = 0;
  int alone = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const Delay delay = DelayOfShift(seed, 2.5, std::log(1000));
    CAPTURE(seed, delay.whole, delay.alone);
    CHECK(delay.whole <= 10);
    whole += delay.whole;
    alone += delay.alone;
  }
  CAPTURE(whole, alone);
  CHECK(5 * whole < alone);
}

TEST_CASE("Joint scorer: names the series that is to blame, and none where all is flat",
          "[detectors]") {
  Platform platform(5, 0);
  JointScorer scorer(kSeries);
  JointScorer flat(2);
  for (int i = 0; i < 1000; ++i) {
    (void)scorer.Observe(platform.Row());
    CHECK(flat.Observe({1, 2}) == 0);
    CHECK(flat.most().empty());
  }
  std::vector<double> row = platform.Row();
  row[6] += 30;
  CHECK(scorer.Observe(row) > std::log(500));
  REQUIRE(scorer.most().size() == JointScorer::kMost);
  CHECK(scorer.most()[0].series == 6);
  CHECK(scorer.most()[0].nats > scorer.most()[1].nats);
}

TEST_CASE("Joint scorer: a row without samples is nothing, a series that is away is not missed",
          "[detectors]") {
  const double none = std::numeric_limits<double>::quiet_NaN();
  Platform platform(6, 0);
  JointScorer scorer(kSeries);
  int rare = 0;
  for (int i = 0; i < 4000; ++i) {
    std::vector<double> row = platform.Row();
    if (i % 3 == 0) row[4] = none;
    if (i >= 2000) row[8] = none;
    const double nats = scorer.Observe(row);
    CHECK(std::isfinite(nats));
    if (i >= 2000) rare += nats > std::log(1000) ? 1 : 0;
  }
  CHECK(rare <= 6);
  CHECK(scorer.Observe(std::vector<double>(kSeries, none)) == 0);
  CHECK(scorer.most().empty());
  CHECK(JointScorer(3).Observe({}) == 0);
}

TEST_CASE("Nats tail: one incident does not hide the next as it would by rank", "[detectors]") {
  Random random(8);
  const auto nats = [&random] { return -std::log(1 - random.Uniform()); };
  NatsTail clean(1);
  NatsTail after(1);  // an incident of 20 values
  for (int i = 0; i < 2000; ++i) {
    const double ordinary = nats();
    (void)clean.Observe(ordinary);
    (void)after.Observe(i >= 1000 && i < 1020 ? 30 : ordinary);
  }
  CHECK(NatsTail(1).Observe(30) == 0);
  CHECK(NatsTail(clean).Observe(0) == Approx(0).margin(1e-9));
  CHECK(NatsTail(clean).Observe(std::log(20)) == Approx(std::log(20)).margin(0.4));
  CHECK(NatsTail(clean).Observe(12) == Approx(12).margin(6));
  CHECK(NatsTail(after).Observe(12) > std::log(2001 / 21.0) + 1);  // by rank it would be that
  CHECK(NatsTail(after).Observe(20) > NatsTail(after).Observe(12));
  for (const double shape : {0.0, 0.2}) {  // 100 values of incidents, a twentieth
    NatsTail often(shape);
    for (int i = 0; i < 2000; ++i) (void)often.Observe(i % 200 < 10 ? 30 : nats());
    CHECK(often.Observe(25) > std::log(1000));
  }
  NatsTail flat(1);
  for (int i = 0; i < 100; ++i) (void)flat.Observe(0);
  CHECK(flat.Observe(1) == Approx(std::log(101)));  // no scale to judge by
}

}  // namespace quell::detectors
