#include "ingest/window_size.h"

#include <catch2/catch.hpp>

namespace quell::ingest {

TEST_CASE("WindowSize: halves down to its minimum, grows back after successes in a row") {
  WindowSize window(2 * kHourMs, kMinuteMs, 4 * kHourMs);
  CHECK(window.Halve(2 * kHourMs));
  CHECK(window.get() == kHourMs);
  for (int i = 0; i < 4; ++i) window.Succeeded(true);
  CHECK(window.get() == 2 * kHourMs);
  for (int i = 0; i < 3; ++i) window.Succeeded(true);
  window.Succeeded(false);  // near its bound: counting starts anew
  window.Succeeded(true);
  CHECK(window.get() == 2 * kHourMs);
  for (int i = 0; i < 20; ++i) window.Succeeded(true);
  CHECK(window.get() == 4 * kHourMs);  // and no farther
  while (window.Halve(window.get())) {
  }
  CHECK(window.get() >= kMinuteMs);
  CHECK(window.get() < 2 * kMinuteMs);
}

TEST_CASE("WindowSize: growing that is refused is tried ever more rarely") {
  WindowSize window(kHourMs, kMinuteMs, kDayMs);
  int refused = 0;
  for (int i = 0; i < 1000; ++i) {
    if (window.get() > kHourMs) {  // a server that takes one hour and no more
      REQUIRE(window.Halve(window.get()));
      ++refused;
    } else {
      window.Succeeded(true);
    }
  }
  CHECK(refused >= 3);
  CHECK(refused <= 12);
}

}  // namespace quell::ingest
