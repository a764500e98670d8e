#include "ingest/remote_read.h"

#include <snappy.h>

#include <catch2/catch.hpp>
#include <limits>

#include "core/hash.h"
#include "core/random.h"
#include "ingest/prometheus_api.h"
#include "ingest/proto/remote_read.pb.h"
#include "ingest/remote_write.h"
#include "ingest/wire_cursor.h"
#include "ingest/xor_chunk.h"
#include "tests/ingest/xor_encoder.h"

namespace quell::ingest {
namespace {

std::vector<Sample> RandomSamples(Random& random, size_t count) {
  std::vector<Sample> out;
  TimeMs time = static_cast<TimeMs>(random.Next() >> 24U);
  double value = 0;
  for (size_t i = 0; i < count; ++i) {
    out.push_back({time, value});
    const std::uint64_t spread = random.Below(6);
    time += static_cast<TimeMs>(15000 + random.Below(std::uint64_t{1} << (spread * 8)));
    if (random.Below(3) != 0) value = random.Below(2) == 0 ? random.Normal() : value + 1;
    if (random.Below(20) == 0) value = StaleMarker();
  }
  return out;
}

std::string Frame(const wire::read::ChunkedReadResponse& message) {
  const std::string bytes = message.SerializeAsString();
  std::string out;
  WireWriter(out).Varint(bytes.size());
  const std::uint32_t checksum = Crc32c(bytes);
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(checksum >> shift);
  return out + bytes;
}

wire::read::ChunkedReadResponse ChunkOf(const std::string& name, const std::vector<Sample>& samples,
                                        int type = 1) {
  wire::read::ChunkedReadResponse message;
  auto* series = message.add_chunked_series();
  auto* label = series->add_labels();
  label->set_name("__name__");
  label->set_value(name);
  auto* chunk = series->add_chunks();
  chunk->set_type(type);
  chunk->set_data(XorEncoder(samples).bytes);
  return message;
}

}  // namespace

TEST_CASE("XorChunk: every width of delta and value is read back to the bit") {
  Random random(11);
  for (size_t run = 0; run < 300; ++run) {
    const std::vector<Sample> samples = RandomSamples(random, run % 121);
    std::vector<Sample> decoded;
    REQUIRE(DecodeXorChunk(XorEncoder(samples).bytes, decoded).ok());
    REQUIRE(decoded.size() == samples.size());
    for (size_t i = 0; i < samples.size(); ++i) {
      CHECK(decoded[i].time == samples[i].time);
      CHECK(std::bit_cast<std::uint64_t>(decoded[i].value) ==
            std::bit_cast<std::uint64_t>(samples[i].value));
    }
  }
}

TEST_CASE("XorChunk: deltas of deltas at the borders of their widths") {
  for (const int width : {14, 17, 20}) {
    const TimeMs border = TimeMs{1} << (width - 1);
    for (const TimeMs dod : {border - 1, border, border + 1, -border + 1, -border, -border - 1}) {
      const TimeMs delta = 2'000'000;
      const std::vector<Sample> samples{{1000, 1}, {1000 + delta, 1}, {1000 + 2 * delta + dod, 1}};
      std::vector<Sample> decoded;
      REQUIRE(DecodeXorChunk(XorEncoder(samples).bytes, decoded).ok());
      CHECK(decoded.at(2).time == samples[2].time);
    }
  }
}

TEST_CASE("XorChunk: a chunk cut anywhere is kCorrupt and adds nothing") {
  Random random(12);
  const std::string bytes = XorEncoder(RandomSamples(random, 50)).bytes;
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::vector<Sample> decoded{{1, 2}};
    const Status status = DecodeXorChunk(std::string_view(bytes).substr(0, size), decoded);
    REQUIRE_FALSE(status.ok());
    CHECK(decoded.size() == 1);
  }
}

TEST_CASE("Remote read: streamed frames are joined by series and trimmed to the range") {
  const std::vector<Sample> first{{1000, 1}, {2000, 2}, {3000, 3}};
  const std::vector<Sample> second{{4000, 4}, {5000, 5}};
  const std::string body = Frame(ChunkOf("a", first)) + Frame(ChunkOf("a", second)) +
                           Frame(ChunkOf("b", second)) + Frame(ChunkOf("h", second, 2)) +
                           Frame(ChunkOf("out_of_range", {{99000, 1}}));
  const Result<SampleBatch> batch = DecodeStreamedChunks(body, 2000, 5000);
  REQUIRE(batch.ok());
  REQUIRE(batch->series.size() == 2);
  CHECK(batch->series[0].labels.MetricName() == "a");
  CHECK(batch->series[0].end - batch->series[0].begin == 3);
  CHECK(batch->samples[0].time == 2000);
  CHECK(batch->samples[2].time == 4000);
}

TEST_CASE("Remote read: a wrong checksum, a cut frame and an unknown encoding are told apart") {
  std::string body = Frame(ChunkOf("a", {{1000, 1}}));
  CHECK(DecodeStreamedChunks(body.substr(0, body.size() - 1), 0, 9999).error().code ==
        ErrorCode::kCorrupt);
  body.back() = static_cast<char>(body.back() ^ 1);
  CHECK_THAT(DecodeStreamedChunks(body, 0, 9999).error().message, Catch::Contains("checksum"));
  CHECK(DecodeStreamedChunks(Frame(ChunkOf("a", {{1000, 1}}, 4)), 0, 9999).error().code ==
        ErrorCode::kUnsupported);
}

TEST_CASE("Remote read: a streamed answer is the same in whatever pieces it arrives") {
  Random random(13);
  std::string body;
  for (int i = 0; i < 20; ++i) {
    body += Frame(ChunkOf("m" + std::to_string(i / 3), RandomSamples(random, 1 + random.Below(90)),
                          i % 7 == 6 ? 2 : 1));
  }
  constexpr TimeMs kEnd = std::numeric_limits<TimeMs>::max();
  const Result<SampleBatch> whole = DecodeStreamedChunks(body, 0, kEnd);
  REQUIRE(whole.ok());
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{1000}}) {
    ChunkedAnswer answer(0, kEnd, 100000, nullptr);
    for (size_t at = 0; at < body.size(); at += piece) {
      REQUIRE(answer.Feed(std::string_view(body).substr(at, piece)).ok());
    }
    const Result<SampleBatch> batch = answer.Finish();
    REQUIRE(batch.ok());
    CHECK(EncodeBatch(*batch) == EncodeBatch(*whole));
    CHECK(answer.histogram_chunks() == 2);
  }
}

TEST_CASE("Remote read: only wanted series count towards the bound on samples") {
  const std::vector<Sample> samples{{1000, 1}, {2000, 2}, {3000, 3}};
  const std::string body = Frame(ChunkOf("a", samples)) + Frame(ChunkOf("b", samples));
  ChunkedAnswer some(0, 9999, 3, [](const Labels& labels) { return labels.MetricName() == "b"; });
  REQUIRE(some.Feed(body).ok());
  const Result<SampleBatch> batch = some.Finish();
  REQUIRE(batch.ok());
  REQUIRE(batch->series.size() == 1);
  CHECK(batch->series[0].labels.MetricName() == "b");
  ChunkedAnswer all(0, 9999, 3, nullptr);
  CHECK(all.Feed(body).error().code == ErrorCode::kResourceExhausted);
  ChunkedAnswer huge(0, 9999, 3, nullptr);
  CHECK_THAT(huge.Feed(std::string("\xff\xff\xff\xff\x7f", 5)).error().message,
             Catch::Contains("offset 0") && Catch::Contains("more than"));
}

TEST_CASE("Remote read: a sampled answer is trimmed, and refused by its declared length") {
  wire::read::ReadResponse response;
  auto* series = response.add_results()->add_timeseries();
  auto* label = series->add_labels();
  label->set_name("__name__");
  label->set_value("a");
  for (const TimeMs time : {1, 2, 3}) series->add_samples()->set_timestamp(time);
  const std::string message = response.SerializeAsString();
  std::string body;
  snappy::Compress(message.data(), message.size(), &body);
  const Result<SampleBatch> batch = DecodeSampledAnswer(body, 2, 3, 1000);
  REQUIRE(batch.ok());
  CHECK(batch->samples.size() == 1);
  CHECK(DecodeSampledAnswer(body, 2, 3, 5).error().code == ErrorCode::kResourceExhausted);
  CHECK(DecodeSampledAnswer("rubbish", 2, 3, 1000).error().code == ErrorCode::kCorrupt);
}

TEST_CASE("Remote read: the request carries range, matchers and the accepted forms") {
  const Result<Selector> selector = Selector::Parse(R"(m{a!="b",c=~"d.*",e!~"f"})");
  REQUIRE(selector.ok());
  const std::string body = EncodeReadRequest(*selector, 10, 20, ReadForm::kStreamedChunks);
  std::string message;
  REQUIRE(snappy::Uncompress(body.data(), body.size(), &message));
  wire::read::ReadRequest request;
  REQUIRE(request.ParseFromString(message));
  const auto& query = request.queries(0);
  CHECK(query.start_timestamp_ms() == 10);
  CHECK(query.end_timestamp_ms() == 19);
  CHECK(query.matchers_size() == 4);
  int sum = 0;
  for (const auto& matcher : query.matchers()) sum += 1 << matcher.type();
  CHECK(sum == 15);  // one of each type
  CHECK(request.accepted_response_types(0) == 1);
  CHECK(request.accepted_response_types(1) == 0);
}

TEST_CASE("Query API: a matrix is read, anything else names what is wrong") {
  const Result<SampleBatch> batch = DecodeMatrix(
      R"({"status":"success","data":{"resultType":"matrix","result":[
          {"metric":{"__name__":"a","x":"y"},"values":[[1.001,"1.5"],[2,"NaN"],[3,"+Inf"]]}]}})",
      1001, 3000);
  REQUIRE(batch.ok());
  CHECK(batch->series.at(0).labels.ToString() == "a{x=\"y\"}");
  REQUIRE(batch->samples.size() == 2);
  CHECK(batch->samples[0].time == 1001);
  for (const auto* bad :
       {"", "[]", R"({"status":"error","error":"bad_data"})",
        R"({"data":{"resultType":"vector","result":[]}})",
        R"({"data":{"resultType":"matrix","result":[{"metric":{},"values":[[1]]}]}})",
        R"({"data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"x"]]}]}})"}) {
    CAPTURE(bad);
    CHECK(DecodeMatrix(bad, 0, 10).error().code == ErrorCode::kCorrupt);
  }
  CHECK(EncodeParameter("a{b=\"ä\"}[5m]") == "a%7Bb%3D%22%C3%A4%22%7D%5B5m%5D");
  CHECK(FormatSeconds(1234567) == "1234.567");
  CHECK(FormatSeconds(-5) == "-0.005");
}

}  // namespace quell::ingest
