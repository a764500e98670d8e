#include "engine/pipeline/pipeline.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ingest/remote_write.h"
#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

constexpr int kDay = 2880;  // steps

SmallWorld::Lane Fine(const std::string&, int) { return {}; }

// acme fails for twenty minutes on the third day at noon.
constexpr int kOutage = 2 * kDay + kDay / 2;
SmallWorld::Lane AcmeFails(const std::string& psp, int step) {
  SmallWorld::Lane lane;
  if (psp == "acme" && step >= kOutage && step < kOutage + 40) lane.failing = 0.35;
  return lane;
}

TEST_CASE("Pipeline: a failing provider pages once and resolves, nothing else pages",
          "[pipeline]") {
  const auto pipeline = MakePipeline();
  for (const auto& record : SmallWorld(1).Records(kOutage + 200, AcmeFails)) {
    pipeline->Apply(record);
  }
  const auto effects = pipeline->TakeEffects();
  const std::vector<Sent> sent = Notifications(effects);
  REQUIRE(CountAction(sent, "trigger") == 1);
  REQUIRE(CountAction(sent, "resolve") == 1);
  const Sent& trigger = sent.front();
  const Sent& resolve = sent.back();
  CHECK(trigger.action == "trigger");
  CHECK(resolve.action == "resolve");
  CHECK(resolve.key == trigger.key);
  const TimeMs began = kMonday + kOutage * kStep;
  CHECK(trigger.at > began);
  CHECK(trigger.at <= began + 3 * kMinuteMs);
  CHECK(resolve.at > began + 40 * kStep);
  CHECK(resolve.at <= began + 40 * kStep + 30 * kMinuteMs);
  CHECK_THAT(trigger.body, Catch::Matchers::Contains("acme"));
  CHECK(pipeline->counters().pages == 1);
  CHECK(pipeline->counters().resolves == 1);
  CHECK(pipeline->open_alerts() == 0);

  for (size_t i = 0; i < effects.size(); ++i) REQUIRE(effects[i].sequence == i + 1);
  CHECK(pipeline->TakeEffects().empty());
}

TEST_CASE("Pipeline: a blip of one step does not page", "[pipeline]") {
  const auto blip = [](const std::string& psp, int step) {
    SmallWorld::Lane lane;
    if (psp == "acme" && step == kDay + 400) lane.failing = 0.9;
    return lane;
  };
  const auto pipeline = MakePipeline();
  for (const auto& record : SmallWorld(2).Records(kDay + 600, blip)) pipeline->Apply(record);
  CHECK(Notifications(pipeline->TakeEffects()).empty());
  CHECK(pipeline->counters().alerts == 0);
  CHECK(pipeline->counters().rests_on_one_point > 0);
}

TEST_CASE("Pipeline: ticks move event time on while the stream is live, and only then",
          "[pipeline]") {
  const auto pipeline = MakePipeline();
  pipeline->Apply(TickRecord(1, kMonday));
  CHECK(pipeline->event_time() == 0);  // nothing to go on from

  const auto records = SmallWorld(3).Records(11, Fine);
  for (const auto& record : records) pipeline->Apply(record);
  const TimeMs last = kMonday + 10 * kStep;
  const auto steps = pipeline->counters().steps;
  CHECK(pipeline->event_time() == last);

  pipeline->Apply(TickRecord(20, last + 30 * kSecondMs));  // stands for half a minute ago
  CHECK(pipeline->event_time() == last);
  pipeline->Apply(TickRecord(21, last + 120 * kSecondMs));
  CHECK(pipeline->event_time() == last + 60 * kSecondMs);
  CHECK(pipeline->counters().steps == steps + 2);

  pipeline->Apply(TickRecord(22, last + kHourMs));  // a backfill, or a stream long dead
  CHECK(pipeline->event_time() == last + 60 * kSecondMs);
  CHECK(pipeline->counters().steps == steps + 2);
}

TEST_CASE("Pipeline: a hole of thirty days is not walked step by step", "[pipeline]") {
  const auto pipeline = MakePipeline();
  const auto records = SmallWorld(4).Records(240, Fine);
  for (int i = 0; i < 120; ++i) pipeline->Apply(records[static_cast<size_t>(i)]);
  const auto before = pipeline->counters().steps;

  SmallWorld later(4);
  auto moved = later.Records(1, Fine);
  ingest::SampleBatch batch;
  batch.series.push_back(
      {Labels{{"__name__", "payments_total"}, {"psp", "acme"}, {"outcome", "approved"}}, 0, 1});
  batch.samples.push_back({kMonday + 30 * kDayMs, 5});
  pipeline->Apply(SamplesRecord(500, kMonday + 30 * kDayMs, batch));
  CHECK(pipeline->event_time() == kMonday + 30 * kDayMs);
  CHECK(pipeline->counters().steps - before < 1000);  // of 86,280

  // And goes on behind it.
  for (int i = 1; i <= 20; ++i) {
    batch.samples[0] = {kMonday + 30 * kDayMs + i * kStep, 5.0 + i};
    pipeline->Apply(
        SamplesRecord(500 + static_cast<std::uint64_t>(i), batch.samples[0].time, batch));
  }
  CHECK(pipeline->signals().State(0, pipeline->event_time()) == signals::SignalState::kLive);
}

TEST_CASE("Pipeline: a record that does not decode is counted and skipped", "[pipeline]") {
  const auto records = SmallWorld(5).Records(60, Fine);
  const auto clean = MakePipeline();
  const auto disturbed = MakePipeline();
  for (size_t i = 0; i < records.size(); ++i) {
    clean->Apply(records[i]);
    disturbed->Apply(records[i]);
    if (i % 20 == 10) {
      disturbed->Apply({1000 + i, ingest::RecordKind::kSamples, kMonday, "\xFF\xFFnot a batch"});
      disturbed->Apply({2000 + i, ingest::RecordKind::kChange, kMonday, "{\"id\":"});
    }
  }
  CHECK(disturbed->counters().bad_records == 6);
  CHECK(clean->counters().bad_records == 0);
  CHECK(disturbed->counters().points == clean->counters().points);
  CHECK(Text(disturbed->TakeEffects()) == Text(clean->TakeEffects()));
}

TEST_CASE("Pipeline: samples fed in pieces decide like records", "[pipeline]") {
  constexpr int kSteps = kDay + 300;
  const auto story = [](const std::string& psp, int step) {
    SmallWorld::Lane lane;
    if (psp == "globex" && step >= kDay + 100 && step < kDay + 140) lane.failing = 0.5;
    return lane;
  };
  const auto records = SmallWorld(6).Records(kSteps, story);
  const auto by_records = MakePipeline();
  const auto by_pieces = MakePipeline();
  for (const auto& record : records) {
    by_records->Apply(record);
    const auto batch = ingest::DecodeBatch(record.payload);
    REQUIRE(batch.ok());
    for (const auto& series : batch->series) {
      const auto& sample = batch->samples[series.begin];
      by_pieces->Observe(by_pieces->Intern(series.labels), sample.time, sample.value);
    }
    by_pieces->AdvanceTo(batch->samples.front().time);
  }
  const auto effects = by_records->TakeEffects();
  CHECK(CountAction(Notifications(effects), "trigger") == 1);
  CHECK(Text(by_pieces->TakeEffects()) == Text(effects));
}

// One sample of a counter, received when the others of its time are.
ingest::JournalRecord OneSample(std::uint64_t sequence, const std::string& service, TimeMs time,
                                TimeMs received) {
  ingest::SampleBatch batch;
  batch.samples.push_back({time, static_cast<double>(sequence)});
  batch.series.push_back({Labels{{"__name__", "orders_total"}, {"service", service}}, 0, 1});
  return {sequence, ingest::RecordKind::kSamples, received, ingest::EncodeBatch(batch)};
}

TEST_CASE("Pipeline: a sender whose clock runs ahead does not close the others' steps",
          "[pipeline]") {
  const auto pipeline = MakePipeline();
  std::uint64_t sequence = 0;
  for (TimeMs now = kMonday; now < kMonday + 30 * kMinuteMs; now += 15 * kSecondMs) {
    pipeline->Apply(OneSample(++sequence, "fast", now + 9 * kMinuteMs, now));
    CHECK(pipeline->event_time() <= now + kMinuteMs);
    pipeline->Apply(OneSample(++sequence, "shop", now, now));
  }
  // Each sample of the other is at most the allowed minute behind, and none is lost.
  CHECK(pipeline->signals().counters().too_old == 0);
  CHECK(pipeline->signals().counters().gaps == 0);
  CHECK(pipeline->signals().counters().out_of_order == 0);
  CHECK(pipeline->samples() == sequence);
  CHECK(pipeline->counters().pages == 0);
}

TEST_CASE("Pipeline: options out of range are refused by name", "[pipeline]") {
  const auto error = [](auto change) {
    PipelineOptions options;
    change(options);
    const auto pipeline = Pipeline::Create(options, nullptr);
    REQUIRE_FALSE(pipeline.ok());
    CHECK(pipeline.error().code == ErrorCode::kOutOfRange);
    return pipeline.error().message;
  };
  using Catch::Matchers::StartsWith;
  CHECK_THAT(error([](PipelineOptions& o) { o.signals.step_ms = 0; }), StartsWith("step"));
  CHECK_THAT(error([](PipelineOptions& o) { o.lateness_ms = -1; }), StartsWith("lateness"));
  CHECK_THAT(error([](PipelineOptions& o) { o.false_pages_per_week = 0; }),
             StartsWith("false_pages_per_week"));
}

}  // namespace
}  // namespace quell::pipeline
