// What an alert says of its data: late samples, resets and gaps of the last half hour to hour.
#include "engine/signals/recent_troubles.h"

#include <catch2/catch.hpp>

#include "tests/engine/signals/signal_bench.h"

namespace quell::signals {
namespace {

constexpr TimeMs kHalf = 1787529600000;  // 2026-08-24T00:00:00Z
using Counts = std::array<std::uint32_t, kTroubles>;

TEST_CASE("Troubles: counts last for the half hour they fell in and the next", "[signals]") {
  RecentTroubles troubles;
  CHECK(troubles.Lately(kHalf) == Counts{0, 0, 0});
  troubles.Add(Trouble::kReset, kHalf);
  troubles.Add(Trouble::kReset, kHalf + 29 * kMinuteMs);
  troubles.Add(Trouble::kLate, kHalf + 29 * kMinuteMs);
  CHECK(troubles.Lately(kHalf + 29 * kMinuteMs) == Counts{1, 2, 0});
  CHECK(troubles.Lately(kHalf + 59 * kMinuteMs) == Counts{1, 2, 0});
  CHECK(troubles.Lately(kHalf + 60 * kMinuteMs) == Counts{0, 0, 0});
  troubles.Add(Trouble::kGap, kHalf + 40 * kMinuteMs);
  CHECK(troubles.Lately(kHalf + 40 * kMinuteMs) == Counts{1, 2, 1});
  CHECK(troubles.Lately(kHalf + 70 * kMinuteMs) == Counts{0, 0, 1});
  troubles.Add(Trouble::kGap, kHalf + 5 * kHourMs);  // far later: nothing of before is left
  CHECK(troubles.Lately(kHalf + 5 * kHourMs) == Counts{0, 0, 1});
  CHECK(RecentTroubles::Reach(kHalf + 10 * kMinuteMs) == 40 * kMinuteMs);
}

TEST_CASE("Troubles: a count stops where it would wrap", "[signals]") {
  RecentTroubles troubles;
  for (int i = 0; i < 300; ++i) troubles.Add(Trouble::kLate, kHalf);
  CHECK(troubles.Lately(kHalf) == Counts{255, 0, 0});
}

TEST_CASE("Troubles: a signal knows those of the series that feed it", "[signals]") {
  const Labels orders{{"__name__", "orders_total"}, {"service", "shop"}, {"instance", "a"}};
  const Labels other{{"__name__", "orders_total"}, {"service", "bar"}, {"instance", "b"}};
  SignalBench bench;
  const auto both = [&](double at, double value) {
    bench.Sample(orders, at, value);
    bench.Sample(other, at, at + 1000);
    bench.CloseTo(at);
  };
  for (double at = 0; at <= 300; at += 30) both(at, 1000 + at);
  both(330, 5);                    // a restart
  bench.Sample(other, 345, 1345);  // in time
  bench.CloseTo(360);
  bench.Sample(orders, 355, 30);   // late
  bench.Sample(orders, 960, 600);  // after a gap above the lookback
  bench.CloseTo(960);
  const auto troubles = [&](std::uint32_t slot) {
    return bench.engine.Troubles(slot).Lately(kStart + 960 * kSecondMs);
  };
  REQUIRE(bench.engine.signals().size() == 2);
  CHECK(troubles(0) == Counts{1, 1, 1});
  CHECK(troubles(1) == Counts{0, 0, 0});
}

}  // namespace
}  // namespace quell::signals
