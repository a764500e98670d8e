// Series that stop for good are forgotten; what the journal calls them may still come.
#include <catch2/catch.hpp>
#include <string>

#include "ingest/series_records.h"
#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

// A journal of gauges by number, a record every five minutes.
class Pods {
 public:
  explicit Pods(Pipeline& pipeline) : pipeline_(&pipeline) {}
  // The same journal, read by another pipeline.
  [[nodiscard]] Pods On(Pipeline& pipeline) const {
    Pods out = *this;
    out.pipeline_ = &pipeline;
    return out;
  }

  void Define(std::uint32_t number, const std::string& pod) {
    std::string payload;
    ingest::AppendDefinition(
        number, ingest::SeriesType::kFloat,
        Labels({{"__name__", "queue_depth"}, {"pod", pod}, {"service", "ledger"}}), payload);
    pipeline_->Apply({++sequence_, ingest::RecordKind::kSeries, now_, payload});
  }
  void Report(std::initializer_list<std::uint32_t> numbers) {
    now_ += 5 * kMinuteMs;
    std::string payload;
    ingest::BatchWriter writer(payload, numbers.size());
    for (const std::uint32_t number : numbers) writer.Sample(number, now_, 10 + number);
    writer.Histograms(0);
    pipeline_->Apply({++sequence_, ingest::RecordKind::kBatch, now_, payload});
  }
  void Report(std::initializer_list<std::uint32_t> numbers, DurationMs span) {
    for (const TimeMs until = now_ + span; now_ < until;) Report(numbers);
  }

 private:
  Pipeline* pipeline_;
  TimeMs now_ = kMonday;
  std::uint64_t sequence_ = 0;
};

TEST_CASE("Retire: a series that is silent for a day is forgotten, and comes back by its number",
          "[pipeline]") {
  const auto pipeline = MakePipeline();
  Pods pods(*pipeline);
  pods.Define(0, "a");
  pods.Define(1, "b");
  pods.Report({0, 1}, 2 * kHourMs);
  pods.Report({1}, 23 * kHourMs);
  CHECK(pipeline->signals().series_count() == 2);
  pods.Report({1}, 3 * kHourMs);
  CHECK(pipeline->signals().series_count() == 1);
  CHECK(pipeline->signals().counters().retired_series == 1);
  CHECK(pipeline->signals().signals().size() == 2);
  CHECK(pipeline->signals().State(0, pipeline->event_time()) == signals::SignalState::kRetired);

  const auto samples = pipeline->samples();
  pods.Report({0, 1}, kHourMs);
  CHECK(pipeline->signals().series_count() == 2);
  CHECK(pipeline->samples() == samples + 24);
}

TEST_CASE("Retire: a number that is defined anew means the new series", "[pipeline]") {
  const auto pipeline = MakePipeline();
  Pods pods(*pipeline);
  pods.Define(0, "a");
  pods.Define(1, "b");
  pods.Report({0, 1}, kHourMs);
  pods.Report({1}, 26 * kHourMs);
  REQUIRE(pipeline->signals().series_count() == 1);
  pods.Define(0, "c");
  pods.Report({0, 1});
  CHECK(pipeline->signals().Find(
      WideHash(ingest::DefinitionBody(
                   ingest::SeriesType::kFloat,
                   Labels({{"__name__", "queue_depth"}, {"pod", "c"}, {"service", "ledger"}})),
               0)));
  CHECK(pipeline->signals().series_count() == 2);
}

TEST_CASE("Retire: a pipeline that was restored goes on the same", "[pipeline]") {
  const auto straight = MakePipeline();
  Pods pods(*straight);
  for (std::uint32_t number = 0; number < 8; ++number) pods.Define(number, std::to_string(number));
  pods.Report({0, 1, 2, 3, 4, 5, 6, 7}, kHourMs);
  pods.Report({1, 4, 6}, 26 * kHourMs);
  REQUIRE(straight->signals().series_count() == 3);
  const auto restored = MakePipeline();
  REQUIRE(restored->Load(straight->Save()).ok());
  restored->TakeSeriesNumbers(*straight);
  Pods others = pods.On(*restored);
  pods.Report({0, 1, 4, 6, 7}, kHourMs);
  others.Report({0, 1, 4, 6, 7}, kHourMs);
  CHECK(straight->signals().series_count() == 5);
  CHECK(straight->Save() == restored->Save());
}

}  // namespace
}  // namespace quell::pipeline
