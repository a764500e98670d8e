#include <bit>
#include <catch2/catch.hpp>
#include <cmath>

#include "ingest/history.h"
#include "tests/ingest/collecting_sink.h"
#include "tests/ingest/temp_folder.h"

namespace quell::ingest {
namespace {

struct Read {
  CollectingSink sink;
  HistoryCounters counters;
  std::string error;
};

void Run(Read& read, const std::string& path) {
  Result<HistoryCounters> counters = ReadOpenMetrics(path, read.sink);
  if (counters.ok()) {
    read.counters = *counters;
  } else {
    read.error = counters.error().message;
  }
}

Read ReadText(std::string_view text) {
  const TempFolder folder;
  Read read;
  Run(read, folder.Write("h.om", text));
  const size_t at = read.error.find("h.om:");
  if (at != std::string::npos) read.error = read.error.substr(at);
  return read;
}

// The error of a file whose second line is `line`.
std::string ErrorOf(const std::string& line) {
  return ReadText("# HELP a b\n" + line + '\n').error;
}

}  // namespace

TEST_CASE("OpenMetrics: comments, escapes, fractions, infinities and the end of file") {
  const Read read = ReadText(
      "# HELP http_requests_total Requests \\n with text.\n"
      "# TYPE http_requests_total counter\n"
      "# UNIT http_requests_total requests\n"
      "http_requests_total{code=\"200\",path=\"/a \\\"b\\\" \\\\c\\n\"} 1027 1395066363.5\n"
      "http_requests_total{code=\"200\",path=\"/a \\\"b\\\" \\\\c\\n\"} +1.5e3 1395066364\n"
      "plain_total 3 1395066363.123\n"
      "inf_total +Inf 1e9\n"
      "inf_total -Inf 1.000000001e+09\n"
      "nan_total{} NaN 1395066363\n"
      "foo_created 1395066000.1 1395066363\n"
      "# EOF\n");
  CAPTURE(read.error);
  REQUIRE(read.error.empty());
  const auto& requests =
      read.sink.samples.at(R"(http_requests_total{code="200",path="/a \"b\" \\c\n"})");
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].time == 1395066363500);
  CHECK(requests[0].value == 1027);
  CHECK(requests[1].value == 1500);
  CHECK(read.sink.samples.at("plain_total")[0].time == 1395066363123);
  CHECK(read.sink.samples.at("inf_total")[0].value == HUGE_VAL);
  CHECK(read.sink.samples.at("inf_total")[1].value == -HUGE_VAL);
  CHECK(read.sink.samples.at("inf_total")[1].time == 1000000001000);
  CHECK(std::isnan(read.sink.samples.at("nan_total")[0].value));
  CHECK(read.sink.samples.at("foo_created").size() == 1);
  CHECK(read.counters.samples == 7);
  CHECK(read.counters.series == 5);
  CHECK(read.counters.files == 1);
  CHECK(read.sink.done == read.sink.total);
  CHECK(read.counters.bytes == read.sink.total);
}

TEST_CASE("OpenMetrics: promtool's dump, name inside the braces and milliseconds") {
  const Read read = ReadText(
      "{__name__=\"x\",a=\"b\"} 1.5 1755856800000\n"
      "{__name__=\"x\",a=\"tab\\there \\u00e4 \\xc3\\xa4 \\101\"} 2 1755856800000\n"
      "{__name__=\"h\"} {count:3, sum:4} 1755856800000\n"
      "{\"dotted.name\",\"other label\"=\"v\",} 7 1755856800001\n");
  CHECK(read.error.empty());
  CHECK(read.sink.samples.at("x{a=\"b\"}")[0].time == 1755856800000);
  CHECK(read.sink.samples.count("x{a=\"tab\there \xC3\xA4 \xC3\xA4 A\"}") == 1);
  CHECK(read.sink.samples.at("dotted.name{other label=\"v\"}")[0].time == 1755856800001);
  CHECK(read.counters.skipped_samples == 1);
}

TEST_CASE("OpenMetrics: exemplars are checked, dropped and counted") {
  const Read read = ReadText(
      "b{le=\"1\"} 8 1 # {trace_id=\"a } b\"} 0.7\n"
      "b{le=\"1\"} 9 2 # {} 0.7 1.5\n");
  CHECK(read.error.empty());
  CHECK(read.counters.exemplars_dropped == 2);
  CHECK(read.sink.samples.at("b{le=\"1\"}").size() == 2);
  CHECK(ErrorOf("b 8 1 # {a=b} 1") == "h.om:2:12: expected \"");
  CHECK(ErrorOf("b 8 1 # {a=\"b\"}") == "h.om:2:16: expected a value, not \"\"");
}

TEST_CASE("OpenMetrics: an unwanted metric costs no parsing and is counted") {
  const TempFolder folder;
  Read read;
  read.sink.skip = "noise";
  Run(read, folder.Write("h", "noise 1 1\nnoise 2 2\nkept 1 1\nnoise rubbish\n"));
  CHECK(read.error.empty());
  CHECK(read.counters.skipped_samples == 3);
  CHECK(read.counters.samples == 1);
  CHECK(read.counters.series == 1);
}

TEST_CASE("OpenMetrics: the sink is asked once for a series, also when series alternate") {
  const Read read =
      ReadText("a{x=\"1\"} 1 1\na{x=\"10\"} 2 1\na{x=\"1\"} 3 2\na 4 2\na{x=\"1\"} 5 3\nab 6 3\n");
  CHECK(read.sink.asked == 4);
  CHECK(read.sink.samples.at("a{x=\"1\"}").size() == 3);
  CHECK(read.sink.samples.at("ab").size() == 1);
}

TEST_CASE("OpenMetrics: every malformed line names file, line and column") {
  CHECK(ErrorOf("a 1") == "h.om:2:4: the sample has no timestamp, which history needs");
  CHECK(ErrorOf("a 1 # {} 1") == "h.om:2:5: the sample has no timestamp, which history needs");
  CHECK(ErrorOf("a x 1") == "h.om:2:3: expected a value, not \"x\"");
  CHECK(ErrorOf("a 1.5.5 1") == "h.om:2:3: expected a value, not \"1.5.5\"");
  CHECK(ErrorOf("a 1 yesterday") == "h.om:2:5: expected a timestamp, not \"yesterday\"");
  CHECK(ErrorOf("a 1 1e30") == "h.om:2:5: expected a timestamp, not \"1e30\"");
  CHECK(ErrorOf("a 1 99999999999999999999") ==
        "h.om:2:5: expected a timestamp, not \"99999999999999999999\"");
  CHECK(ErrorOf("a 1e999 1") == "h.om:2:3: expected a value, not \"1e999\"");
  CHECK(ErrorOf("a 1 2 3") == "h.om:2:7: expected the end of the line, not \"3\"");
  CHECK(ErrorOf("9a 1 1") == "h.om:2:1: expected a metric name or {");
  CHECK(ErrorOf("a{b=\"c} 1 1") == "h.om:2:12: expected \" before the end of the line");
  CHECK(ErrorOf("a{b=\"c\" 1 1") == "h.om:2:9: expected , or }");
  CHECK(ErrorOf("a{b=\"c\\q\"} 1 1") == "h.om:2:7: unknown escape");
  CHECK(ErrorOf("a{b=\"c\",b=\"d\"} 1 1") == "h.om:2:9: label \"b\" is repeated");
  CHECK(ErrorOf("a{__name__=\"x\"} 1 1") == "h.om:2:3: label \"__name__\" is repeated");
  CHECK(ErrorOf("{b=\"c\"} 1 1") == "h.om:2:1: the metric name is missing");
  CHECK(ErrorOf("a{b=\"\xFF\"} 1 1") == "h.om:2:3: label \"b\" is not valid UTF-8");
  CHECK(ErrorOf("a.b 1 1") == "h.om:2:2: expected a blank, not \".b\"");
  CHECK(ErrorOf("# TYPE a") == "h.om:2:8: expected a type after the metric name");
  CHECK(ReadText("a 1 1\n# EOF\na 2 2\n").error == "h.om:3:1: text after \"# EOF\"");
}

TEST_CASE("OpenMetrics: a folder is read in order of name, compressed files by their content") {
  const TempFolder folder;
  folder.Write("1.om", "a 1 1\n# EOF\n");
  folder.Write("2.om", "a 2 2\nb 1 2\n# EOF\n");
  folder.Write(".hidden", "rubbish");
  const auto compress = [&](const std::string& command) {
    REQUIRE(std::system((command + " -q " + folder.File("2.om")).c_str()) == 0);
  };
  compress("gzip --suffix .anything");
  folder.Write("3.om", "a 3 3\n# EOF\n");
  REQUIRE(std::system(("zstd -q --rm " + folder.File("3.om")).c_str()) == 0);
  Read read;
  Run(read, folder.path());
  CHECK(read.error.empty());
  CHECK(read.counters.files == 3);
  const auto& a = read.sink.samples.at("a");
  REQUIRE(a.size() == 3);
  CHECK(a[2].value == 3);
  CHECK(read.sink.asked == 2);
  CHECK(read.sink.done == read.sink.total);
}

TEST_CASE("OpenMetrics: missing files, empty folders and a full sink are errors with a place") {
  const TempFolder folder;
  Read read;
  Run(read, folder.path());
  CHECK_THAT(read.error, Catch::Contains("no files"));
  Run(read, folder.File("missing"));
  CHECK_THAT(read.error, Catch::Contains("missing"));
  read.sink.stop_after = 2;
  Run(read, folder.Write("f", "a 1 1\na 2 2\na 3 3\n"));
  CHECK_THAT(read.error, Catch::Contains("f:2:") && Catch::Contains("sink is full"));
}

}  // namespace quell::ingest
