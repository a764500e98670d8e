#include "replay/runner/tune.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "core/file.h"
#include "core/random.h"
#include "tests/support/temp_folder.h"

namespace quell::replay {
namespace {

constexpr TimeMs kStart = 1787529600000;  // 2026-08-24T00:00:00Z
constexpr DurationMs kStep = 60 * kSecondMs;
constexpr int kSteps = 3 * 24 * 60;
constexpr int kFirst = 24 * 60;  // the first incident; then one every two hours
constexpr int kApart = 120;

bool Fails(int step) { return step >= kFirst && step % kApart < 20; }

// A provider that fails for twenty minutes every two hours from the second day on.
std::string History() {
  std::string out;
  Random random(8);
  double good = 0;
  double bad = 0;
  for (int step = 0; step < kSteps; ++step) {
    const std::uint64_t count = random.Poisson(400);
    const std::uint64_t failed = random.Binomial(count, Fails(step) ? 0.4 : 0.02);
    good += static_cast<double>(count - failed);
    bad += static_cast<double>(failed);
    const std::string time = std::to_string((kStart + step * kStep) / 1000) + "\n";
    out += R"(payments_total{psp="acme",outcome="approved"} )" +
           std::to_string(static_cast<std::int64_t>(good)) + ' ' + time;
    out += R"(payments_total{psp="acme",outcome="error"} )" +
           std::to_string(static_cast<std::int64_t>(bad)) + ' ' + time;
  }
  return out + "# EOF\n";
}

std::vector<LabelledIncident> Incidents() {
  std::vector<LabelledIncident> out;
  for (int step = kFirst; step < kSteps; step += kApart) {
    const TimeMs start = kStart + step * kStep;
    out.push_back({"I" + std::to_string(step), start, start + 20 * kStep, "", "", {}});
  }
  return out;
}

TuneTrial Trial(double budget, double training, double validation, double recall) {
  TuneTrial trial;
  trial.settings.false_pages_per_week = budget;
  trial.training.cost = training;
  trial.validation.cost = validation;
  trial.validation.recall = recall;
  return trial;
}

TuneOutcome Judged(const TuneTrial& chosen) {
  TuneOutcome outcome;
  outcome.trials = {Trial(1, 10, 10, 0.9), chosen};
  outcome.chosen = 1;
  JudgeTune(outcome);
  return outcome;
}

}  // namespace

TEST_CASE("Tune: a gain is taken only where the later part has it, too", "[replay]") {
  CHECK(Judged(Trial(2, 8, 9, 0.9)).holds);
  CHECK_FALSE(Judged(Trial(2, 8, 10, 0.9)).holds);
  CHECK_THAT(Judged(Trial(2, 8, 12, 1)).why, Catch::Contains("does not hold up"));
  CHECK_FALSE(Judged(Trial(2, 8, 9, 0.8)).holds);
  TuneOutcome same = Judged(Trial(2, 8, 9, 0.9));
  same.chosen = 0;
  JudgeTune(same);
  CHECK_FALSE(same.holds);
  CHECK_THAT(same.why, Catch::Contains("nothing that was tried costs less"));
}

TEST_CASE("Tune: it searches on the earlier part and shows both", "[replay]") {
  const test::TempFolder folder;
  REQUIRE(WriteFileAtomic(folder.File("h.om"), History()).ok());
  TuneOptions options;
  options.replay.sources.push_back(*ParseSource("openmetrics:" + folder.File("h.om")));
  options.replay.evaluate_from = kStart + kFirst * kStep - kHourMs;
  const auto incidents = Incidents();
  const auto outcome = RunTune(options, incidents, nullptr);
  INFO((outcome.ok() ? "" : outcome.error().message));
  REQUIRE(outcome.ok());
  CHECK(outcome->trials.size() > 8);
  CHECK(outcome->trials[0].settings.false_pages_per_week == 1);
  const TuneTrial& chosen = outcome->trials[outcome->chosen];
  for (const TuneTrial& trial : outcome->trials) {
    CHECK(chosen.training.cost <= trial.training.cost);
    CHECK(std::count_if(outcome->trials.begin(), outcome->trials.end(),
                        [&](const TuneTrial& t) { return t.settings == trial.settings; }) == 1);
    CHECK(trial.training.incidents + trial.validation.incidents ==
          static_cast<int>(incidents.size()));
  }
  CHECK(outcome->trials[0].training.incidents > outcome->trials[0].validation.incidents);
  const bool inside = Fails(static_cast<int>((outcome->split - kStart) / kStep));
  CHECK_FALSE(inside);
  const std::string text = FormatTune(*outcome, "# ");
  CHECK_THAT(text, Catch::StartsWith("# training 2026-08-24 23:00 to "));
  CHECK_THAT(text, Catch::Contains("# validation "));

  SECTION("too few incidents are an error") {
    options.incidents_min = 50;
    const auto few = RunTune(options, incidents, nullptr);
    REQUIRE_FALSE(few.ok());
    CHECK_THAT(few.error().message, Catch::Contains("too few incidents to tune on"));
  }
  SECTION("twice the same") {
    const auto again = RunTune(options, incidents, nullptr);
    REQUIRE(again.ok());
    CHECK(FormatTune(*again, "") == FormatTune(*outcome, ""));
  }
}

}  // namespace quell::replay
