#include "replay/scoring/gate.h"

#include <catch2/catch.hpp>

namespace quell::replay {
namespace {

Scores Good() {
  Scores scores;
  scores.incidents = 10;
  scores.caught = 9;
  scores.recall = 0.9;
  scores.pages = 12;
  scores.true_pages = 9;
  scores.false_pages = 3;
  scores.precision = 0.75;
  scores.false_pages_per_week = 1.5;
  scores.pages_per_incident = 1.25;
  scores.detect_median_seconds = 120;
  return scores;
}

GateBounds Met() {
  GateBounds bounds;
  bounds.min_recall = 0.9;
  bounds.min_precision = 0.75;
  bounds.max_false_per_week = 1.5;
  bounds.max_pages_per_incident = 1.25;
  bounds.max_detect_median_seconds = 120;
  return bounds;
}

}  // namespace

TEST_CASE("Gate: bounds that are met exactly hold", "[scoring]") {
  const auto verdict = JudgeGate(Good(), Met());
  REQUIRE(verdict.ok());
  CHECK(verdict->Passed());
  CHECK(verdict->checks.size() == 5);
  CHECK_THAT(FormatGate(*verdict), Catch::EndsWith("gate: passed\n"));
  CHECK_THAT(FormatGate(*verdict), Catch::Contains("at least 0.9   (9 of 10 incidents caught)"));
}

TEST_CASE("Gate: any one bound that does not hold fails it", "[scoring]") {
  const auto fails = [](const std::string& name, const auto& tighten) {
    GateBounds bounds = Met();
    tighten(bounds);
    const auto verdict = JudgeGate(Good(), bounds);
    REQUIRE(verdict.ok());
    CHECK_FALSE(verdict->Passed());
    CHECK_THAT(FormatGate(*verdict), Catch::Contains("FAILS  " + name));
    CHECK_THAT(FormatGate(*verdict), Catch::EndsWith("gate: NOT passed\n"));
  };
  fails("recall", [](GateBounds& bounds) { bounds.min_recall = 0.91; });
  fails("precision", [](GateBounds& bounds) { bounds.min_precision = 0.76; });
  fails("false pages per week", [](GateBounds& bounds) { bounds.max_false_per_week = 1.4; });
  fails("pages per incident", [](GateBounds& bounds) { bounds.max_pages_per_incident = 1.2; });
  fails("median seconds", [](GateBounds& bounds) { bounds.max_detect_median_seconds = 119; });
}

TEST_CASE("Gate: an empty history does not pass, it is an error", "[scoring]") {
  GateBounds bounds;
  bounds.min_recall = 0;
  CHECK_FALSE(JudgeGate(Scores{}, bounds).ok());
  CHECK_FALSE(JudgeGate(Good(), GateBounds{}).ok());
  GateBounds quiet;
  quiet.max_false_per_week = 0;
  quiet.min_precision = 1;
  const auto verdict = JudgeGate(Scores{}, quiet);  // a quiet span may be asked to stay quiet
  REQUIRE(verdict.ok());
  CHECK(verdict->Passed());
}

TEST_CASE("Gate: what is measured over caught incidents does not hold where none was caught",
          "[scoring]") {
  Scores scores;
  scores.incidents = 3;
  GateBounds bounds;
  bounds.max_detect_median_seconds = 60;
  const auto verdict = JudgeGate(scores, bounds);
  REQUIRE(verdict.ok());
  CHECK_FALSE(verdict->Passed());
}

}  // namespace quell::replay
