#include "detectors/fusion.h"

#include <catch2/catch.hpp>

#include "detectors/change_onset.h"
#include "detectors/level_shift.h"
#include "detectors/noise_memory.h"

namespace quell::detectors {
namespace {

Opinion Says(double z, double surprise, double observed, double expected) {
  return {z, surprise, observed, expected};
}

}  // namespace

TEST_CASE("Fusion: the strongest detector speaks and the forest adds a bounded bonus",
          "[detectors]") {
  const std::array<Opinion, kCharts> opinions = {Says(3, 6, 0.1, 0.02), Says(5, 14, 0.1, 0.02),
                                                 Says(1, 1, 0.03, 0.02)};
  const Fused alone = Fuse(opinions, 0, {});
  CHECK(alone.speaker == 1);
  CHECK(alone.surprise == 14);
  CHECK(alone.bar == VerdictReason::kNormal);
  CHECK(Fuse(opinions, 4, {}).surprise == Approx(15));
  CHECK(Fuse(opinions, 400, {}).surprise == Approx(16));
  CHECK(JointSurprise(1, 400) == 1);
}

TEST_CASE("Fusion: the policy is asked of the speaker's own window", "[detectors]") {
  // The point alone is far off, the window is not by much.
  const std::array<Opinion, kCharts> opinions = {Says(4, 8, 0.2, 0.02), Says(5, 14, 0.03, 0.02),
                                                 Says(1, 1, 0.02, 0.02)};
  Policy policy;
  policy.min_abs_deviation = 0.05;
  const Fused fused = Fuse(opinions, 0, policy);
  CHECK(fused.speaker == 0);
  CHECK(fused.bar == VerdictReason::kNormal);
  policy.min_abs_deviation = 0.5;
  CHECK(Fuse(opinions, 0, policy).bar == VerdictReason::kBelowMinDeviation);
  policy = {Direction::kDown, 0, 0};
  CHECK(Fuse(opinions, 0, policy).bar == VerdictReason::kWrongDirection);
  policy = {Direction::kUp, 0, 3};
  CHECK(Fuse(opinions, 0, policy).speaker == 0);
}

TEST_CASE("Noise memory: a signal that cries wolf is believed less", "[detectors]") {
  NoiseMemory memory;
  CHECK(memory.Bound(30) == 30);
  for (int i = 0; i < 20'000; ++i) memory.Observe(i % 1000 == 0 ? 30 : 0.5);
  CHECK(memory.Bound(30) < 14);
  CHECK(memory.Bound(30) > 3);
  CHECK(memory.Bound(200) > 18);
  CHECK(memory.Bound(2) == 2);
}

TEST_CASE("Noise memory: excursions that became alerts do not count", "[detectors]") {
  NoiseMemory memory;
  for (int i = 0; i < 20'000; ++i) {
    memory.Observe(i % 1000 == 0 ? 30 : 0.5);
    if (i % 1000 == 0) memory.Alerted();
  }
  CHECK(memory.Bound(30) == 30);
}

TEST_CASE("Onset: the change is dated to where it began", "[detectors]") {
  ChangeOnset onset;
  for (int i = 0; i < 100; ++i) onset.Observe(i * kMinuteMs, i % 2 == 0 ? 0.4 : -0.4);
  CHECK(onset.Estimate(99 * kMinuteMs) == 99 * kMinuteMs);
  for (int i = 100; i < 110; ++i) onset.Observe(i * kMinuteMs, -3);
  CHECK(onset.Estimate(109 * kMinuteMs) == 100 * kMinuteMs);
}

TEST_CASE("Level shift: a settled deviation is adopted, a wandering one and a stop are not",
          "[detectors]") {
  LevelShift settled;
  LevelShift wandering;
  for (int i = 0; i <= 400; ++i) {
    settled.Observe(i * kMinuteMs, 1.0, 0.97);
    wandering.Observe(i * kMinuteMs, i % 60 < 30 ? 3.0 : 0.2, 0.97);
  }
  CHECK_FALSE(settled.Adopted(100 * kMinuteMs, 0.1, 3 * kHourMs, false));
  CHECK(settled.Adopted(400 * kMinuteMs, 0.1, 3 * kHourMs, false));
  CHECK_FALSE(settled.Adopted(400 * kMinuteMs, 0.1, 3 * kHourMs, true));
  CHECK_FALSE(wandering.Adopted(400 * kMinuteMs, 0.1, 3 * kHourMs, false));
}

}  // namespace quell::detectors
