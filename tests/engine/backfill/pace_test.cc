#include "engine/backfill/pace.h"

#include <catch2/catch.hpp>

namespace quell::backfill {

TEST_CASE("Pace: waits in proportion to the server's own time, and for the rate of samples") {
  PaceOptions options;
  options.duty = 0.25;
  options.samples_per_second_max = 1000;
  CHECK(WaitAfter(options, 200, 0) == 600);
  CHECK(WaitAfter(options, 200, 5000) == 4800);  // the rate asks for more
  CHECK(WaitAfter(options, 200, 100) == 600);
  options.duty = 1;
  CHECK(WaitAfter(options, 200, 100) == 0);
  CHECK(WaitAfter(options, 0, 3) == 3);
}

TEST_CASE("Pace: pauses after failures double up to their bound") {
  const PaceOptions options;
  CHECK(WaitAfterFailure(options, 1) == kSecondMs);
  CHECK(WaitAfterFailure(options, 2) == 2 * kSecondMs);
  CHECK(WaitAfterFailure(options, 6) == 32 * kSecondMs);
  CHECK(WaitAfterFailure(options, 7) == kMinuteMs);
  CHECK(WaitAfterFailure(options, 1000000) == kMinuteMs);
}

TEST_CASE("Pace: impossible options name their flag") {
  PaceOptions options;
  options.duty = 0;
  CHECK_THAT(CheckPace(options).error().message, Catch::Contains("--duty is 0"));
  options.duty = 1.5;
  CHECK_FALSE(CheckPace(options).ok());
  options.duty = 1;
  options.samples_per_second_max = 0;
  CHECK_THAT(CheckPace(options).error().message, Catch::Contains("--samples-per-second-max"));
}

}  // namespace quell::backfill
