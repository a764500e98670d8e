#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "core/file.h"
#include "core/random.h"
#include "replay/runner/drift_report.h"
#include "tests/support/temp_folder.h"

namespace quell::replay {
namespace {

constexpr TimeMs kStart = 1787529600000;  // 2026-08-24T00:00:00Z
constexpr int kMinutes = 12 * 1440 + 20;

// Two pools with the shape of a day; on the twelfth day one of them is a quarter higher.
std::string Levels() {
  std::string out;
  Random random(4);
  for (int minute = 2; minute <= kMinutes; minute += 2) {
    const std::string time = std::to_string(kStart / 1000 + minute * 60) + "\n";
    const double shape = 50 + 30 * std::sin(2 * M_PI * minute / 1440);
    const double factor = minute > 11 * 1440 ? 1.25 : 1;
    out += "steady_in_use " + std::to_string(shape + random.Normal()) + ' ' + time;
    out += "moved_in_use " + std::to_string(factor * (shape + random.Normal())) + ' ' + time;
  }
  return out + "# EOF\n";
}

TEST_CASE("Drift report: what has moved is on top and to be retrained", "[replay]") {
  const test::TempFolder folder;
  REQUIRE(WriteFileAtomic(folder.File("m.om"), Levels()).ok());
  ReplayOptions options;
  options.sources = {{Source::Kind::kOpenMetrics, folder.File("m.om")}};
  const auto outcome = RunDrift(options, nullptr);
  REQUIRE(outcome.ok());
  REQUIRE(outcome->signals.size() == 2);
  CHECK(outcome->learning == 0);
  CHECK(outcome->signals[0].name == "moved_in_use");
  CHECK(detectors::AdviceOf(outcome->signals[0].verdict) == detectors::DriftAdvice::kRetrain);
  CHECK(detectors::AdviceOf(outcome->signals[1].verdict) == detectors::DriftAdvice::kNone);
  CHECK(outcome->signals[0].verdict.day == kStart + 12 * kDayMs);
  const std::string text = FormatDrift(*outcome, 1);
  CHECK(text.find("2 signals judged, 1 to retrain, 0 to watch") != std::string::npos);
  CHECK(text.find("moved_in_use") != std::string::npos);
  CHECK(text.find("steady_in_use") == std::string::npos);
  CHECK(text.find("not watched") == std::string::npos);
}

TEST_CASE("Drift report: what is left out is said, by number and the first by name", "[replay]") {
  DriftOutcome outcome;
  outcome.left_out = 2;
  outcome.first_left_out = "depth{psp=\"acme\"}";
  CHECK_THAT(FormatDrift(outcome, 1),
             Catch::Matchers::Contains("\n2 signals are not watched, beyond the first 20000: "
                                       "depth{psp=\"acme\"} and those after it\n"));
}

}  // namespace
}  // namespace quell::replay
