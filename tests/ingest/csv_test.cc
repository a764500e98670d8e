#include <catch2/catch.hpp>

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

Read ReadText(std::string_view text) {
  const TempFolder folder;
  Read read;
  Result<HistoryCounters> counters = ReadCsv(folder.Write("h.csv", text), read.sink);
  if (counters.ok()) {
    read.counters = *counters;
  } else {
    read.error = counters.error().message;
    read.error = read.error.substr(read.error.find("h.csv"));
  }
  return read;
}

}  // namespace

TEST_CASE("Csv: the long form takes metric, label columns and a labels cell") {
  const Read read = ReadText(
      "timestamp,metric,region,labels,value\r\n"
      "1755856800,up,eu,\"a=\"\"1\"\",b=\"\"x,y\"\"\",1.5\r\n"
      "1755856800500,up,eu,\"a=\"\"1\"\",b=\"\"x,y\"\"\",2\r\n"
      "2025-08-22T10:00:01Z,up,us,,3\r\n"
      "2025-08-22T10:00:02Z,up,us,,\r\n");
  CHECK(read.error.empty());
  const auto& eu = read.sink.samples.at(R"(up{a="1",b="x,y",region="eu"})");
  REQUIRE(eu.size() == 2);
  CHECK(eu[0].time == 1755856800000);
  CHECK(eu[1].time == 1755856800500);
  CHECK(read.sink.samples.at(R"(up{region="us"})")[0].time == 1755856801000);
  CHECK(read.counters.samples == 3);
  CHECK(read.sink.asked == 2);
}

TEST_CASE("Csv: timestamp and value alone make one series named value") {
  const Read read = ReadText("timestamp,value\n2025-08-22 10:00:00,1\n2025-08-22 10:00:30,2\n");
  CHECK(read.error.empty());
  REQUIRE(read.sink.samples.at("value").size() == 2);
  CHECK(read.sink.samples.at("value")[1].time == 1755856830000);
}

TEST_CASE("Csv: the wide form has a series a column, empty cells are no samples") {
  const Read read = ReadText(
      "\xEF\xBB\xBFts_ms,\"latency{psp=\"\"acme\"\",region=\"\"eu\"\"}\",errors\n"
      "1755856800000,0.25,\n"
      "1755856830000,,7\n");
  CHECK(read.error.empty());
  CHECK(read.sink.samples.at(R"(latency{psp="acme",region="eu"})").size() == 1);
  CHECK(read.sink.samples.at("errors")[0].value == 7);
  CHECK(read.counters.samples == 2);
}

TEST_CASE("Csv: a quoted field may go over several lines") {
  const Read read = ReadText("time,value,note\n1,5,\"two\nlines\"\n2,6,\"two\nlines\"\n");
  CHECK(read.error.empty());
  CHECK(read.sink.samples.at("value{note=\"two\\nlines\"}").size() == 2);
}

TEST_CASE("Csv: errors name file, line and column") {
  CHECK_THAT(ReadText("a,value\n").error,
             Catch::StartsWith("h.csv:1:1: there is no column timestamp"));
  CHECK(ReadText("time,value\n1,x\n").error == "h.csv:2:3: expected a number, not \"x\"");
  CHECK_THAT(ReadText("time,value\n1,1\nnoon,2\n").error,
             Catch::StartsWith("h.csv:3:1: time \"noon\""));
  CHECK(ReadText("time,value\n1,1,1\n").error == "h.csv:2:1: the row has 3 fields, the header 2");
  CHECK(ReadText("time,value\n1,a\"b\n").error == "h.csv:2:4: a quote inside an unquoted field");
  CHECK(ReadText("time,value\n1,\"2\"3\n").error == "h.csv:2:6: expected , after a quoted field");
  CHECK(ReadText("time,value\n1,\"2\n").error == "h.csv:2:1: the file ends inside a quoted field");
  CHECK(ReadText("time,value,value2,time\n")
            .error.find("h.csv:1:19: column \"time\" is there twice") == 0);
  CHECK(ReadText("time,a b\n").error.find("h.csv:1:7: column \"a b\" is neither") == 0);
  CHECK(ReadText("time,labels,value\n1,a=b,2\n").error == "h.csv:2:5: expected \"");
  CHECK_THAT(ReadText("").error, Catch::Contains("header is missing"));
  CHECK_THAT(ReadText("time,value\n1e300,1\n").error, Catch::StartsWith("h.csv:2:1: time"));
}

}  // namespace quell::ingest
