#include "engine/pipeline/forecasts.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

PipelineOptions Limited(double limit, bool below = false) {
  PipelineOptions options;
  signals::SignalDef def;
  def.name = "queue";
  def.kind = detectors::SignalKind::kGauge;
  signals::ApplyKindDefaults(def);
  def.selector = *Selector::Parse("queue_depth");
  def.by = {"queue"};
  def.limit = limit;
  def.limit_below = below;
  options.definitions.push_back(def);
  options.signals.discover = false;
  return options;
}

// A queue that grows by two a minute and one that stands still.
void Run(Pipeline& pipeline, int from, int to) {
  for (int step = from; step < to; ++step) {
    const TimeMs at = kMonday + (step + 1) * kStep;
    for (const char* queue : {"growing", "still"}) {
      const auto series = pipeline.Intern(Labels({{"__name__", "queue_depth"}, {"queue", queue}}));
      pipeline.Observe(series, at, std::string(queue) == "still" ? 40 : 100 + step);
    }
    pipeline.AdvanceTo(at + 15 * kSecondMs);
  }
}

const ForecastReading& Of(const std::vector<ForecastReading>& readings, const Pipeline& pipeline,
                          const std::string& queue) {
  for (const ForecastReading& reading : readings) {
    if (pipeline.signals().signals()[reading.slot].labels.Get("queue") == queue) return reading;
  }
  FAIL("no forecast of " << queue);
  return readings.front();
}

TEST_CASE("Forecasts: a growing queue has a time to its limit, a still one has none",
          "[pipeline]") {
  const auto pipeline = MakePipeline(Limited(1000));
  Run(*pipeline, 0, 600);  // five hours; 700 at the end
  const auto readings = pipeline->forecasts().Read(pipeline->signals(), pipeline->event_time());
  REQUIRE(readings.size() == 2);
  const ForecastReading& growing = Of(readings, *pipeline, "growing");
  REQUIRE(growing.known);
  REQUIRE(growing.until.median.has_value());
  CHECK(static_cast<double>(*growing.until.median) / kMinuteMs == Approx(150).margin(8));
  const ForecastReading& still = Of(readings, *pipeline, "still");
  REQUIRE(still.known);
  CHECK_FALSE(still.until.lower.has_value());
  // When samples stop, nothing is known after a quarter of an hour.
  const TimeMs later = pipeline->event_time() + 20 * kMinuteMs;
  for (const auto& reading : pipeline->forecasts().Read(pipeline->signals(), later)) {
    CHECK_FALSE(reading.known);
  }
}

TEST_CASE("Forecasts: signals without a limit have none", "[pipeline]") {
  PipelineOptions options = Limited(1000);
  options.definitions[0].limit.reset();
  const auto pipeline = MakePipeline(options);
  Run(*pipeline, 0, 300);
  CHECK(pipeline->forecasts().Read(pipeline->signals(), pipeline->event_time()).empty());
}

TEST_CASE("Forecasts: a restart goes on where it was, against the limit of now", "[pipeline]") {
  const auto straight = MakePipeline(Limited(1000));
  Run(*straight, 0, 473);
  const std::string snapshot = straight->Save();
  const auto restored = MakePipeline(Limited(1000));
  REQUIRE(restored->Load(snapshot).ok());
  CHECK(restored->Save() == snapshot);
  Run(*straight, 473, 700);
  Run(*restored, 473, 700);
  CHECK(restored->Save() == straight->Save());
  const auto other = MakePipeline(Limited(750));
  REQUIRE(other->Load(straight->Save()).ok());
  const auto readings = other->forecasts().Read(other->signals(), other->event_time());
  CHECK(Of(readings, *other, "growing").until.median == 0);
  // Whose limit has gone leaves its place.
  PipelineOptions unlimited = Limited(1);
  unlimited.definitions[0].limit.reset();
  const auto without = MakePipeline(unlimited);
  REQUIRE(without->Load(straight->Save()).ok());
  CHECK(without->Save().size() + 10000 < straight->Save().size());
}

TEST_CASE("Forecasts: signals beyond the bound are counted", "[pipeline]") {
  const auto pipeline = MakePipeline(Limited(1000));
  for (int step = 0; step < 3; ++step) {
    const TimeMs at = kMonday + (step + 1) * kStep;
    for (size_t i = 0; i < Forecasts::kSignalsMax + 7; ++i) {
      const auto series = pipeline->Intern(
          Labels({{"__name__", "queue_depth"}, {"queue", "q" + std::to_string(i)}}));
      pipeline->Observe(series, at, 1);
    }
    pipeline->AdvanceTo(at + 15 * kSecondMs);
  }
  CHECK(pipeline->forecasts().refused() == 7 * pipeline->counters().steps);
}

}  // namespace
}  // namespace quell::pipeline
