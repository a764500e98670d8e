#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "tests/ingest/write_request_builder.h"

namespace quell::ingest {
namespace {

const Pairs kSeries{{"__name__", "up"}, {"job", "psp"}};

}  // namespace

TEST_CASE("Bodies: values keep their bits, staleness markers and NaNs too") {
  const auto protocol = GENERATE(WriteProtocol::kV1, WriteProtocol::kV2);
  const std::vector<double> values{1.0,
                                   StaleMarker(),
                                   std::numeric_limits<double>::quiet_NaN(),
                                   std::numeric_limits<double>::infinity(),
                                   -std::numeric_limits<double>::infinity(),
                                   -0.0,
                                   0.0,
                                   5e-324};
  for (const double value : values) {
    SampleBatch batch;
    batch.samples = {{kNow, value}};
    batch.series = {{Labels{{"__name__", "up"}}, 0, 1}};
    const WriteOutcome outcome = RemoteWriteDecoder(RemoteWriteLimits{})
                                     .Decode(protocol, EncodeWriteRequest(protocol, batch), kNow);
    CAPTURE(value);
    REQUIRE(outcome.status == 204);
    REQUIRE(outcome.batch.samples.size() == 1);
    CHECK(std::bit_cast<std::uint64_t>(outcome.batch.samples[0].value) ==
          std::bit_cast<std::uint64_t>(value));
  }
}

TEST_CASE("Bodies: empty and metadata-only requests are 204") {
  CHECK(Decode(V1Request()).status == 204);
  CHECK(Decode(V2Request()).status == 204);
  RemoteWriteDecoder decoder{RemoteWriteLimits{}};
  CHECK(decoder.Decode(WriteProtocol::kV1, Snappy(""), kNow).status == 204);
  CHECK(decoder.Decode(WriteProtocol::kV2, Snappy(""), kNow).status == 204);
  // Field 3 of 1.0: {type: COUNTER, metric_family_name: "x"}.
  const std::string metadata("\x1a\x05\x08\x01\x12\x01x", 7);
  const WriteOutcome outcome = decoder.Decode(WriteProtocol::kV1, Snappy(metadata), kNow);
  CHECK(outcome.status == 204);
  CHECK(outcome.batch.series.empty());
}

TEST_CASE("Bodies: TestCorruptRequestBody and its like are 400 and keep nothing") {
  V2Request request;
  request.Sample(kSeries);
  std::string first_byte = request.Body();
  first_byte[0] = '\xff';
  const std::string cut = request.message.SerializeAsString();
  RemoteWriteDecoder decoder{RemoteWriteLimits{}};
  for (const std::string& body :
       {std::string(), first_byte, std::string("not snappy at all"), request.Body().substr(0, 9),
        Snappy(cut.substr(0, cut.size() - 1)), Snappy("\x0a\xff\xff\xff\xff\x0f"),
        Snappy(std::string(12, '\xff'))}) {
    for (const WriteProtocol protocol : {WriteProtocol::kV1, WriteProtocol::kV2}) {
      const WriteOutcome outcome = decoder.Decode(protocol, body, kNow);
      CHECK(outcome.status == 400);
      CHECK_FALSE(outcome.message.empty());
      CHECK(outcome.batch.series.empty());
    }
  }
  CHECK(decoder.Decode(WriteProtocol::kV2, request.Body(), kNow).status == 204);
}

TEST_CASE("Bodies: TestCounterWithCreatedTimestamp, field 6 of a series is skipped") {
  wire::v2::TimeSeries series;
  series.add_labels_refs(1);
  series.add_labels_refs(2);
  series.add_samples()->set_timestamp(kNow);
  std::string bytes = series.SerializeAsString() + std::string("\x30\xe8\x07", 3);
  std::string message("\x22\x00\x22\x08__name__\x22\x01m\x2a", 16);
  message += static_cast<char>(bytes.size());
  message += bytes;
  const WriteOutcome outcome =
      RemoteWriteDecoder(RemoteWriteLimits{}).Decode(WriteProtocol::kV2, Snappy(message), kNow);
  CHECK(outcome.message.empty());
  CHECK(outcome.samples_written == 1);
}

TEST_CASE("Bodies: label references may come unpacked, and symbols after the series") {
  // timeseries{labels_refs: 1, labels_refs: 2 (unpacked), samples{timestamp: 5}} then symbols.
  const std::string message(
      "\x2a\x08\x08\x01\x08\x02\x12\x02\x10\x05"
      "\x22\x00\x22\x08__name__\x22\x01m",
      25);
  const WriteOutcome outcome =
      RemoteWriteDecoder(RemoteWriteLimits{}).Decode(WriteProtocol::kV2, Snappy(message), kNow);
  CHECK(outcome.message.empty());
  REQUIRE(outcome.batch.series.size() == 1);
  CHECK(outcome.batch.series[0].labels.MetricName() == "m");
  CHECK(outcome.batch.samples[0].time == 5);
}

TEST_CASE("Bodies: symbols[0] must be the empty string") {
  V2Request request;
  request.message.set_symbols(0, "x");
  request.Sample(kSeries);
  CHECK(Decode(request).status == 400);
  CHECK_THAT(Decode(request).message, Catch::Contains("symbols[0]"));
  request.message.clear_symbols();
  CHECK(Decode(request).status == 400);
}

TEST_CASE("Bodies: references out of range or odd in number refuse that series alone") {
  V2Request request;
  request.Sample(kSeries)->set_labels_refs(1, 9999);
  request.Sample(kSeries)->add_labels_refs(1);
  request.Sample(kSeries)->mutable_metadata()->set_help_ref(4242);
  request.Sample(kSeries);
  const WriteOutcome outcome = Decode(request);
  CHECK(outcome.status == 400);
  CHECK_THAT(outcome.message,
             Catch::Contains("series 1 ") && Catch::Contains("not below the number of symbols"));
  CHECK(outcome.samples_written == 1);
  CHECK(outcome.series_rejected == 3);
}

TEST_CASE("Bodies: metadata_without_data, a series without samples is 400 in 2.0, not in 1.0") {
  V2Request two;
  two.Series(kSeries)->mutable_metadata()->set_type(1);
  CHECK(Decode(two).status == 400);
  V1Request one;
  one.Series(kSeries);
  CHECK(Decode(one).status == 204);
  CHECK(Decode(one).batch.series.empty());
}

TEST_CASE("Bodies: samples and histograms in one series are 400 in 2.0") {
  V2Request request;
  request.Sample(kSeries)->add_histograms();
  const WriteOutcome outcome = Decode(request);
  CHECK(outcome.status == 400);
  CHECK_THAT(outcome.message, Catch::Contains("both samples and histograms"));
  CHECK(outcome.samples_written == 0);
}

TEST_CASE("Bodies: a sample too far ahead is refused alone, and no other time moves with it") {
  V2Request request;
  auto* series = request.Sample(kSeries, 1, kNow);
  for (const TimeMs time :
       {kNow + 10 * kMinuteMs, kNow + 10 * kMinuteMs + 1, std::numeric_limits<TimeMs>::max(),
        std::numeric_limits<TimeMs>::min(), TimeMs{-1}}) {
    series->add_samples()->set_timestamp(time);
  }
  const WriteOutcome outcome = Decode(request);
  CHECK(outcome.status == 400);
  CHECK_THAT(outcome.message, Catch::Contains("10m in the future"));
  CHECK(outcome.samples_written == 2);
  CHECK(outcome.samples_rejected == 4);
  CHECK(outcome.series_rejected == 0);
  CHECK(outcome.batch.samples.back().time == kNow + 10 * kMinuteMs);
}

TEST_CASE("Bodies: TestManySamples and TestMultipleMetadata are counted exactly") {
  V2Request request;
  auto* series = request.Sample(kSeries);
  for (int i = 1; i < 50; ++i) series->add_samples()->set_timestamp(kNow - i);
  series->mutable_metadata()->set_type(1);
  series->mutable_metadata()->set_help_ref(request.Ref("help\n\"text\""));
  const WriteOutcome outcome = Decode(request);
  CHECK(outcome.status == 204);
  CHECK(outcome.samples_written == 50);
  CHECK(outcome.histograms_written == 0);
  CHECK(outcome.exemplars_written == 0);
}

TEST_CASE("Bodies: TestExemplars are counted, bad references in one of them are 400") {
  V2Request request;
  auto* series = request.Sample(kSeries);
  auto* exemplar = series->add_exemplars();
  exemplar->add_labels_refs(request.Ref("trace_id"));
  exemplar->add_labels_refs(request.Ref("äöü"));
  exemplar->set_timestamp(kNow);
  series->add_exemplars()->set_value(std::numeric_limits<double>::infinity());  // no_labels
  WriteOutcome outcome = Decode(request);
  CHECK(outcome.status == 204);
  CHECK(outcome.exemplars_written == 2);
  exemplar->add_labels_refs(77777);
  outcome = Decode(request);
  CHECK(outcome.status == 400);
  CHECK(outcome.samples_written == 1);
  CHECK(outcome.exemplars_written == 1);
}

TEST_CASE("Bodies: TestRW1BasicCompatibility, 1.0 with exemplars and unsorted labels") {
  V1Request request;
  auto* series = request.Series({{"z", "1"}, {"__name__", "m"}});
  series->add_samples()->set_timestamp(kNow);
  auto* label = series->add_exemplars()->add_labels();
  label->set_name("trace_id");
  label->set_value("x");
  const WriteOutcome outcome = Decode(request);
  CHECK(outcome.status == 204);
  CHECK(outcome.batch.samples.size() == 1);
  CHECK(outcome.exemplars_written == 1);
}

}  // namespace quell::ingest
