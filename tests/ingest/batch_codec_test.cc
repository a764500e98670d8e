#include <bit>
#include <catch2/catch.hpp>

#include "core/random.h"
#include "tests/ingest/write_request_builder.h"

namespace quell::ingest {
namespace {

SampleBatch RandomBatch(std::uint64_t seed) {
  Random random(seed);
  SampleBatch batch;
  const std::uint64_t series = random.Below(20);
  for (std::uint64_t i = 0; i < series; ++i) {
    Labels labels{{"__name__", "m" + std::to_string(random.Below(3))},
                  {"shared", "value"},
                  {"n", std::to_string(i)}};
    const auto begin = static_cast<std::uint32_t>(batch.samples.size());
    for (std::uint64_t k = random.Below(5); k > 0; --k) {
      const double value =
          random.Below(4) == 0 ? std::bit_cast<double>(random.Next()) : random.Normal();
      batch.samples.push_back({static_cast<TimeMs>(random.Next() >> 20U), value});
    }
    const auto histograms = static_cast<std::uint32_t>(batch.histograms.size());
    for (std::uint64_t k = random.Below(3); k > 0; --k) {
      HistogramSample sample;
      sample.time = static_cast<TimeMs>(random.Next() >> 20U);
      sample.sum = random.Normal();
      sample.count = static_cast<double>(random.Below(1000));
      for (std::uint64_t b = random.Below(9); b > 0; --b) {
        sample.buckets.push_back({0.1 * static_cast<double>(10 - b), random.Uniform()});
      }
      batch.histograms.push_back(std::move(sample));
    }
    const auto histograms_end = static_cast<std::uint32_t>(batch.histograms.size());
    const bool any = histograms_end > histograms;
    batch.series.push_back({std::move(labels), begin,
                            static_cast<std::uint32_t>(batch.samples.size()), any ? histograms : 0,
                            any ? histograms_end : 0});
  }
  return batch;
}

void CheckEqual(const SampleBatch& a, const SampleBatch& b) {
  REQUIRE(a.series.size() == b.series.size());
  REQUIRE(a.samples.size() == b.samples.size());
  REQUIRE(a.histograms.size() == b.histograms.size());
  for (size_t i = 0; i < a.series.size(); ++i) {
    CHECK(a.series[i].labels == b.series[i].labels);
    CHECK(a.series[i].begin == b.series[i].begin);
    CHECK(a.series[i].end == b.series[i].end);
    CHECK(a.series[i].histograms_begin == b.series[i].histograms_begin);
    CHECK(a.series[i].histograms_end == b.series[i].histograms_end);
  }
  for (size_t i = 0; i < a.histograms.size(); ++i) {
    CHECK(a.histograms[i].time == b.histograms[i].time);
    CHECK(a.histograms[i].count == b.histograms[i].count);
    CHECK(a.histograms[i].sum == b.histograms[i].sum);
    CHECK(a.histograms[i].buckets == b.histograms[i].buckets);
  }
  for (size_t i = 0; i < a.samples.size(); ++i) {
    CHECK(a.samples[i].time == b.samples[i].time);
    CHECK(std::bit_cast<std::uint64_t>(a.samples[i].value) ==
          std::bit_cast<std::uint64_t>(b.samples[i].value));
  }
}

}  // namespace

TEST_CASE("Batch codec: decoding gives back what was encoded, to the bit") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const SampleBatch batch = RandomBatch(seed);
    const std::string bytes = EncodeBatch(batch);
    const Result<SampleBatch> decoded = DecodeBatch(bytes);
    REQUIRE(decoded.ok());
    CheckEqual(*decoded, batch);
    CHECK(EncodeBatch(*decoded) == bytes);
  }
}

TEST_CASE("Batch codec: the bytes are those of the generated message, symbols by first use") {
  const SampleBatch batch = RandomBatch(7);
  wire::v2::Request request;
  REQUIRE(request.ParseFromString(EncodeBatch(batch)));
  CHECK(request.SerializeAsString() == EncodeBatch(batch));
  REQUIRE(request.symbols_size() > 2);
  CHECK(request.symbols(0).empty());
  CHECK(request.symbols(1) == "__name__");
}

TEST_CASE("Batch codec: what a sender encodes, the receiver decodes") {
  SampleBatch batch;
  batch.samples = {{kNow, 1}, {kNow + 1, 2}, {kNow, 3}};
  batch.histograms.resize(1);
  batch.histograms[0] = {kNow, 3, 0.5, false, false, {{0.1, 1}, {0.5, 2}}};
  batch.series = {{Labels{{"__name__", "a"}, {"l", "x"}}, 0, 2},
                  {Labels{{"__name__", "b"}}, 2, 3},
                  {Labels{{"__name__", "b"}}, 3, 3, 0, 1}};
  for (const WriteProtocol protocol : {WriteProtocol::kV1, WriteProtocol::kV2}) {
    const WriteOutcome outcome = RemoteWriteDecoder(RemoteWriteLimits{})
                                     .Decode(protocol, EncodeWriteRequest(protocol, batch), kNow);
    REQUIRE(outcome.status == 204);
    CheckEqual(outcome.batch, batch);
    CHECK(outcome.samples_written == 3);
    CHECK(outcome.histograms_written == 1);
  }
}

TEST_CASE("Batch codec: damaged payloads are kCorrupt, never a partial batch") {
  V2Request request;
  request.Sample({{"__name__", "m"}})->set_labels_refs(1, 50);
  for (const std::string& payload : {request.message.SerializeAsString(), std::string("\x2a\x05"),
                                     std::string("\x22\x01x"), std::string("\xff")}) {
    const Result<SampleBatch> decoded = DecodeBatch(payload);
    REQUIRE_FALSE(decoded.ok());
    CHECK(decoded.error().code == ErrorCode::kCorrupt);
  }
}

}  // namespace quell::ingest
