#include <catch2/catch.hpp>
#include <string>

#include "core/file.h"
#include "replay/runner/replay.h"
#include "tests/support/temp_folder.h"

namespace quell::replay {
namespace {

TEST_CASE("Source: the kind is what stands before the first colon", "[replay]") {
  const auto parsed = [](const std::string& text) {
    const auto source = ParseSource(text);
    REQUIRE(source.ok());
    return *source;
  };
  CHECK(parsed("openmetrics:/data/a:b.om").kind == Source::Kind::kOpenMetrics);
  CHECK(parsed("openmetrics:/data/a:b.om").where == "/data/a:b.om");
  CHECK(parsed("csv:x.csv").kind == Source::Kind::kCsv);
  CHECK(parsed("journal:quell-data/journal").kind == Source::Kind::kJournal);
  CHECK(parsed("prometheus:http://127.0.0.1:9090").kind == Source::Kind::kPrometheus);
  CHECK(parsed("prometheus:http://127.0.0.1:9090").where == "http://127.0.0.1:9090");
}

TEST_CASE("Source: anything else is an error that quotes it and says what is known", "[replay]") {
  for (const char* text :
       {"", "x", ":", "csv:", "CSV:x", "openmetrics", "parquet:x", "http://x", " csv:x"}) {
    INFO(text);
    const auto source = ParseSource(text);
    REQUIRE_FALSE(source.ok());
    CHECK(source.error().code == ErrorCode::kInvalidArgument);
    CHECK_THAT(source.error().message, Catch::Matchers::Contains('"' + std::string(text) + '"') &&
                                           Catch::Matchers::Contains("prometheus:URL"));
  }
}

Error FailedReplay(const std::vector<std::string>& sources) {
  ReplayOptions options;
  for (const std::string& text : sources) options.sources.push_back(*ParseSource(text));
  ManualClock clock;
  const auto result = RunReplay(options, {}, clock, nullptr);
  REQUIRE_FALSE(result.ok());
  return result.error();
}

TEST_CASE("Replay: errors name the source", "[replay]") {
  using Catch::Matchers::Contains;
  const test::TempFolder folder;
  CHECK_THAT(FailedReplay({"csv:" + folder.File("absent.csv")}).message,
             Contains(folder.File("absent.csv")));
  CHECK_THAT(FailedReplay({"openmetrics:" + folder.File("absent.om")}).message,
             Contains(folder.File("absent.om")));
  CHECK_THAT(FailedReplay({"prometheus:http://127.0.0.1:1"}).message, Contains("--from"));
  REQUIRE(WriteFileAtomic(folder.File("a.csv"), "timestamp,value\n1,2\n").ok());
  CHECK_THAT(FailedReplay({"csv:" + folder.File("a.csv"), "journal:" + folder.File("j")}).message,
             Contains("journal"));
  REQUIRE(WriteFileAtomic(folder.File("bad.om"), "x_total{a=\"b\"} one 1\n").ok());
  CHECK_THAT(FailedReplay({"openmetrics:" + folder.File("bad.om")}).message, Contains("bad.om:1:"));
}

TEST_CASE("Replay: input without a usable series says so", "[replay]") {
  const test::TempFolder folder;
  REQUIRE(WriteFileAtomic(folder.File("noise.om"), "go_goroutines 5 1787392800\n# EOF\n").ok());
  CHECK_THAT(FailedReplay({"openmetrics:" + folder.File("noise.om")}).message,
             Catch::Matchers::Contains("no input has a sample that a signal would use"));
}

}  // namespace
}  // namespace quell::replay
