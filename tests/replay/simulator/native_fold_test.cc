#include "replay/simulator/native_fold.h"

#include <catch2/catch.hpp>
#include <limits>

#include "replay/simulator/batch_sink.h"

namespace quell::simulator {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Small {
  Small() {
    for (const char* le : {"0.1", "1", "+Inf"}) {
      table.Add({{"__name__", "x_seconds_bucket"}, {"job", "a"}, {"le", le}});
    }
    table.Add({{"__name__", "x_seconds_sum"}, {"job", "a"}});
    table.Add({{"__name__", "x_seconds_count"}, {"job", "a"}});
    table.Add({{"__name__", "other_count"}, {"job", "a"}});
    table.Add({{"__name__", "up"}, {"job", "a"}});
  }
  SeriesTable table;
  std::vector<std::uint32_t> series = {0, 1, 2, 3, 4, 5, 6};
};

}  // namespace

TEST_CASE("Native fold: a classic histogram becomes one sample, all else stays", "[simulator]") {
  Small small;
  std::vector<ingest::SampleBatch> batches;
  BatchSink sink(
      100,
      [&](const ingest::SampleBatch& batch) {
        batches.push_back(batch);
        return Status(Ok{});
      },
      HistogramForm::kNative);
  const std::vector<double> values = {4, 9, 10, 5.5, 10, 77, 1};
  REQUIRE(sink.Accept({1000, small.series, values}, small.table).ok());
  const std::vector<double> stale(7, ingest::StaleMarker());
  REQUIRE(sink.Accept({2000, small.series, stale}, small.table).ok());
  REQUIRE(sink.Flush().ok());
  REQUIRE(batches.size() == 1);
  const ingest::SampleBatch& batch = batches[0];
  CHECK(sink.samples() == 6);
  REQUIRE(batch.series.size() == 3);
  CHECK(batch.series[0].labels.MetricName() == "other_count");
  CHECK(batch.series[1].labels.MetricName() == "up");
  CHECK(batch.series[2].labels == Labels{{"__name__", "x_seconds"}, {"job", "a"}});
  CHECK(batch.series[2].begin == batch.series[2].end);
  REQUIRE(batch.histograms.size() == 2);
  CHECK(batch.histograms[0].time == 1000);
  CHECK(batch.histograms[0].count == 10);
  CHECK(batch.histograms[0].sum == 5.5);
  CHECK(batch.histograms[0].buckets ==
        std::vector<ingest::HistogramBucket>{{0.1, 4}, {1, 5}, {kInfinity, 1}});
  CHECK(batch.histograms[1].stale);
  CHECK(batch.histograms[1].buckets.empty());
}

TEST_CASE("Native fold: batches stay within their bound", "[simulator]") {
  Small small;
  size_t largest = 0;
  BatchSink sink(
      2,
      [&](const ingest::SampleBatch& batch) {
        largest = std::max(largest, batch.samples.size() + batch.histograms.size());
        return Status(Ok{});
      },
      HistogramForm::kNative);
  const std::vector<double> values = {4, 9, 10, 5.5, 10, 77, 1};
  for (int i = 0; i < 5; ++i) {
    REQUIRE(sink.Accept({1000 * i, small.series, values}, small.table).ok());
  }
  REQUIRE(sink.Flush().ok());
  CHECK(sink.samples() == 15);
  CHECK(largest == 2);
}

}  // namespace quell::simulator
