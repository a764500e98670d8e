#include "ingest/series_records.h"

#include <bit>
#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <vector>

namespace quell::ingest {
namespace {

// Writes down what it is shown.
class Transcript final : public BatchVisitor {
 public:
  void OnSeries(std::uint32_t id, SeriesType type, Labels labels) override {
    text += "series " + std::to_string(id) +
            (type == SeriesType::kHistogram ? " histogram " : " ") + labels.ToString() + '\n';
  }
  void OnSample(std::uint32_t id, TimeMs time, double value) override {
    text += "sample " + std::to_string(id) + ' ' + std::to_string(time) + ' ' +
            std::to_string(std::bit_cast<std::uint64_t>(value)) + '\n';
  }
  void OnHistogram(std::uint32_t id, const HistogramSample& histogram) override {
    text += "histogram " + std::to_string(id) + ' ' + std::to_string(histogram.time) + ' ' +
            std::to_string(histogram.count) + ' ' + std::to_string(histogram.sum) +
            (histogram.gauge ? " gauge" : "") + (histogram.stale ? " stale" : "");
    for (const HistogramBucket& bucket : histogram.buckets) {
      text += ' ' + std::to_string(bucket.upper) + ':' + std::to_string(bucket.count);
    }
    text += '\n';
  }
  std::string text;
};

std::string Bits(double value) { return std::to_string(std::bit_cast<std::uint64_t>(value)); }

TEST_CASE("Series records: definitions come back with number, type and labels", "[ingest]") {
  std::string payload;
  AppendDefinition(3, SeriesType::kFloat, Labels{{"__name__", "up"}, {"job", "a"}}, payload);
  AppendDefinition(kSeriesIdsMax - 1, SeriesType::kHistogram, Labels{{"__name__", "h"}}, payload);
  Transcript seen;
  REQUIRE(ReadDefinitions(payload, seen).ok());
  CHECK(seen.text == "series 3 up{job=\"a\"}\nseries 134217727 histogram h\n");
}

TEST_CASE("Series records: samples and histograms come back bit by bit, in order", "[ingest]") {
  std::string payload = "left over";
  BatchWriter writer(payload, 4);
  writer.Sample(7, 1755856800000, 1.5);
  writer.Sample(2, 1755856799000, StaleMarker());
  writer.Sample(2, 0, -0.0);
  writer.Sample(kSeriesIdsMax - 1, std::numeric_limits<TimeMs>::max(), 0);
  writer.Histograms(1);
  writer.Histogram(5, {1755856800001, 3, 0.5, true, false, {{0.1, 1}, {0.2, 2}}});
  Transcript seen;
  REQUIRE(ReadBatch(payload, seen).ok());
  CHECK(seen.text == "sample 7 1755856800000 " + Bits(1.5) + "\nsample 2 1755856799000 " +
                         Bits(StaleMarker()) + "\nsample 2 0 " + Bits(-0.0) +
                         "\nsample 134217727 9223372036854775807 0\n"
                         "histogram 5 1755856800001 3.000000 0.500000 gauge 0.100000:1.000000 "
                         "0.200000:2.000000\n");
}

TEST_CASE("Series records: a batch without histograms may end behind their count", "[ingest]") {
  std::string payload;
  BatchWriter writer(payload, 0);
  writer.Histograms(0);
  Transcript seen;
  CHECK(ReadBatch(payload, seen).ok());
  CHECK(seen.text.empty());
}

TEST_CASE("Series records: cut short or overlong is corrupt at every byte", "[ingest]") {
  std::string definitions;
  AppendDefinition(300, SeriesType::kFloat, Labels{{"__name__", "up"}, {"job", "a"}}, definitions);
  std::string batch;
  BatchWriter writer(batch, 2);
  writer.Sample(300, 1755856800000, 1);
  writer.Sample(301, 1755856800000, 2);
  writer.Histograms(1);
  writer.Histogram(302, {1755856800000, 1, 1, false, false, {{1, 1}}});
  for (size_t size = 1; size < definitions.size(); ++size) {
    Transcript seen;
    INFO(size);
    CHECK(ReadDefinitions(definitions.substr(0, size), seen).error().code == ErrorCode::kCorrupt);
  }
  for (size_t size = 0; size < batch.size(); ++size) {
    Transcript seen;
    INFO(size);
    CHECK(ReadBatch(batch.substr(0, size), seen).error().code == ErrorCode::kCorrupt);
  }
  Transcript seen;
  CHECK_FALSE(ReadBatch(batch + '\0', seen).ok());
}

TEST_CASE("Series records: counts and numbers beyond their bounds are refused", "[ingest]") {
  Transcript seen;
  CHECK_FALSE(ReadBatch("\xff\xff\xff\xff\x0f", seen).ok());                // four billion samples
  CHECK_FALSE(ReadDefinitions("\xff\xff\xff\xff\x0f\x01\x01", seen).ok());  // number too large
  std::string type("\x01\x07\x00", 3);
  CHECK_FALSE(ReadDefinitions(type, seen).ok());
  CHECK(seen.text.empty());
}

TEST_CASE("Series records: a body is read in place where it is as it would be made", "[ingest]") {
  const std::string long_value(300, 'v');
  const Labels labels = {{"__name__", "up"}, {"job", long_value}};
  const std::string body = DefinitionBody(SeriesType::kFloat, labels);
  std::vector<LabelText> texts = {{"left", "over", ""}};
  REQUIRE(ReadCanonicalBody(body, texts));
  REQUIRE(texts.size() == 2);
  CHECK(texts[0].name == "__name__");
  CHECK(texts[0].value == "up");
  CHECK(texts[0].whole == "\x08__name__\x02up");
  CHECK(texts[1].value == long_value);
  CHECK(texts[1].whole == "\x03job\xac\x02" + long_value);
  CHECK(ReadCanonicalBody(DefinitionBody(SeriesType::kHistogram, {}), texts));

  CHECK_FALSE(ReadCanonicalBody("", texts));
  for (size_t size = 0; size < body.size(); ++size) {
    CHECK_FALSE(ReadCanonicalBody(std::string_view(body).substr(0, size), texts));
  }
  CHECK_FALSE(ReadCanonicalBody(body + 'x', texts));
  const auto raw = [&](std::string_view pairs) {
    return ReadCanonicalBody(std::string("\0\x02", 2) + std::string(pairs), texts);
  };
  CHECK(raw("\1a\1x\1b\1y"));
  CHECK_FALSE(raw("\1b\1x\1a\1y"));                           // not sorted
  CHECK_FALSE(raw("\1a\1x\1a\1y"));                           // twice
  CHECK_FALSE(raw(std::string_view("\1a\1x\1b\0", 7)));       // empty
  CHECK_FALSE(raw(std::string_view("\1a\1x\1b\x81\0y", 9)));  // a length longer than it need be
  CHECK_FALSE(ReadCanonicalBody(std::string("\x02\0", 2), texts));  // no type
}

}  // namespace
}  // namespace quell::ingest
