// Whether a signal can be judged, and the reason where it cannot.
#include <catch2/catch.hpp>
#include <numeric>

#include "ingest/sample.h"
#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

using signals::SignalState;

SmallWorld::Lane Fine(const std::string&, int) { return {}; }

std::uint32_t SlotOf(const Pipeline& pipeline, const std::string& name, const std::string& psp) {
  const auto& all = pipeline.signals().signals();
  for (std::uint32_t slot = 0; slot < all.size(); ++slot) {
    if (all[slot].labels.Get("alertname") == name && all[slot].labels.Get("psp") == psp)
      return slot;
  }
  FAIL("no signal " + name);
  return 0;
}

void Apply(Pipeline& pipeline, const std::vector<ingest::JournalRecord>& records) {
  for (const auto& record : records) pipeline.Apply(record);
}

std::uint64_t Count(const Census& census, SignalState state, EvidenceState evidence) {
  return census.signals[static_cast<size_t>(state)][static_cast<size_t>(evidence)];
}

TEST_CASE("Standing: a signal learns for two hours, a ratio held against its limit meanwhile",
          "[pipeline]") {
  const auto pipeline = MakePipeline();
  Apply(*pipeline, SmallWorld(61).Records(102, Fine));
  const std::uint32_t volume = SlotOf(*pipeline, "payments_total:volume", "acme");
  const std::uint32_t ratio = SlotOf(*pipeline, "payments_total:failure_ratio", "acme");
  const Standing young = pipeline->StandingOf(volume);
  CHECK(young.evidence == EvidenceState::kLearning);
  CHECK(young.points_needed == 240);
  CHECK(young.points >= 98);
  CHECK(young.points <= 102);
  CHECK(StandingText(young) == "learning: " + std::to_string(young.points) + " of 240 points");
  CHECK(pipeline->StandingOf(ratio).evidence == EvidenceState::kLimitOnly);
  CHECK_THAT(StandingText(pipeline->StandingOf(ratio)), Catch::Matchers::Contains("limit alone"));
  const Census census = pipeline->TakeCensus();
  CHECK(Count(census, SignalState::kLive, EvidenceState::kLimitOnly) == 4);
  CHECK(Count(census, SignalState::kLive, EvidenceState::kLearning) == 12);
}

TEST_CASE("Standing: a ceiling is a limit to hold a young signal against", "[pipeline]") {
  PipelineOptions options;
  signals::PolicyChange change;
  change.ceiling = 1e6;
  options.policies.push_back({*Selector::Parse("queue_depth"), std::nullopt, change});
  const auto pipeline = MakePipeline(options);
  Apply(*pipeline, SmallWorld(62).Records(100, Fine));
  const std::uint32_t queue = SlotOf(*pipeline, "queue_depth", "acme");
  CHECK(pipeline->StandingOf(queue).evidence == EvidenceState::kLimitOnly);
}

TEST_CASE("Standing: judged, stale, or with too few requests, and a restart knows it",
          "[pipeline]") {
  const auto story = [](const std::string& psp, int step) {
    SmallWorld::Lane lane;
    if (psp == "acme") lane.volume = 0.002;  // a request in a minute or two
    if (psp == "globex" && step >= 340) lane.volume = 0;
    lane.reports = psp != "initech" || step < 340;
    return lane;
  };
  const auto pipeline = MakePipeline();
  Apply(*pipeline, SmallWorld(63).Records(400, story));
  const auto standing = [&](const char* psp) {
    return pipeline->StandingOf(SlotOf(*pipeline, "payments_total:failure_ratio", psp));
  };
  CHECK(standing("umbrella").evidence == EvidenceState::kEnough);
  CHECK(standing("initech").evidence == EvidenceState::kStale);
  CHECK(standing("globex").evidence == EvidenceState::kFewRequests);
  CHECK(StandingText(standing("globex")) == "no requests lately");
  const std::uint32_t volume = SlotOf(*pipeline, "payments_total:volume", "globex");
  CHECK(pipeline->StandingOf(volume).evidence == EvidenceState::kEnough);  // zero is a count
  CHECK(standing("acme").evidence != EvidenceState::kEnough);

  const Census census = pipeline->TakeCensus();
  std::uint64_t all = 0;
  for (const auto& row : census.signals) all = std::accumulate(row.begin(), row.end(), all);
  CHECK(all == pipeline->signals().signals().size());
  const auto next = MakePipeline();
  REQUIRE(next->Load(pipeline->Save()).ok());
  CHECK(next->TakeCensus().signals == census.signals);
}

TEST_CASE("Standing: it says how many requests are there and how many it takes", "[pipeline]") {
  CHECK(StandingText({EvidenceState::kFewRequests, 300, 240, 3.7, 4.2}) ==
        "too few requests: 3 of 5");
}

}  // namespace
}  // namespace quell::pipeline
