// The same simulated platform with classic and with native histograms: the slow provider is found
// in both, and by the same numbers.
#include <algorithm>
#include <catch2/catch.hpp>

#include "engine/pipeline/pipeline.h"
#include "ingest/remote_write.h"
#include "replay/simulator/batch_sink.h"
#include "replay/simulator/simulator.h"

namespace quell::replay {
namespace {

using simulator::BatchSink;
using simulator::HistogramForm;

simulator::SimulatorOptions SlowProvider() {
  simulator::SimulatorOptions options;
  options.seed = 5;
  options.series = 60;
  options.interval_ms = kMinuteMs;
  options.duration_ms = 32 * kHourMs;
  options.quiet_start_ms = 0;
  options.incidents_per_week = options.lookalikes_per_week = 0;
  options.restarts = false;
  options.inject = {"psp_latency,psp=acme,+30h,45m"};
  return options;
}

struct Told {
  std::vector<std::string> pages;
  std::uint64_t histograms = 0;
  std::uint64_t samples = 0;
};

Told Tell(HistogramForm form) {
  const simulator::SimulatorOptions options = SlowProvider();
  auto platform = simulator::Simulator::Create(options);
  INFO((platform.ok() ? "" : platform.error().message));
  REQUIRE(platform.ok());
  auto made = pipeline::Pipeline::Create({}, nullptr);
  REQUIRE(made.ok());
  pipeline::Pipeline& pipeline = **made;
  std::uint64_t sequence = 0;
  TimeMs now = options.start;
  BatchSink sink(
      2000,
      [&](const ingest::SampleBatch& batch) {
        pipeline.Apply(
            {++sequence, ingest::RecordKind::kSamples, now, ingest::EncodeBatch(batch)});
        return Status(Ok{});
      },
      form);
  for (TimeMs tick = options.start; tick < options.start + options.duration_ms;
       tick += options.interval_ms) {
    now = tick;
    REQUIRE((*platform)->Run(tick, tick + 1, sink).ok());
    REQUIRE(sink.Flush().ok());
  }
  Told told;
  for (const store::Effect& effect : pipeline.TakeEffects()) {
    if (effect.kind == store::EffectKind::kOutbox) told.pages.push_back(effect.body);
  }
  CHECK(pipeline.counters().bad_records == 0);
  told.histograms = pipeline.signals().counters().histograms;
  told.samples = pipeline.signals().counters().samples;
  return told;
}

}  // namespace

TEST_CASE("Native platform: the slow provider pages alike in both forms", "[replay]") {
  const Told classic = Tell(HistogramForm::kClassic);
  const Told native = Tell(HistogramForm::kNative);
  CHECK(classic.histograms == 0);
  CHECK(native.histograms > 1000);
  CHECK(native.samples < classic.samples / 2);
  REQUIRE_FALSE(classic.pages.empty());
  CHECK_THAT(classic.pages[0], Catch::Contains("p95 latency") && Catch::Contains("acme"));
  CHECK(native.pages == classic.pages);
}

}  // namespace quell::replay
