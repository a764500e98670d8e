// The explanation of an alert, from the journal's samples to the page, with the figures that they
// make.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

using nlohmann::json;

constexpr int kDay = 2880;  // steps
constexpr int kOutage = 9 * kDay + kDay / 2;

// acme fails for twenty minutes on the tenth day at noon, half its traffic gone; before that two of
// its points are missing and its counters begin anew.
std::vector<json> Explained(const std::string& decision, store::EffectKind kind) {
  const auto story = [](const std::string& psp, int step) {
    SmallWorld::Lane lane;
    if (psp != "acme") return lane;
    if (step >= kOutage && step < kOutage + 40) lane = {.failing = 0.35, .volume = 0.5};
    if (step == kOutage - 10 || step == kOutage - 9) lane.reports = false;
    return lane;
  };
  const auto pipeline = MakePipeline();
  for (const auto& record : SmallWorld(1).Records(kOutage + 200, story)) pipeline->Apply(record);
  std::vector<json> out;
  for (const store::Effect& effect : pipeline->TakeEffects()) {
    if (effect.kind != kind) continue;
    json body = json::parse(effect.body);
    if (body.value(kind == store::EffectKind::kOutbox ? "action" : "decision", "") == decision) {
      out.push_back(std::move(body));
    }
  }
  return out;
}

TEST_CASE("Explanation: an alert carries every part, with the figures of its samples",
          "[pipeline]") {
  const std::vector<json> fired = Explained("alert_fired", store::EffectKind::kDecision);
  const auto failing = std::find_if(fired.begin(), fired.end(), [](const json& body) {
    return body["signal"].get<std::string>().find("failure") != std::string::npos;
  });
  REQUIRE(failing != fired.end());
  const json& e = (*failing)["explanation"];
  INFO(e.dump(1));
  const TimeMs began = kMonday + kOutage * kStep;
  CHECK(e["as_of"].get<std::string>() >= FormatRfc3339(began));
  CHECK(e["lasting_seconds"] > 15);
  CHECK(e["lasting_seconds"] < 180);

  REQUIRE(e["windows"].size() == 3);
  const json& point = e["windows"][0];
  CHECK(point["window"] == "point");
  CHECK(point["seconds"] == 30);
  CHECK(point["seen"].get<double>() == Approx(0.35).margin(0.08));
  CHECK(point["k"] == (*failing)["evidence"]["k"]);
  CHECK(point["n"] == (*failing)["evidence"]["n"]);
  CHECK(point["agrees"] == true);
  CHECK(point["tail_probability"] < 1e-3);
  CHECK(e["windows"][1]["seconds"].get<double>() == Approx(433).margin(2));
  CHECK(e["windows"][2]["seconds"].get<double>() == Approx(2077).margin(3));
  CHECK(e["windows"][2]["n"].get<double>() == Approx(69 * 420).epsilon(0.15));
  CHECK(e["windows"][2]["expected"].get<double>() == Approx(0.02).epsilon(0.2));

  CHECK(e["same_hour"]["local"] == "Wednesday 12:00");
  CHECK(e["same_hour"]["usual"].get<double>() == Approx(0.02).epsilon(0.15));
  CHECK(e["same_hour"]["earlier_days"] == 9);
  CHECK(e["same_hour"]["earlier_weeks"] == 1);

  const double arrived = e["data"]["arrived"];
  CHECK(arrived < 0.99);
  CHECK(arrived > 0.9);
  CHECK(e["data"]["arrived_over_seconds"].get<double>() == Approx(2077).margin(3));
  CHECK(e["data"]["late"] == 0);
  CHECK(e["data"]["resets"] == 0);
  CHECK(e["data"]["gaps"] == 0);
  CHECK(e["baseline_seconds"].get<double>() == Approx(9.5 * 86400).epsilon(0.01));

  REQUIRE(e["features"].size() >= 1);
  CHECK(e["features"][0]["share"] > 0.2);
  double shares = 0;
  for (const json& feature : e["features"]) shares += feature["share"].get<double>();
  CHECK(shares <= 1.0001);
  CHECK(e["words"].size() >= 4);
}

TEST_CASE("Explanation: the page of it says so in words", "[pipeline]") {
  const std::vector<json> pages = Explained("trigger", store::EffectKind::kOutbox);
  REQUIRE(pages.size() == 1);
  std::string words;
  for (const json& sentence : pages[0]["explanation"]) words += sentence.get<std::string>() + '\n';
  CHECK_THAT(words, Catch::Matchers::Contains("psp=acme has lasted"));
  CHECK_THAT(words, Catch::Matchers::Contains("windows agree: 30 s: "));
  CHECK_THAT(words, Catch::Matchers::Contains("Usual on Wednesday 12:00 (local time): "));
  CHECK_THAT(words, Catch::Matchers::Contains("by 1 earlier week."));
  CHECK_THAT(words, Catch::Matchers::Contains("of the steps of the last 35 min; no late samples"));
  CHECK_THAT(words, Catch::Matchers::Contains("Baseline learned from 9 days."));
}

TEST_CASE("Explanation: a cleared alert says how long it lasted", "[pipeline]") {
  const std::vector<json> cleared = Explained("alert_cleared", store::EffectKind::kDecision);
  REQUIRE_FALSE(cleared.empty());
  for (const json& body : cleared) {
    CHECK(body["explanation"]["lasting_seconds"] >= 20 * 60 - 60);
    CHECK_THAT(body["explanation"]["words"][0].get<std::string>(),
               Catch::Matchers::Contains(" lasted 2"));
  }
}

}  // namespace
}  // namespace quell::pipeline
