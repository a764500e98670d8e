// A signal that should report and does not, told apart from monitoring that is out.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

constexpr int kSilent = 400;  // the first silent step
constexpr int kBack = 460;    // half an hour later
constexpr int kSteps = 600;

// Applies the records, and a tick after each, as a live engine would.
std::vector<Sent> RunLive(Pipeline& pipeline, const std::vector<ingest::JournalRecord>& records) {
  std::uint64_t sequence = 100000;
  for (const auto& record : records) {
    pipeline.Apply(record);
    pipeline.Apply(TickRecord(++sequence, record.received_ms + 15 * kSecondMs));
  }
  return Notifications(pipeline.TakeEffects());
}

TEST_CASE("Missing: a lane that stops reporting pages after the lookback and resolves when back",
          "[pipeline]") {
  const auto story = [](const std::string& psp, int step) {
    SmallWorld::Lane lane;
    lane.reports = psp != "acme" || step < kSilent || step >= kBack;
    return lane;
  };
  const auto pipeline = MakePipeline(VolumesMustReport());
  const auto sent = RunLive(*pipeline, SmallWorld(31).Records(kSteps, story));
  REQUIRE(CountAction(sent, "trigger") == 1);
  CHECK(CountAction(sent, "resolve") == 1);
  const TimeMs last_seen = kMonday + (kSilent - 1) * kStep;
  CHECK(sent.front().at > last_seen + 5 * kMinuteMs);
  CHECK(sent.front().at < last_seen + 8 * kMinuteMs);
  CHECK_THAT(sent.front().body, Catch::Matchers::Contains("acme"));
  CHECK(sent.back().at > kMonday + kBack * kStep);
}

TEST_CASE("Missing: without being asked for it is no alert", "[pipeline]") {
  const auto story = [](const std::string& psp, int step) {
    SmallWorld::Lane lane;
    lane.reports = psp != "acme" || step < kSilent;
    return lane;
  };
  const auto pipeline = MakePipeline();
  CHECK(RunLive(*pipeline, SmallWorld(32).Records(kSteps, story)).empty());
}

TEST_CASE("Missing: when everything goes silent for minutes nobody is paged", "[pipeline]") {
  const auto story = [](const std::string&, int step) {
    SmallWorld::Lane lane;
    lane.reports = step < kSilent || step >= kSilent + 26;
    return lane;
  };
  const auto pipeline = MakePipeline(VolumesMustReport());
  CHECK(RunLive(*pipeline, SmallWorld(33).Records(kSteps, story)).empty());
  CHECK(pipeline->counters().pages == 0);
}

TEST_CASE("Missing: when everything stays silent monitoring pages as that, once", "[pipeline]") {
  const auto story = [](const std::string&, int step) {
    SmallWorld::Lane lane;
    lane.reports = step < kSilent || step >= kBack;
    return lane;
  };
  const auto pipeline = MakePipeline(VolumesMustReport());
  const auto sent = RunLive(*pipeline, SmallWorld(33).Records(kSteps, story));
  REQUIRE(CountAction(sent, "trigger") == 1);
  CHECK(CountAction(sent, "resolve") == 1);
  const TimeMs silent = kMonday + kSilent * kStep;
  CHECK(sent.front().at >= silent + 15 * kMinuteMs);
  CHECK(sent.front().at < silent + 20 * kMinuteMs);
  CHECK_THAT(sent.front().body, Catch::Matchers::Contains("monitoring is out"));
  CHECK(sent.back().at > kMonday + kBack * kStep);
  PipelineOptions never = VolumesMustReport();
  never.incidents.suppression.outage_pages_after_ms = 0;
  CHECK(RunLive(*MakePipeline(never), SmallWorld(33).Records(kSteps, story)).empty());
  CHECK(pipeline->event_time() >= kMonday + (kSteps - 1) * kStep);
}

TEST_CASE("Missing: what was switched off days ago does not make the next silence an outage",
          "[pipeline]") {
  // Of four lanes one is gone for good, and a day later another falls silent.
  constexpr int kGone = 200;
  constexpr int kLater = kGone + 2880 + 100;
  const auto story = [](const std::string& psp, int step) {
    SmallWorld::Lane lane;
    lane.reports = (psp != "globex" || step < kGone) && (psp != "acme" || step < kLater);
    return lane;
  };
  PipelineOptions options = VolumesMustReport();
  options.signals.discover = false;
  const auto pipeline = MakePipeline(options);
  const auto sent = RunLive(*pipeline, SmallWorld(34).Records(kLater + 60, story));
  REQUIRE(CountAction(sent, "trigger") == 2);
  CHECK(CountAction(sent, "resolve") == 1);  // globex is retired, not missing
  CHECK_THAT(sent.front().body, Catch::Matchers::Contains("globex"));
  CHECK_THAT(sent.back().body, Catch::Matchers::Contains("acme"));
}

}  // namespace
}  // namespace quell::pipeline
