#include "engine/signals/native_increase.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <map>

#include "core/random.h"

namespace quell::signals {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

using Buckets = std::vector<ingest::HistogramBucket>;

struct Change {
  NativeChange change;
  Buckets increase;
};

ingest::HistogramSample Sample(Buckets buckets) {
  ingest::HistogramSample out;
  out.buckets = std::move(buckets);
  for (const auto& bucket : out.buckets) out.count += bucket.count;
  return out;
}

Change Between(const Buckets& before, const Buckets& now) {
  const ingest::HistogramSample first = Sample(before);
  Change out{};
  out.change = IncreaseSince({first.count, first.buckets}, Sample(now), out.increase);
  return out;
}

void CheckGrown(const Buckets& before, const Buckets& now, const Buckets& expected) {
  const Change change = Between(before, now);
  CHECK(change.change == NativeChange::kGrown);
  CHECK(change.increase == expected);
}

// What an exponential histogram of schema 2 or coarser holds: `counts` by index of schema 2.
using Indexed = std::map<int, double>;
ingest::HistogramSample Exponential(const Indexed& counts, int halvings) {
  const int width = 1 << halvings;
  std::map<int, double> coarse;  // by the index of schema 2 that the bucket ends at
  for (const auto& [index, count] : counts) {
    coarse[static_cast<int>(std::ceil(static_cast<double>(index) / width)) * width] += count;
  }
  Buckets out;
  for (const auto& [index, count] : coarse) {
    const double lower = std::exp2((index - width) / 4.0);
    if (out.empty() || lower > out.back().upper) out.push_back({lower, 0});
    out.push_back({std::exp2(index / 4.0), count});
  }
  return Sample(out);
}

}  // namespace

TEST_CASE("Native increase: equal layouts differ bucket by bucket", "[signals]") {
  CheckGrown({{1, 3}, {2, 5}, {kInfinity, 1}}, {{1, 4}, {2, 9}, {kInfinity, 1}},
             {{1, 1}, {2, 4}, {kInfinity, 0}});
  CheckGrown({}, {{1, 0}, {2, 5}}, {{1, 0}, {2, 5}});
  CheckGrown({}, {}, {});
}

TEST_CASE("Native increase: a bucket that appears in a hole or at an end is new", "[signals]") {
  const Buckets before = {{1, 0}, {2, 5}, {8, 0}, {16, 5}};
  CheckGrown(before, {{1, 0}, {2, 5}, {4, 3}, {8, 0}, {16, 6}},
             {{1, 0}, {2, 0}, {4, 3}, {8, 0}, {16, 1}});
  CheckGrown(before, {{0.5, 0}, {1, 2}, {2, 5}, {8, 0}, {16, 5}, {32, 7}},
             {{0.5, 0}, {1, 2}, {2, 0}, {8, 0}, {16, 0}, {32, 7}});
}

TEST_CASE("Native increase: a coarser layout makes nothing out of nothing", "[signals]") {
  // Schema 1 to schema 0: what lay in two buckets lies in one.
  CheckGrown({{1, 0}, {1.5, 5}, {2, 7}, {3, 1}, {4, 2}}, {{1, 0}, {2, 14}, {4, 3}},
             {{1, 0}, {2, 2}, {4, 0}});
  // And to a finer one: what is known is known at the coarser bounds alone.
  CheckGrown({{1, 0}, {2, 12}, {4, 3}}, {{1, 0}, {1.5, 6}, {2, 8}, {3, 1}, {4, 4}},
             {{1, 0}, {2, 2}, {4, 2}});
  // The zero bucket has grown over the lowest ones.
  CheckGrown({{0.1, 4}, {1, 0}, {2, 5}, {4, 6}}, {{2, 10}, {4, 8}}, {{2, 1}, {4, 2}});
}

TEST_CASE("Native increase: less in all or in one bucket is a reset", "[signals]") {
  Change change = Between({{1, 5}, {2, 5}}, {{1, 2}, {2, 1}});
  CHECK(change.change == NativeChange::kReset);
  CHECK(change.increase == Buckets{{1, 2}, {2, 1}});
  change = Between({{1, 5}, {2, 5}}, {{1, 4}, {2, 50}});
  CHECK(change.change == NativeChange::kReset);
  CHECK(change.increase == Buckets{{1, 4}, {2, 50}});
  change = Between({{1, 5}, {2, 5}}, {{1, 50}});  // the bucket up to 2 is gone
  CHECK(change.change == NativeChange::kReset);
  change = Between({{1, 5}, {2, 5}}, {});
  CHECK(change.change == NativeChange::kReset);
  CHECK(change.increase.empty());
}

TEST_CASE("Native increase: rounding of float counts is no reset", "[signals]") {
  Random random(42);
  for (int round = 0; round < 200; ++round) {
    Buckets before;
    for (int i = 0; i < 20; ++i) before.push_back({1.0 + i, 10 * random.Uniform()});
    Buckets now = before;
    const double grown = random.Uniform();
    now[0].count += grown;
    const Change change = Between(before, now);
    REQUIRE(change.change == NativeChange::kGrown);
    REQUIRE(change.increase.size() == 20);
    CHECK(change.increase[0].count == Approx(grown));
    for (size_t i = 1; i < 20; ++i) {
      REQUIRE(change.increase[i].count >= 0);
      REQUIRE(change.increase[i].count < 1e-10);
    }
  }
}

// Observations come in, and the client halves its resolution now and then, as those with a bucket
// limit do. At every bound that is told, the growth is exactly what came in.
TEST_CASE("Native increase: at every bound told, the growth is exact", "[signals]") {
  Random random(41);
  for (int round = 0; round < 300; ++round) {
    Indexed counts;
    NativeState state;
    int halvings = 0;
    Indexed grown;
    for (int step = 0; step < 12; ++step) {
      grown.clear();
      for (std::uint64_t i = random.Below(60); i > 0; --i) {
        grown[static_cast<int>(std::lround(random.Normal() * 8))] += 1;
      }
      for (const auto& [index, count] : grown) counts[index] += count;
      if (random.Below(5) == 0 && halvings < 4) ++halvings;
      const ingest::HistogramSample now = Exponential(counts, halvings);
      Buckets increase;
      REQUIRE(IncreaseSince(state, now, increase) == NativeChange::kGrown);
      double told = 0;
      double before = -1;
      for (const auto& [upper, count] : increase) {
        REQUIRE(upper > before);
        before = upper;
        told += count;
        double expected = 0;
        for (const auto& [index, came] : grown) {
          if (std::exp2(index / 4.0) <= upper) expected += came;
        }
        REQUIRE(told == expected);
      }
      REQUIRE(told == now.count - state.count);
      state = {now.count, now.buckets};
    }
  }
}

}  // namespace quell::signals
