// What does not fire for want of evidence is recorded with that reason.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

constexpr int kBlip = 3200;
constexpr int kSteps = 3260;

// Outcomes among effects that give this reason, with the alerts they are of.
std::vector<nlohmann::json> Weak(const std::vector<store::Effect>& effects) {
  std::vector<nlohmann::json> out;
  for (const store::Effect& outcome : effects) {
    if (outcome.kind != store::EffectKind::kOutcome || outcome.body != "insufficient_evidence") {
      continue;
    }
    for (const store::Effect& alert : effects) {
      if (alert.kind != store::EffectKind::kAlert || alert.id != outcome.id) continue;
      out.push_back(nlohmann::json::parse(alert.body));
    }
  }
  return out;
}

std::vector<ingest::JournalRecord> Blip(int steps) {
  return SmallWorld(41).Records(kSteps, [steps](const std::string& psp, int step) {
    SmallWorld::Lane lane;
    if (psp == "acme" && step >= kBlip && step < kBlip + steps) lane.failing = 0.3;
    return lane;
  });
}

std::uint64_t Counted(Pipeline& pipeline) {
  return pipeline.counters()
      .outcomes[static_cast<size_t>(incidents::PageReason::kInsufficientEvidence)];
}

TEST_CASE("Evidence: a blip of one point ends as an alert with insufficient evidence",
          "[pipeline]") {
  const auto pipeline = MakePipeline();
  for (const auto& record : Blip(1)) pipeline->Apply(record);
  const auto effects = pipeline->TakeEffects();
  CHECK(Notifications(effects).empty());
  REQUIRE(pipeline->counters().rests_on_one_point > 0);
  const auto weak = Weak(effects);
  REQUIRE(!weak.empty());
  CHECK(Counted(*pipeline) == weak.size());
  bool found = false;
  for (const auto& alert : weak) {
    CHECK(!alert.at("endsAt").is_null());
    found = found || alert.at("labels").at("psp") == "acme";
  }
  CHECK(found);
}

TEST_CASE("Evidence: what goes on fires, and is not called weak", "[pipeline]") {
  const auto pipeline = MakePipeline();
  for (const auto& record : Blip(20)) pipeline->Apply(record);
  const auto effects = pipeline->TakeEffects();
  CHECK(CountAction(Notifications(effects), "trigger") == 1);
  for (const auto& alert : Weak(effects)) {
    CHECK(alert.at("signal") != "payments_total:failure_ratio");
  }
}

TEST_CASE("Evidence: a restart while it waits changes nothing", "[pipeline]") {
  const auto records = Blip(1);
  const auto whole = MakePipeline();
  for (const auto& record : records) whole->Apply(record);
  const std::string expected = Text(whole->TakeEffects());
  auto pipeline = MakePipeline();
  std::string text;
  for (size_t i = 0; i < records.size(); ++i) {
    if (i == kBlip + 4) {
      text += Text(pipeline->TakeEffects());
      const std::string snapshot = pipeline->Save();
      pipeline = MakePipeline();
      REQUIRE(pipeline->Load(snapshot).ok());
      CHECK(pipeline->Save() == snapshot);
    }
    pipeline->Apply(records[i]);
  }
  CHECK(text + Text(pipeline->TakeEffects()) == expected);
}

}  // namespace
}  // namespace quell::pipeline
