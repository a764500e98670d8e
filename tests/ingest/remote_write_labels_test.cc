#include <bit>
#include <catch2/catch.hpp>

#include "tests/ingest/write_request_builder.h"

namespace quell::ingest {
namespace {

const Pairs kGood{{"__name__", "good"}, {"a", "b"}};

struct BadLabels {
  std::string what;
  Pairs labels;
  std::string says;
};

std::vector<BadLabels> AllBadLabels() {
  return {
      {"no name", {{"a", "b"}}, "__name__"},
      {"empty metric", {{"__name__", ""}, {"a", "b"}}, "__name__"},
      {"no labels", {}, "__name__"},
      {"repeated name", {{"__name__", "m"}, {"a", "1"}, {"a", "2"}}, "\"a\" is repeated"},
      {"repeated metric name", {{"__name__", "m"}, {"__name__", "n"}}, "is repeated"},
      {"repeated, one empty", {{"__name__", "m"}, {"a", "1"}, {"a", ""}}, "\"a\" is repeated"},
      {"empty label name", {{"__name__", "m"}, {"", "x"}}, "label name is empty"},
      {"invalid UTF-8 name", {{"__name__", "m"}, {"a\xFF", "x"}}, "\"a\\xff\" is not valid UTF-8"},
      {"invalid UTF-8 value", {{"__name__", "m"}, {"a", "\xC0\xAF"}}, "is not valid UTF-8"},
      {"long name", {{"__name__", "m"}, {std::string(1025, 'n'), "x"}}, "longer than 1024 bytes"},
      {"long value", {{"__name__", "m"}, {"a", std::string(4097, 'v')}}, "longer than 4096 bytes"},
  };
}

}  // namespace

TEST_CASE("Labels: any order is taken and sorted") {
  V2Request request;
  request.Sample({{"z", "1"}, {"__name__", "m"}, {"a", "2"}, {"k", "3"}});
  const WriteOutcome outcome = Decode(request);
  REQUIRE(outcome.status == 204);
  REQUIRE(outcome.batch.series.size() == 1);
  CHECK(outcome.batch.series[0].labels.ToString() == R"(m{a="2",k="3",z="1"})");
}

TEST_CASE("Labels: an empty value means that the label is absent") {
  const WriteOutcome outcome = Decode(V1Request().Sample({{"__name__", "m"}, {"a", ""}}));
  REQUIRE(outcome.status == 204);
  CHECK(outcome.batch.series.at(0).labels.ToString() == "m");
}

TEST_CASE("Labels: TestSingleMetric's names with dots, spaces, line feeds and UTF-8 are taken") {
  for (const auto* name : {"with.dots", "with spaces", "with\nnewline", "größe.zähler", "5xx"}) {
    CAPTURE(name);
    V2Request request;
    request.Sample({{"__name__", name}, {"other.label", "a\nb"}});
    const WriteOutcome outcome = Decode(request);
    REQUIRE(outcome.status == 204);
    CHECK(outcome.batch.series.at(0).labels.MetricName() == name);
    CHECK(outcome.samples_written == 1);
  }
}

TEST_CASE("Labels: in 1.0 a bad series is refused with its reason, the valid part is kept") {
  for (const BadLabels& bad : AllBadLabels()) {
    CAPTURE(bad.what);
    const WriteOutcome outcome =
        Decode(V1Request().Sample(kGood).Sample(bad.labels).Sample(kGood, 2, kNow + 1));
    CHECK(outcome.status == 400);
    CHECK_THAT(outcome.message, Catch::StartsWith("series 2 ") && Catch::Contains(bad.says));
    CHECK(outcome.message.size() <= 1024);
    CHECK(outcome.batch.series.size() == 2);
    CHECK(outcome.samples_rejected == 1);
    CHECK(outcome.series_rejected == 1);
  }
}

TEST_CASE("Labels: in 2.0 a bad series is refused with its reason, the valid part is kept") {
  for (const BadLabels& bad : AllBadLabels()) {
    CAPTURE(bad.what);
    V2Request request;
    request.Sample(kGood);
    request.Sample(bad.labels);
    request.Sample(kGood, 2, kNow + 1);
    const WriteOutcome outcome = Decode(request);
    CHECK(outcome.status == 400);
    CHECK_THAT(outcome.message, Catch::StartsWith("series 2 ") && Catch::Contains(bad.says));
    CHECK(outcome.samples_written == 2);
    CHECK(outcome.samples_rejected == 1);
    CHECK(outcome.series_rejected == 1);
  }
}

TEST_CASE("Labels: TestMultipleMetrics, one of four without a name") {
  V2Request request;
  for (const auto* name : {"a", "b", "", "d"}) request.Sample({{"__name__", name}, {"x", "y"}});
  const WriteOutcome outcome = Decode(request);
  CHECK(outcome.status == 400);
  CHECK(outcome.samples_written == 3);
}

TEST_CASE("Labels: a series with too many labels is refused before it is decoded") {
  Pairs labels{{"__name__", "m"}};
  for (int i = 0; i < 64; ++i) labels.emplace_back("l" + std::to_string(i), "v");
  V2Request request;
  request.Sample(labels);
  request.Sample(kGood);
  const WriteOutcome outcome = Decode(request);
  CHECK(outcome.status == 400);
  CHECK_THAT(outcome.message, Catch::Contains("65 labels, the limit is 64"));
  CHECK(outcome.samples_written == 1);
  CHECK(outcome.samples_rejected == 1);
}

TEST_CASE("Labels: the message names the first offender only, and counts the others") {
  V1Request request;
  request.Sample({{"a", "first"}}).Sample({{"b", "second"}}).Sample(kGood);
  const WriteOutcome outcome = Decode(request);
  CHECK_THAT(outcome.message, Catch::Contains("first") && !Catch::Contains("second") &&
                                  Catch::Contains("2 series, 2 samples"));
}

}  // namespace quell::ingest
