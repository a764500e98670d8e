#include "core/clock.h"

#include <catch2/catch.hpp>

namespace quell {
namespace {

TEST_CASE("ManualClock: stands still until told, and a wait is an advance", "[core]") {
  ManualClock clock(1000);
  CHECK(clock.WallMs() == 1000);
  CHECK(clock.WallMs() == 1000);
  clock.Advance(5);
  CHECK(clock.MonotonicMs() == 1005);
  std::mutex mutex;
  std::condition_variable signal;
  std::unique_lock lock(mutex);
  clock.WaitFor(signal, lock, kHourMs);
  CHECK(clock.WallMs() == 1005 + kHourMs);
  CHECK(lock.owns_lock());
}

TEST_CASE("SystemClock: monotonic time never goes back", "[core]") {
  SystemClock clock;
  DurationMs last = clock.MonotonicMs();
  for (int i = 0; i < 1000; ++i) {
    const DurationMs now = clock.MonotonicMs();
    REQUIRE(now >= last);
    last = now;
  }
  CHECK(clock.WallMs() > 1577836800000);  // after 2020
}

}  // namespace
}  // namespace quell
