#include "core/random.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>

namespace quell {
namespace {

struct Moments {
  double mean = 0;
  double variance = 0;
};

Moments Measure(int draws, const std::function<double()>& draw) {
  Moments out;
  double squares = 0;
  for (int i = 1; i <= draws; ++i) {
    const double x = draw();
    const double delta = x - out.mean;
    out.mean += delta / i;
    squares += delta * (x - out.mean);
  }
  out.variance = squares / (draws - 1);
  return out;
}

// Within five standard errors of the mean, and 10 % of the variance.
void CheckMoments(const Moments& seen, double mean, double variance, int draws) {
  CHECK(std::abs(seen.mean - mean) < 5 * std::sqrt(variance / draws));
  CHECK(std::abs(seen.variance - variance) < 0.1 * variance);
}

TEST_CASE("Random: SplitMix64 and xoshiro256** give their published sequences", "[core]") {
  // SplitMix64 from 0 fills the state; the first outputs follow by the reference code.
  ByteWriter state;
  Random(0).Save(state);
  ByteReader words(state.bytes());
  CHECK(words.Get<std::uint64_t>() == 0xE220A8397B1DCDAFULL);
  CHECK(words.Get<std::uint64_t>() == 0x6E789E6AA1B965F4ULL);
  CHECK(words.Get<std::uint64_t>() == 0x06C45D188009454FULL);

  // State 1, 2, 3, 4 as in the reference implementation's known answers.
  ByteWriter seeded;
  for (const std::uint64_t word : {1ULL, 2ULL, 3ULL, 4ULL}) seeded.Put(word);
  ByteReader in(seeded.bytes());
  Random random;
  random.Load(in);
  CHECK(random.Next() == 11520ULL);
  CHECK(random.Next() == 0ULL);
  CHECK(random.Next() == 1509978240ULL);
  CHECK(random.Next() == 1215971899390074240ULL);
}

TEST_CASE("Random: a saved generator continues where it stood", "[core]") {
  Random random(7);
  for (int i = 0; i < 100; ++i) (void)random.Normal();
  ByteWriter out;
  random.Save(out);
  Random other(99);
  ByteReader in(out.bytes());
  other.Load(in);
  for (int i = 0; i < 100; ++i) REQUIRE(random.Next() == other.Next());
}

TEST_CASE("Random: uniform numbers stay in range and fill it", "[core]") {
  Random random(1);
  const Moments seen = Measure(100000, [&] {
    const double x = random.Uniform();
    CHECK_FALSE((x < 0 || x >= 1));
    return x;
  });
  CheckMoments(seen, 0.5, 1.0 / 12, 100000);
  int counts[7] = {};
  for (int i = 0; i < 70000; ++i) ++counts[random.Below(7)];
  for (const int count : counts) CHECK(std::abs(count - 10000) < 500);
  CHECK(random.Below(1) == 0);
}

TEST_CASE("Random: normal, exponential and gamma have their moments", "[core]") {
  Random random(2);
  CheckMoments(Measure(100000, [&] { return random.Normal(); }), 0, 1, 100000);
  CheckMoments(Measure(100000, [&] { return random.Exponential(); }), 1, 1, 100000);
  for (const double shape : {0.3, 1.0, 2.5, 40.0}) {
    INFO(shape);
    CheckMoments(Measure(100000, [&] { return random.Gamma(shape); }), shape, shape, 100000);
  }
}

TEST_CASE("Random: Poisson has its moments at small and large means", "[core]") {
  Random random(3);
  for (const double mean : {0.01, 0.7, 5.0, 29.9, 31.0, 400.0, 2e6}) {
    INFO(mean);
    const auto draw = [&] { return static_cast<double>(random.Poisson(mean)); };
    CheckMoments(Measure(50000, draw), mean, mean, 50000);
  }
  CHECK(random.Poisson(0) == 0);
  CHECK(random.Poisson(-1) == 0);
}

TEST_CASE("Random: Binomial has its moments and never leaves 0..n", "[core]") {
  Random random(4);
  struct Case {
    std::uint64_t n;
    double p;
  };
  for (const Case& c : {Case{1, 0.5}, Case{20, 0.1}, Case{41, 0.97}, Case{1000, 0.003},
                        Case{1000000, 0.4}, Case{12345, 0.999}}) {
    INFO(c.n << " " << c.p);
    const auto n = static_cast<double>(c.n);
    std::uint64_t largest = 0;
    const Moments seen = Measure(50000, [&] {
      const std::uint64_t count = random.Binomial(c.n, c.p);
      largest = std::max(largest, count);
      return static_cast<double>(count);
    });
    CheckMoments(seen, n * c.p, n * c.p * (1 - c.p), 50000);
    CHECK(largest <= c.n);
  }
  CHECK(random.Binomial(0, 0.5) == 0);
  CHECK(random.Binomial(10, 0) == 0);
  CHECK(random.Binomial(10, 1) == 10);
}

}  // namespace
}  // namespace quell
