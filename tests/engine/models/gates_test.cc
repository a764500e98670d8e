#include "engine/models/gates.h"

#include <catch2/catch.hpp>

namespace quell::models {
namespace {

constexpr const char* kGood = R"({"recall":0.9,"false_pages_per_week":2,"incidents":12})";
constexpr DataNow kSound{.signals = 10, .live = 9, .judged = 8, .drifted = 1};

std::vector<GateFinding> Judged(const std::string& quality, const DataNow& now,
                                const config::ModelGates& gates = {}) {
  return JudgeGates(gates, quality, now);
}

TEST_CASE("Gates: a measured version on sound data passes, and the words say by how much",
          "[models]") {
  const auto findings = Judged(kGood, kSound);
  CHECK(findings.size() == 5);
  CHECK(Hold(findings));
  CHECK(GateWords(findings) ==
        "recall 0.9 >= 0.8, false_per_week 2 <= 10, incidents 12 >= 5, live 0.9 >= 0.5, drift "
        "0.125 <= 0.5");
}

TEST_CASE("Gates: each fails alone, and is named", "[models]") {
  const auto words = [](const std::string& quality, const DataNow& now) {
    const auto findings = Judged(quality, now);
    CHECK_FALSE(Hold(findings));
    return GateWords(findings);
  };
  CHECK(words(R"({"recall":0.79,"false_pages_per_week":2,"incidents":12})", kSound) ==
        "recall 0.79 < 0.8");
  CHECK(words(R"({"recall":0.9,"false_pages_per_week":11,"incidents":12})", kSound) ==
        "false_per_week 11 > 10");
  CHECK(words(R"({"recall":0.9,"false_pages_per_week":2,"incidents":4})", kSound) ==
        "incidents 4 < 5");
  CHECK(words(kGood, {.signals = 10, .live = 4}) == "live 0.4 < 0.5");
  CHECK(words(kGood, {.signals = 10, .live = 9, .judged = 4, .drifted = 3}) == "drift 0.75 > 0.5");
}

TEST_CASE("Gates: what was not measured does not pass what asks for it", "[models]") {
  for (const char* quality : {"", "[]", "{}", R"({"recall":"0.9"})", R"({"recall":null})"}) {
    const auto findings = Judged(quality, kSound);
    CHECK_FALSE(Hold(findings));
    CHECK_THAT(GateWords(findings),
               Catch::Matchers::StartsWith("recall not measured, asked for: >= 0.8"));
  }
  config::ModelGates none;
  none.min_recall = none.max_false_per_week = none.min_incidents = std::nullopt;
  CHECK(Hold(Judged("", kSound, none)));
}

TEST_CASE("Gates: a bound met exactly holds; an engine without signals is not judged by them",
          "[models]") {
  CHECK(Hold(Judged(R"({"recall":0.8,"false_pages_per_week":10,"incidents":5})",
                    {.signals = 2, .live = 1, .judged = 2, .drifted = 1})));
  CHECK(Hold(Judged(kGood, {})));
}

}  // namespace
}  // namespace quell::models
