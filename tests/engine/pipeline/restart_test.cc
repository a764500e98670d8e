// A pipeline saved at any record and restored continues with the same effects, byte for byte.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

constexpr int kSteps = 1900;
constexpr int kOutage = 1500;

// Trouble in two lanes, one lane silent for a while, so that every kind of state is in a snapshot.
SmallWorld::Lane Troubled(const std::string& psp, int step) {
  SmallWorld::Lane lane;
  if (psp == "acme" && step >= kOutage && step < kOutage + 40) lane.failing = 0.4;
  if (psp == "globex" && step >= kOutage + 4 && step < kOutage + 60) lane.volume = 0.1;
  if (psp == "umbrella" && step >= kOutage - 30 && step < kOutage + 20) lane.reports = false;
  return lane;
}

// What the pipeline decides from record `from` on.
std::vector<store::Effect> Continue(Pipeline& pipeline,
                                    const std::vector<ingest::JournalRecord>& records,
                                    size_t from) {
  for (size_t i = from; i < records.size(); ++i) pipeline.Apply(records[i]);
  return pipeline.TakeEffects();
}

TEST_CASE("Restart: restored at a random record, the effects and the state are the same",
          "[pipeline]") {
  const auto records = SmallWorld(21).Records(kSteps, Troubled);
  Random random(3);
  std::vector<size_t> cuts = {1};
  for (int i = 0; i < 2; ++i) cuts.push_back(2 + random.Below(kOutage));
  for (int i = 0; i < 5; ++i) cuts.push_back(kOutage + random.Below(150));

  const auto straight = MakePipeline();
  std::vector<std::string> snapshots(cuts.size());
  std::vector<size_t> taken(cuts.size());  // effects before the cut
  std::vector<store::Effect> effects;
  for (size_t i = 0; i < records.size(); ++i) {
    for (size_t c = 0; c < cuts.size(); ++c) {
      if (cuts[c] != i) continue;
      snapshots[c] = straight->Save();
      taken[c] = effects.size();
    }
    straight->Apply(records[i]);
    for (auto& effect : straight->TakeEffects()) effects.push_back(std::move(effect));
  }
  REQUIRE(CountAction(Notifications(effects), "trigger") >= 1);
  const std::string end = straight->Save();

  for (size_t c = 0; c < cuts.size(); ++c) {
    INFO("cut before record " << cuts[c]);
    const auto restored = MakePipeline();
    const auto status = restored->Load(snapshots[c]);
    INFO((status.ok() ? "" : status.error().message));
    REQUIRE(status.ok());
    CHECK(restored->Save() == snapshots[c]);
    const auto rest = Continue(*restored, records, cuts[c]);
    const std::vector<store::Effect> expected(
        effects.begin() + static_cast<std::ptrdiff_t>(taken[c]), effects.end());
    CHECK(Text(rest) == Text(expected));
    CHECK(restored->Save() == end);
  }
}

TEST_CASE("Restart: restarting at every fiftieth record changes nothing", "[pipeline]") {
  const auto records = SmallWorld(22).Records(kSteps, Troubled);
  const auto straight = MakePipeline();
  const auto expected = Continue(*straight, records, 0);

  auto pipeline = MakePipeline();
  std::vector<store::Effect> effects;
  for (size_t i = 0; i < records.size(); ++i) {
    if (i % 50 == 49) {
      const std::string snapshot = pipeline->Save();
      pipeline = MakePipeline();
      REQUIRE(pipeline->Load(snapshot).ok());
    }
    pipeline->Apply(records[i]);
    for (auto& effect : pipeline->TakeEffects()) effects.push_back(std::move(effect));
  }
  CHECK(Text(effects) == Text(expected));
  CHECK(pipeline->Save() == straight->Save());
}

TEST_CASE("Restart: a damaged, cut or foreign snapshot is refused", "[pipeline]") {
  const auto records = SmallWorld(23).Records(100, Troubled);
  const auto pipeline = MakePipeline();
  (void)Continue(*pipeline, records, 0);
  const std::string snapshot = pipeline->Save();

  Random random(5);
  for (int i = 0; i < 40; ++i) {
    std::string damaged = snapshot;
    damaged[random.Below(damaged.size())] ^= static_cast<char>(1 + random.Below(255));
    const auto status = MakePipeline()->Load(damaged);
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().code == ErrorCode::kCorrupt);
  }
  for (const size_t size : {size_t{0}, size_t{3}, size_t{4}, size_t{20}, snapshot.size() - 1}) {
    CHECK_FALSE(MakePipeline()->Load(snapshot.substr(0, size)).ok());
  }

  PipelineOptions other_step;
  other_step.signals.step_ms = kMinuteMs;
  const auto status = MakePipeline(other_step)->Load(snapshot);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace quell::pipeline
