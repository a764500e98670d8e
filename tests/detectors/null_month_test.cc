// A month in which nothing happens: how often the bank's odds are seen against how often it says.
#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <string>

#include "bank_driver.h"
#include "tests/support/sanitized.h"

namespace quell::detectors {
namespace {

constexpr DurationMs kWarmUp = 14 * kDayMs;
constexpr DurationMs kMeasured = 16 * kDayMs;
constexpr std::array<double, 4> kPeaks = {30, 200, 1500, 20'000};

// Sizes, noise, its memory, its slow wandering and overdispersion about as replay/simulator/ has
// them, each in several strengths.
SimulatedShape NullShape(SignalKind kind, std::uint32_t i) {
  SimulatedShape shape = ShapeOf(kind, kPeaks[i % kPeaks.size()]);
  shape.noise_sd *= 0.5 + 0.25 * static_cast<double>(i / 4 % 4);
  shape.noise_memory_minutes = i % 3 == 0 ? 4 : (i % 3 == 1 ? 10 : 30);
  shape.drift_sd = 0.5 * shape.noise_sd;
  shape.drift_memory_minutes = i % 5 < 3 ? 90 : 240;
  shape.point_sd = i % 2 == 0 ? 0 : 0.5 * shape.noise_sd;
  shape.day_sd = 0;  // days do not begin with a jump
  return shape;
}

struct Seen {
  double points = 0;
  double below3 = 0;
  double below4 = 0;
};

std::array<Seen, kSignalKinds> SeenInAMonth(std::uint32_t per_kind) {
  BankDriver driver;
  for (std::uint32_t i = 0; i < per_kind; ++i) {
    for (size_t kind = 0; kind < kSignalKinds; ++kind) {
      driver.Add(NullShape(static_cast<SignalKind>(kind), i), {}, i);
    }
  }
  driver.Run(kWarmUp);
  std::array<Seen, kSignalKinds> seen{};
  driver.Run(kMeasured, 1, [&](TimeMs, const std::vector<Verdict>& verdicts) {
    for (const Verdict& v : verdicts) {
      if (v.reason == VerdictReason::kInsufficientEvidence) continue;
      Seen& of = seen[v.slot % kSignalKinds];
      of.points += 1;
      of.below3 += v.tail_probability < 1e-3 ? 1 : 0;
      of.below4 += v.tail_probability < 1e-4 ? 1 : 0;
    }
  });
  return seen;
}

}  // namespace

TEST_CASE("Bank: false alarms of a null month are within a factor of two of what is stated",
          QUELL_COUNTS "[detectors]") {
  const std::array<Seen, kSignalKinds> seen = SeenInAMonth(48);
  for (size_t kind = 0; kind < kSignalKinds; ++kind) {
    const Seen& of = seen[kind];
    CAPTURE(SignalKindName(static_cast<SignalKind>(kind)), of.points, of.below3, of.below4);
    REQUIRE(of.points > 2e6);
    CHECK(of.below3 / of.points / 1e-3 < 2);
    CHECK(of.below4 / of.points / 1e-4 < 2);
    CHECK(of.below3 / of.points / 1e-3 > 0.5);
    CHECK(of.below4 / of.points / 1e-4 > 0.5);
  }
}

TEST_CASE("Bank: measured over stated false alarms of a null month", "[.][null]") {
  const std::array<Seen, kSignalKinds> seen = SeenInAMonth(48);
  for (size_t kind = 0; kind < kSignalKinds; ++kind) {
    const Seen& of = seen[kind];
    const std::string name(SignalKindName(static_cast<SignalKind>(kind)));
    std::printf("%-9s %.2g points, at 1e-3: %.2f, at 1e-4: %.2f\n", name.c_str(), of.points,
                of.below3 / of.points / 1e-3, of.below4 / of.points / 1e-4);
    CHECK(of.points > 2e6);
  }
}

}  // namespace quell::detectors
