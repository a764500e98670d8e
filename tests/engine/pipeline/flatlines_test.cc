// Levels that stand still: when they alert, what keeps them quiet, what a restart keeps.
#include "engine/pipeline/flatlines.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>

#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

constexpr int kHour = 120;  // steps
constexpr int kDay = 24 * kHour;
constexpr int kFreeze = 9 * kDay + 10 * kHour;  // a Wednesday

PipelineOptions Queues(DurationMs flatline_ms = 30 * kMinuteMs) {
  PipelineOptions options;
  signals::SignalDef def;
  def.name = "queue";
  def.kind = detectors::SignalKind::kGauge;
  signals::ApplyKindDefaults(def);
  def.selector = *Selector::Parse("queue_depth");
  def.by = {"queue"};
  def.what = "queue depth";
  def.rules.flatline_ms = flatline_ms;
  options.definitions.push_back(def);
  options.signals.discover = false;
  return options;
}

using Level = std::function<double(int step)>;

double Noise(int step) {  // no two in a row are equal
  Random random(static_cast<std::uint64_t>(step) + 7);
  return 400 + 2 * static_cast<double>(random.Below(20)) + step % 2;
}

void Run(Pipeline& pipeline, const Level& level, int from, int to) {
  for (int step = from; step < to; ++step) {
    const TimeMs at = kMonday + (step + 1) * kStep;
    const auto series =
        pipeline.Intern(Labels({{"__name__", "queue_depth"}, {"queue", "payouts"}}));
    pipeline.Observe(series, at, level(step));
    pipeline.AdvanceTo(at + 15 * kSecondMs);
  }
}

std::vector<Sent> SentBy(Pipeline& pipeline) { return Notifications(pipeline.TakeEffects()); }

// Moves with every scrape, but stands still from kFreeze on for `steps`.
Level Frozen(int steps, double at = 411) {
  return [=](int step) { return step >= kFreeze && step < kFreeze + steps ? at : Noise(step); };
}

TEST_CASE("Flatline: a queue that always moves and stands still pages once, and resolves",
          "[pipeline]") {
  const auto pipeline = MakePipeline(Queues());
  Run(*pipeline, Frozen(2 * kHour), 0, kFreeze + 4 * kHour);
  const auto sent = SentBy(*pipeline);
  REQUIRE(CountAction(sent, "trigger") == 1);
  CHECK(CountAction(sent, "resolve") == 1);
  const TimeMs frozen = kMonday + (kFreeze + 1) * kStep;
  CHECK(sent.front().at >= frozen + 30 * kMinuteMs);
  CHECK(sent.front().at <= frozen + 33 * kMinuteMs);
  CHECK_THAT(sent.front().body, Catch::Matchers::Contains("\"scope\":{\"queue\":\"payouts\"}"));
  CHECK_THAT(sent.front().body,
             Catch::Matchers::Contains(
                 "has not moved for 30 min (411); it usually changes with every point") &&
                 Catch::Matchers::Contains("\"severity\":\"warning\""));
  CHECK(pipeline->policy_counters().flatline > 0);  // odd before it was long enough
}

TEST_CASE("Flatline: the verdict says so while it lasts", "[pipeline]") {
  const auto pipeline = MakePipeline(Queues());
  Run(*pipeline, Frozen(2 * kHour), 0, kFreeze + kHour);
  CHECK(pipeline->LastVerdict(0)->reason == detectors::VerdictReason::kFlatline);
  Run(*pipeline, Frozen(2 * kHour), kFreeze + kHour, kFreeze + 3 * kHour);
  CHECK(pipeline->LastVerdict(0)->reason != detectors::VerdictReason::kFlatline);
}

TEST_CASE(
    "Flatline: nothing is said of what is switched off, short, empty, young or has rested "
    "before",
    "[pipeline]") {
  const auto quiet = [](const Level& level, DurationMs flatline_ms = 30 * kMinuteMs, int from = 0) {
    const auto pipeline = MakePipeline(Queues(flatline_ms));
    Run(*pipeline, level, from, kFreeze + 6 * kHour);
    return Text(pipeline->TakeEffects()).find(":flatline") == std::string::npos;
  };
  CHECK(quiet(Frozen(5 * kHour), 0));
  CHECK(quiet(Frozen(5 * kHour), 6 * kHourMs));
  CHECK(quiet(Frozen(kHour / 2 - 5)));
  CHECK(quiet(Frozen(5 * kHour), 30 * kMinuteMs, kFreeze - 6 * kDay));
  // A pool that is resized now and then, and a level that stands still every night.
  CHECK(quiet([](int step) { return step / kDay < 8 ? 40.0 + step / (3 * kDay) : 44.0; }));
  CHECK(quiet([](int step) { return step % kDay < 9 * kHour ? 411.0 : Noise(step); }));
  // Empty every night, and all of the last day.
  CHECK(quiet([](int step) {
    return step % kDay < 9 * kHour || step > kFreeze - kDay ? 0.0 : 1 + step % 2;
  }));
}

TEST_CASE("Flatline: a restart in the midst of a run goes on as if it had not been", "[pipeline]") {
  for (const int cut : {kFreeze + 20, kFreeze + kHour}) {
    const auto whole = MakePipeline(Queues());
    Run(*whole, Frozen(2 * kHour), 0, cut);
    const std::string snapshot = whole->Save();
    const auto restored = MakePipeline(Queues());
    REQUIRE(restored->Load(snapshot).ok());
    Run(*whole, Frozen(2 * kHour), cut, kFreeze + 3 * kHour);
    Run(*restored, Frozen(2 * kHour), cut, kFreeze + 3 * kHour);
    CHECK(restored->Save() == whole->Save());
    CHECK(restored->counters().alerts == 1);
  }
}

}  // namespace
}  // namespace quell::pipeline
