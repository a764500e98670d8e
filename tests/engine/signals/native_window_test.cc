// HistogramWindow fed with increments that are not cumulative, as native histograms have them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>

#include "core/random.h"
#include "engine/signals/histogram.h"

namespace quell::signals {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

using Buckets = std::vector<ingest::HistogramBucket>;

std::vector<double> RandomBounds(Random& random) {
  std::vector<double> out;
  double bound = 0;
  for (std::uint64_t i = 1 + random.Below(40); i > 0; --i) {
    bound += 0.001 + random.Uniform();
    out.push_back(bound);
  }
  out.push_back(kInfinity);
  return out;
}

}  // namespace

TEST_CASE("Native window: agrees with classic buckets of the same bounds", "[signals]") {
  Random random(51);
  for (int round = 0; round < 300; ++round) {
    const std::vector<double> bounds = RandomBounds(random);
    HistogramWindow native;
    HistogramWindow classic;
    for (int window = 0; window < 3; ++window) {
      for (std::uint64_t samples = 1 + random.Below(4); samples > 0; --samples) {
        Buckets increments;
        double cumulative = 0;
        for (const double bound : bounds) {
          const auto count = static_cast<double>(random.Below(20));
          increments.push_back({bound, count});
          cumulative += count;
          classic.Add(*classic.Bucket(bound), cumulative);
        }
        native.AddIncrements(increments);
      }
      REQUIRE(native.Total() == classic.Total());
      for (int i = 0; i < 10; ++i) {
        const double bound = bounds[random.Below(bounds.size())];
        const double q = 0.01 + 0.98 * random.Uniform();
        REQUIRE(native.Above(bound) == classic.Above(bound));
        REQUIRE(native.Above(bound * 1.01) == classic.Above(bound * 1.01));
        REQUIRE(native.Quantile(q) == classic.Quantile(q));
      }
      native.Roll();
      classic.Roll();
      REQUIRE(native.LearnedEdge(0.08, 10) == classic.LearnedEdge(0.08, 10));
    }
  }
}

TEST_CASE("Native window: a sample without some of the buckets counts at all the bounds above",
          "[signals]") {
  HistogramWindow window;
  window.AddIncrements(Buckets{{1, 10}, {2, 20}, {4, 30}});
  window.AddIncrements(Buckets{{2, 5}});
  CHECK(window.Total() == 65);
  CHECK(window.Above(1) == 55);
  CHECK(window.Above(2) == 30);
  CHECK(window.Above(4) == 0);
}

TEST_CASE("Native window: a new bound starts at the count of the next lower one", "[signals]") {
  HistogramWindow window;
  window.AddIncrements(Buckets{{1, 40}, {2, 50}, {4, 10}});
  window.Roll();
  window.AddIncrements(Buckets{{1, 40}, {2, 50}, {4, 10}});
  window.AddIncrements(Buckets{{1.5, 6}, {8, 4}});
  CHECK(window.Total() == 110);
  CHECK(window.Above(1) == 70);
  CHECK(window.Above(1.5) == 64);
  CHECK(window.Above(2) == 14);
  CHECK(window.Above(4) == 4);
  CHECK(window.Above(8) == 0);
  window.Roll();  // learned: 80 at 1, 86 at 1.5, 186 at 2, 206 at 4, 210 at 8
  CHECK(window.LearnedEdge(124.0 / 210, 1) == 2);  // shares above one half are not taken
  CHECK(window.LearnedEdge(0.02, 1) == 4);
}

TEST_CASE("Native window: at most 256 bounds, and nothing is lost beyond", "[signals]") {
  HistogramWindow window;
  for (int i = 0; i < 1000; ++i) {
    window.AddIncrements(Buckets{{1 + static_cast<double>(i % 500), 1}});
  }
  CHECK(window.Total() == 1000);
  CHECK(window.Above(100) == 800);
  CHECK(window.Above(255) == 490);  // the last bound there was room for
  CHECK(window.Above(400) == 490);  // 256 and on count from infinity
  ByteWriter out;
  window.Save(out);
  CHECK(out.bytes().size() == 4 * 8 + 256 * (3 * 8 + 4));
}

TEST_CASE("Native window: the quantile lies inside its own bucket, not the hole below",
          "[signals]") {
  HistogramWindow window;
  window.AddIncrements(Buckets{{1, 0}, {2, 90}, {8, 0}, {16, 10}});
  CHECK(window.Quantile(0.45) == 1.5);
  CHECK(window.Quantile(0.95) == 12);
}

}  // namespace quell::signals
