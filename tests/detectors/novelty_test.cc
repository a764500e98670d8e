#include "detectors/novelty.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "core/random.h"

namespace quell::detectors {
namespace {

// The nearest of all values before, as a share of the range, as it is defined.
double SimplyNew(const std::vector<double>& before, double value) {
  if (before.empty()) return 0;
  double nearest = std::numeric_limits<double>::infinity();
  double lowest = value;
  double highest = value;
  for (const double x : before) {
    nearest = std::min(nearest, std::fabs(x - value));
    lowest = std::min(lowest, x);
    highest = std::max(highest, x);
  }
  return highest > lowest ? nearest / (highest - lowest) : 0;
}

// The values since one at least `share` as large, itself included.
double SimplyRare(const std::vector<double>& before, double size, double share) {
  size_t since = 0;
  while (since < before.size() && before[before.size() - 1 - since] < share * size) ++since;
  return std::sqrt(size * static_cast<double>(std::min(since + 1, before.size())));
}

// Jumps between levels, noise, and now and then far out: what a range has to follow.
double Walk(int i, Random& random) {
  const double level = i / 700 % 2 == 0 ? 10 : 40;
  const double far = random.Uniform() < 0.002 ? 30 * random.Normal() : 0;
  return level + random.Normal() + far * (1 + i / 1000);
}

}  // namespace

TEST_CASE("New value: the distance to the nearest before, to a part of the range", "[detectors]") {
  for (const std::uint64_t seed : {1U, 2U}) {
    NewValue quick;
    Random random(seed);
    std::vector<double> before;
    int found = 0;
    for (int i = 0; i < 6000; ++i) {
      const double value = Walk(i, random);
      const double is = quick.Observe(value);
      const double should = SimplyNew(before, value);
      before.push_back(value);
      CAPTURE(i, value);
      // What was not kept is within a part of the range of what was.
      CHECK(is == Approx(should).margin(1.0 / NewValue::kFinest));
      found += is > 0.01 ? 1 : 0;
    }
    CHECK(found > 20);
  }
}

TEST_CASE("New value: a gap is new, a repeated value is not, a constant never", "[detectors]") {
  NewValue values;
  for (int i = 0; i < 100; ++i) CHECK(values.Observe(7) == 0);
  CHECK(values.Observe(17) == 1);
  CHECK(values.Observe(17) == 0);
  CHECK(values.Observe(12) == Approx(0.5));
  CHECK(values.Observe(27) == Approx(0.5));
  CHECK(values.middle() == 17);
}

TEST_CASE("New value: the finest parts follow the range as it grows", "[detectors]") {
  NewValue values;
  Random random(3);
  double scale = 1;
  for (int i = 0; i < 200'000; ++i) {
    if (i % 20'000 == 0) scale *= 4;
    const double is = values.Observe(scale * random.Uniform());
    CHECK((is >= 0 && is <= 1));
  }
  CHECK(values.Observe(2 * scale) == Approx(0.5).margin(0.01));
}

TEST_CASE("Stay: longer than ever on a side, once stays are known", "[detectors]") {
  Stay stay;
  for (int wave = 0; wave < Stay::kKnownMin; ++wave) {
    for (int i = 0; i < 30; ++i) CHECK(stay.Observe(true) == 0);
    for (int i = 0; i < 10; ++i) CHECK(stay.Observe(false) == 0);
  }
  for (int i = 0; i < 30; ++i) CHECK(stay.Observe(true) == 0);
  CHECK(stay.Observe(true) == Approx(1.0 / 31));
  for (int i = 0; i < 28; ++i) (void)stay.Observe(true);
  CHECK(stay.Observe(true) == Approx(0.5));
  // The other side has its own measure, and the longest is now the longest.
  for (int i = 0; i < 10; ++i) CHECK(stay.Observe(false) == 0);
  CHECK(stay.Observe(false) == Approx(1.0 / 11));
  for (int i = 0; i < 60; ++i) CHECK(stay.Observe(true) == 0);
  CHECK(stay.Observe(true) > 0);
}

TEST_CASE("Rare size: the root of size times values since half of it, within an eighth",
          "[detectors]") {
  RareSize quick;
  Random random(4);
  std::vector<double> before;
  for (int i = 0; i < 5000; ++i) {
    const double size = random.Uniform() < 0.9 ? 0 : std::exp2(-9 * random.Uniform());
    const double is = quick.Observe(size);
    CAPTURE(i, size);
    CHECK(is <= SimplyRare(before, size, 0.57) + 1e-9);
    CHECK(is >= SimplyRare(before, size, 0.44) - 1e-9);
    before.push_back(size);
  }
}

TEST_CASE("Rare size: what goes on is rare where it begins", "[detectors]") {
  RareSize rare;
  for (int i = 0; i < 1000; ++i) CHECK(rare.Observe(0) == 0);
  CHECK(rare.Observe(0.25) == Approx(std::sqrt(250.0)));
  CHECK(rare.Observe(0.25) < 1);
  CHECK(rare.Observe(0.4) < 1);
  CHECK(rare.Observe(1) > 15);
}

}  // namespace quell::detectors
