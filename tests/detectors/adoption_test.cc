// What becomes the new normal, and when.
#include <catch2/catch.hpp>
#include <cmath>

#include "bank_driver.h"

namespace quell::detectors {
namespace {

constexpr DurationMs kTrained = 8 * kDayMs + 14 * kHourMs;  // to an afternoon

}  // namespace

TEST_CASE("Adoption: a shift of thin lanes is adopted though it seems to pause", "[detectors]") {
  // Evidence comes and goes on few requests; the level that it is about does not.
  constexpr int kLanes = 8;
  int adopted = 0;
  for (std::uint64_t lane = 0; lane < kLanes; ++lane) {
    BankDriver driver({}, 2000 + lane);
    driver.Add(ShapeOf(SignalKind::kQuantile, 40));
    driver.Run(kTrained);
    driver.Run(5 * kHourMs, 2.3);
    const double expected = driver.bank().Expect(0, driver.now()).expected;
    INFO("expected " << expected);
    CHECK(expected < 0.25);
    adopted += expected > 0.085 ? 1 : 0;
  }
  CHECK(adopted >= kLanes - 1);
}

}  // namespace quell::detectors
