#include "replay/simulator/sampler.h"

#include <catch2/catch.hpp>
#include <cmath>

namespace quell::simulator {
namespace {

struct Moments {
  double mean = 0, variance = 0;
};

template <typename Draw>
Moments MomentsOf(int count, Draw&& draw) {
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < count; ++i) {
    const double x = draw();
    sum += x;
    squares += x * x;
  }
  const double mean = sum / count;
  return {mean, squares / count - mean * mean};
}

}  // namespace

TEST_CASE("Sampler: Poisson draws have equal mean and variance at any size", "[simulator]") {
  Sampler sampler(7);
  for (const double mean : {0.02, 0.7, 5.0, 23.9, 24.1, 90.0, 4000.0}) {
    const Moments got =
        MomentsOf(40000, [&] { return static_cast<double>(sampler.Poisson(mean)); });
    CAPTURE(mean);
    CHECK(std::abs(got.mean - mean) < 5 * std::sqrt(mean / 40000));
    CHECK(got.variance == Approx(mean).epsilon(0.08));
  }
  CHECK(sampler.Poisson(0) == 0);
}

TEST_CASE("Sampler: binomial draws have the right mean and variance and never exceed n",
          "[simulator]") {
  Sampler sampler(8);
  for (const std::uint64_t n : {1ULL, 7ULL, 300ULL, 20000ULL}) {
    for (const double p : {0.001, 0.3, 0.5, 0.93}) {
      bool bounded = true;
      const Moments got = MomentsOf(40000, [&] {
        const std::uint64_t k = sampler.Binomial(n, p);
        bounded = bounded && k <= n;
        return static_cast<double>(k);
      });
      const double variance = static_cast<double>(n) * p * (1 - p);
      CAPTURE(n, p);
      CHECK(bounded);
      CHECK(std::abs(got.mean - static_cast<double>(n) * p) < 5 * std::sqrt(variance / 40000));
      CHECK(std::abs(got.variance - variance) <
            5 * std::sqrt((variance + 2 * variance * variance) / 40000));
    }
  }
  CHECK(sampler.Binomial(10, 0) == 0);
  CHECK(sampler.Binomial(10, 1) == 10);
}

TEST_CASE("Wander: keeps its stated deviation whatever the step", "[simulator]") {
  for (const double seconds : {1.0, 30.0, 300.0}) {
    Sampler sampler(9);
    Wander wander(0.2, 120);
    const Moments got = MomentsOf(200000, [&] { return wander.Step(seconds, sampler); });
    CAPTURE(seconds);
    CHECK(std::sqrt(got.variance) == Approx(0.2).epsilon(0.1));
  }
}

}  // namespace quell::simulator
