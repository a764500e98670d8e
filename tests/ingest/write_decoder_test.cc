#include "ingest/write_decoder.h"

#include <catch2/catch.hpp>
#include <string>

#include "ingest/series_records.h"
#include "tests/ingest/registry_support.h"
#include "tests/ingest/write_request_builder.h"

namespace quell::ingest {
namespace {

class Receiver {
 public:
  explicit Receiver(const SeriesLimits& limits = {}) : registry_(limits, policy_, 1) {}
  WriteVerdict Take(WriteProtocol protocol, const std::string& body) {
    return decoder_.Decode(protocol, body, kNow, registry_, batch);
  }
  KeptBatch batch;

 private:
  PrefixPolicy policy_{"up"};
  SeriesRegistry registry_;
  WriteDecoder decoder_{RemoteWriteLimits{}};
};

TEST_CASE("Write decoder: a refused series does not keep the others from being kept", "[ingest]") {
  V1Request request;
  request.Sample({{"__name__", "up"}}, 1)
      .Sample({{"job", "nameless"}}, 2)
      .Sample({{"__name__", "up"}, {"job", "b"}}, 3);
  Receiver receiver;
  const WriteVerdict verdict = receiver.Take(WriteProtocol::kV1, request.Body());
  CHECK_FALSE(verdict.fast);
  CHECK(verdict.status == 400);
  CHECK(verdict.samples_written == 2);
  CHECK(verdict.samples_rejected == 1);
  REQUIRE(receiver.batch.samples.size() == 2);
  CHECK(receiver.batch.samples[0].value == 1);
  CHECK(receiver.batch.samples[1].value == 3);
}

TEST_CASE("Write decoder: the reference and the fast path know the same series", "[ingest]") {
  V1Request clean;
  clean.Sample({{"__name__", "up"}}, 1);
  V1Request odd;
  odd.Sample({{"__name__", "up"}}, 2).Sample({{"job", "nameless"}}, 2);
  Receiver receiver;
  CHECK(receiver.Take(WriteProtocol::kV1, clean.Body()).fast);
  const KeptSeries* series = receiver.batch.samples.at(0).series;
  CHECK_FALSE(receiver.Take(WriteProtocol::kV1, odd.Body()).fast);
  CHECK(receiver.batch.samples.at(0).series == series);
}

TEST_CASE("Write decoder: new series over the live limit are a 400 that names it", "[ingest]") {
  SeriesLimits limits;
  limits.series_max = 1;
  for (const bool by_reference : {false, true}) {
    INFO(by_reference);
    V2Request request;
    request.Sample({{"__name__", "up"}, {"n", "1"}}, 1);
    request.Sample({{"__name__", "up"}, {"n", "2"}}, 2);
    if (by_reference) request.Sample({{"job", "nameless"}}, 3);
    Receiver receiver(limits);
    const WriteVerdict verdict = receiver.Take(WriteProtocol::kV2, request.Body());
    CHECK(verdict.fast == !by_reference);
    CHECK(verdict.status == 400);
    CHECK(verdict.message.find("live_series_max") != std::string::npos);
    CHECK(verdict.message.find("n=\"2\"") != std::string::npos);
    CHECK(verdict.samples_written == 1);
    CHECK(verdict.series_refused == 1);
    CHECK(verdict.samples_refused == 1);
    CHECK(receiver.batch.samples.size() == 1);
  }
}

TEST_CASE("Write decoder: series are defined once an epoch", "[ingest]") {
  V1Request request;
  request.Sample({{"__name__", "up"}, {"n", "1"}}, 1).Sample({{"__name__", "up"}, {"n", "2"}}, 2);
  Receiver receiver;
  receiver.Take(WriteProtocol::kV1, request.Body());
  std::string series;
  std::string samples;
  EncodeKept(receiver.batch, 1, series, samples);
  const std::string first = series;
  const std::string first_samples = samples;
  CHECK_FALSE(first.empty());
  EncodeKept(receiver.batch, 1, series, samples);
  CHECK(series.empty());
  CHECK(samples == first_samples);
  EncodeKept(receiver.batch, 2, series, samples);
  CHECK(series == first);
}

TEST_CASE("Write decoder: bytes that are not snappy are refused as a whole", "[ingest]") {
  Receiver receiver;
  const WriteVerdict verdict = receiver.Take(WriteProtocol::kV1, "\xff\xff\xff\xff\x0f");
  CHECK(verdict.status == 400);
  CHECK(receiver.batch.samples.empty());
}

}  // namespace
}  // namespace quell::ingest
