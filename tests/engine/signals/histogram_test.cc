#include "engine/signals/histogram.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "core/random.h"

namespace quell::signals {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Bucket {
  double bound;
  double count;
};

HistogramWindow Window(const std::vector<Bucket>& buckets) {
  HistogramWindow out;
  for (const Bucket& bucket : buckets) out.Add(*out.Bucket(bucket.bound), bucket.count);
  return out;
}

// PromQL's histogram_quantile for buckets sorted by bound that end in +Inf, written anew from its
// documentation: counts levelled, linear inside the bucket, the last finite edge beyond it.
double PromQuantile(double q, std::vector<Bucket> buckets) {
  for (size_t i = 1; i < buckets.size(); ++i) {
    buckets[i].count = std::max(buckets[i].count, buckets[i - 1].count);
  }
  const double total = buckets.back().count;
  if (total == 0) return 0;  // PromQL: NaN; here an empty window is 0
  const double rank = q * total;
  size_t b = 0;
  while (b + 1 < buckets.size() && buckets[b].count < rank) ++b;
  if (b == buckets.size() - 1) return buckets[b - 1].bound;
  if (b == 0 && buckets[0].bound <= 0) return buckets[0].bound;
  const double start = b == 0 ? 0 : buckets[b - 1].bound;
  const double below = b == 0 ? 0 : buckets[b - 1].count;
  return start + (buckets[b].bound - start) * (rank - below) / (buckets[b].count - below);
}

TEST_CASE("Histogram: the quantile agrees with PromQL's rule on random buckets", "[signals]") {
  Random random(11);
  for (int round = 0; round < 2000; ++round) {
    std::vector<Bucket> buckets;
    double bound = random.Uniform() < 0.2 ? -1 : 0;
    double count = 0;
    const auto edges = 1 + random.Below(12);
    for (std::uint64_t i = 0; i < edges; ++i) {
      bound += 0.01 + random.Uniform();
      // Now and then a bucket falls behind the one before it (scraped in between).
      count = std::max(0.0, count + static_cast<double>(random.Below(50)) - 5);
      buckets.push_back({bound, count});
    }
    buckets.push_back({kInfinity, count + static_cast<double>(random.Below(3))});
    const double q = 0.01 + 0.98 * random.Uniform();
    const double expected = PromQuantile(q, buckets);
    REQUIRE(std::abs(Window(buckets).Quantile(q) - expected) < 1e-9);

    std::vector<Bucket> shuffled = buckets;
    for (size_t i = shuffled.size(); i > 1; --i) {
      std::swap(shuffled[i - 1], shuffled[random.Below(i)]);
    }
    REQUIRE(Window(shuffled).Quantile(q) == Window(buckets).Quantile(q));
  }
}

TEST_CASE("Histogram: the last finite edge", "[signals]") {
  CHECK(HistogramWindow().LastEdge() == 0);
  CHECK(Window({{kInfinity, 3}}).LastEdge() == 0);
  CHECK(Window({{5, 3}, {0.1, 1}, {kInfinity, 3}}).LastEdge() == 5);
}

TEST_CASE("Histogram: what is usual is the quantile of all that was rolled", "[signals]") {
  HistogramWindow window = Window({{0.1, 90}, {0.2, 95}, {kInfinity, 100}});
  CHECK(window.UsualQuantile(0.5) == 0);
  window.Roll();
  CHECK(window.Quantile(0.5) == 0);
  CHECK(window.UsualQuantile(0.5) ==
        Window({{0.1, 90}, {0.2, 95}, {kInfinity, 100}}).Quantile(0.5));
  window.Add(*window.Bucket(0.2), 105);
  window.Add(*window.Bucket(kInfinity), 100);
  window.Roll();
  CHECK(window.UsualQuantile(0.95) == Approx(0.1 + 0.1 * 100 / 110));
}

TEST_CASE("Histogram: the share above an edge is exact", "[signals]") {
  const HistogramWindow window = Window({{0.1, 40}, {0.5, 90}, {kInfinity, 100}});
  CHECK(window.Total() == 100);
  CHECK(window.Above(0.1) == 60);
  CHECK(window.Above(0.5) == 10);
  CHECK(window.Above(0.3) == 60);  // between edges: from the edge below
  CHECK(window.Above(0.05) == 100);
  CHECK(window.Above(kInfinity) == 0);
}

TEST_CASE("Histogram: decreasing buckets are levelled, never negative", "[signals]") {
  const HistogramWindow window = Window({{0.1, 40}, {0.5, 35}, {kInfinity, 30}});
  CHECK(window.Total() == 40);
  CHECK(window.Above(0.1) == 0);
  CHECK(window.Above(0.5) == 0);
  CHECK(window.Quantile(0.5) == 0.05);
}

TEST_CASE("Histogram: without +Inf the largest bucket is the total", "[signals]") {
  const HistogramWindow window = Window({{0.1, 40}, {0.5, 80}});
  CHECK(window.Total() == 80);
  CHECK(window.Quantile(0.5) == 0.1);
  CHECK(window.Quantile(0.75) == 0.1 + 0.4 * 0.5);
}

TEST_CASE("Histogram: edge cases", "[signals]") {
  CHECK(HistogramWindow().Quantile(0.5) == 0);
  CHECK(HistogramWindow().Total() == 0);
  CHECK(Window({{0.1, 0}, {kInfinity, 0}}).Quantile(0.99) == 0);
  CHECK(Window({{kInfinity, 10}}).Quantile(0.5) == 0);  // nothing is known of it
  CHECK(Window({{0.1, 0}, {kInfinity, 10}}).Quantile(0.5) == 0.1);
  CHECK(Window({{-1, 10}, {kInfinity, 10}}).Quantile(0.5) == -1);
  HistogramWindow window;
  CHECK_FALSE(window.Bucket(std::numeric_limits<double>::quiet_NaN()));
  for (size_t i = 0; i < HistogramWindow::kBucketsMax; ++i) {
    REQUIRE(window.Bucket(static_cast<double>(i)));
  }
  CHECK_FALSE(window.Bucket(1e9));
  CHECK(window.Bucket(5.0) == 5U);
}

TEST_CASE("Histogram: the bound is learned from enough requests, where an edge splits them",
          "[signals]") {
  HistogramWindow window = Window({{0.1, 40}, {0.25, 80}, {0.5, 93}, {1, 99}, {kInfinity, 100}});
  CHECK_FALSE(window.LearnedEdge(0.08, 100));  // not rolled yet
  window.Roll();
  CHECK(window.Total() == 0);
  CHECK_FALSE(window.LearnedEdge(0.08, 101));
  CHECK(window.LearnedEdge(0.08, 100) == 0.5);
  CHECK(window.LearnedEdge(0.2, 100) == 0.25);
  CHECK(window.LearnedEdge(0.01, 100) == 1.0);

  HistogramWindow all_fast = Window({{0.1, 1000}, {kInfinity, 1000}});
  all_fast.Roll();
  CHECK_FALSE(all_fast.LearnedEdge(0.08, 100));
  HistogramWindow all_slow = Window({{0.1, 100}, {kInfinity, 1000}});
  all_slow.Roll();
  CHECK_FALSE(all_slow.LearnedEdge(0.08, 100));
}

}  // namespace
}  // namespace quell::signals
