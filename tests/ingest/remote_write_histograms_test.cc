#include <catch2/catch.hpp>
#include <limits>

#include "tests/ingest/write_request_builder.h"

namespace quell::ingest {
namespace {

// count 10 = zero bucket 1 + positive 2,3 + negative 4
template <typename H>
void FillBasic(H* h) {
  h->set_count_int(10);
  h->set_zero_count_int(1);
  h->set_sum(12.5);
  h->set_schema(3);
  h->set_timestamp(kNow);
  auto* span = h->add_positive_spans();
  span->set_offset(-2);
  span->set_length(2);
  h->add_positive_deltas(2);
  h->add_positive_deltas(1);
  h->add_negative_spans()->set_length(1);
  h->add_negative_deltas(4);
}

using Change = void (*)(wire::v2::Histogram&);

WriteOutcome DecodeChanged(Change change) {
  V2Request request;
  auto* histogram = request.Series({{"__name__", "latency"}})->add_histograms();
  FillBasic(histogram);
  change(*histogram);
  return Decode(request);
}

}  // namespace

TEST_CASE("Histograms: basic ones arrive in the batch and count as written in both protocols") {
  V2Request two;
  FillBasic(two.Series({{"__name__", "latency"}})->add_histograms());
  WriteOutcome outcome = Decode(two);
  CHECK(outcome.message.empty());
  CHECK(outcome.histograms_written == 1);
  const auto check_batch = [](const SampleBatch& batch) {
    REQUIRE(batch.series.size() == 1);
    CHECK(batch.series[0].begin == batch.series[0].end);
    CHECK(batch.series[0].histograms_begin == 0);
    CHECK(batch.series[0].histograms_end == 1);
    REQUIRE(batch.histograms.size() == 1);
    CHECK(batch.histograms[0].time == kNow);
    CHECK(batch.histograms[0].count == 10);
    CHECK(batch.histograms[0].sum == 12.5);
    CHECK(batch.histograms[0].buckets.size() == 4);
    CHECK(batch.histograms[0].buckets.back() == HistogramBucket{1, 3});
  };
  check_batch(outcome.batch);
  V1Request one;
  FillBasic(one.Series({{"__name__", "latency"}})->add_histograms());
  outcome = Decode(one);
  CHECK(outcome.status == 204);
  CHECK(outcome.histograms_written == 1);
  check_batch(outcome.batch);
}

TEST_CASE("Histograms: beside samples, which 1.0 allows, they are a series of their own") {
  V1Request request;
  auto* series = request.Series({{"__name__", "latency"}});
  FillBasic(series->add_histograms());
  FillBasic(series->add_histograms());
  series->mutable_histograms(1)->set_count_int(11);  // refused
  series->add_samples()->set_timestamp(kNow);
  const WriteOutcome outcome = Decode(request);
  CHECK(outcome.status == 400);
  CHECK(outcome.histograms_written == 1);
  CHECK(outcome.samples_written == 1);
  REQUIRE(outcome.batch.series.size() == 2);
  CHECK(outcome.batch.series[0].end == 1);
  CHECK(outcome.batch.series[0].histograms_end == 0);
  CHECK(outcome.batch.series[1].begin == outcome.batch.series[1].end);
  CHECK(outcome.batch.series[1].histograms_end == 1);
}

TEST_CASE("Histograms: minimal, empty, custom buckets, floats and a NaN sum are taken") {
  const std::vector<Change> changes{[](wire::v2::Histogram& h) { h.Clear(); },
                                    [](wire::v2::Histogram& h) {
                                      h.Clear();
                                      h.set_schema(-53);
                                      h.add_custom_values(0.1);
                                      h.add_custom_values(1);
                                      h.add_positive_spans()->set_length(2);
                                      h.add_positive_deltas(1);
                                      h.add_positive_deltas(1);
                                      h.set_count_int(3);
                                    },
                                    [](wire::v2::Histogram& h) {
                                      h.Clear();
                                      h.set_count_float(2.5);
                                      h.add_positive_spans()->set_length(1);
                                      h.add_positive_counts(2.5);
                                    },
                                    [](wire::v2::Histogram& h) {
                                      h.set_sum(std::numeric_limits<double>::quiet_NaN());
                                      h.set_count_int(11);
                                    },
                                    [](wire::v2::Histogram& h) { h.set_schema(52); }};
  for (size_t i = 0; i < changes.size(); ++i) {
    CAPTURE(i);
    const WriteOutcome outcome = DecodeChanged(changes[i]);
    CHECK(outcome.message.empty());
    CHECK(outcome.histograms_written == 1);
  }
}

TEST_CASE("Histograms: TestHistograms bad_count and other contradictions are 400") {
  const auto [change, says] = GENERATE(table<Change, std::string>({
      {[](wire::v2::Histogram& h) { h.set_count_int(11); }, "count is 11"},
      {[](wire::v2::Histogram& h) { h.set_count_int(9); }, "count is 9"},
      {[](wire::v2::Histogram& h) { h.add_positive_deltas(1); }, "positive spans need 2"},
      {[](wire::v2::Histogram& h) { h.set_positive_deltas(1, -3); }, "negative or overflows"},
      {[](wire::v2::Histogram& h) {
         h.set_positive_deltas(0, std::numeric_limits<std::int64_t>::max());
       },
       "overflows"},
      {[](wire::v2::Histogram& h) { h.set_schema(-5); }, "schema -5"},
      {[](wire::v2::Histogram& h) { h.set_schema(-53); }, "no negative side"},
      {[](wire::v2::Histogram& h) {
         h.mutable_positive_spans(0)->set_length(1);
         auto* second = h.add_positive_spans();
         second->set_offset(-1);
         second->set_length(1);
       },
       "span 1 has offset -1"},
      {[](wire::v2::Histogram& h) { h.set_count_float(-1); }, "negative"},
      {[](wire::v2::Histogram& h) { h.set_zero_threshold(-1); }, "zero threshold is -1"},
      {[](wire::v2::Histogram& h) { h.set_timestamp(kNow * 2); }, "future"},
  }));
  CAPTURE(says);
  const WriteOutcome outcome = DecodeChanged(change);
  CHECK(outcome.status == 400);
  CHECK_THAT(outcome.message, Catch::Contains(says));
  CHECK(outcome.histograms_written == 0);
  CHECK(outcome.batch.histograms.empty());
  CHECK(outcome.batch.series.empty());
}

}  // namespace quell::ingest
