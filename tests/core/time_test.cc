#include "core/time.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

namespace quell {
namespace {

TEST_CASE("Time: RFC 3339 in all its spellings names the same instant", "[core]") {
  constexpr TimeMs kInstant = 1787392800000;  // 2026-08-22T10:00:00Z
  for (const char* text :
       {"2026-08-22T10:00:00Z", "2026-08-22t10:00:00z", "2026-08-22 10:00:00Z",
        "2026-08-22T10:00:00.000Z", "2026-08-22T12:00:00+02:00", "2026-08-22T12:00:00+0200",
        "2026-08-22T04:30:00-05:30", "2026-08-21T23:00:00-11:00", "1787392800", "1787392800.0"}) {
    INFO(text);
    const auto time = ParseTime(text);
    REQUIRE(time.ok());
    CHECK(*time == kInstant);
  }
}

TEST_CASE("Time: fractions are cut to milliseconds", "[core]") {
  const auto base = ParseTime("2026-08-22T10:00:00Z");
  REQUIRE(base.ok());
  const std::vector<std::pair<std::string, TimeMs>> cases = {
      {".5", 500}, {".05", 50}, {".999", 999}, {".9999", 999}, {".123456789", 123}};
  for (const auto& [fraction, ms] : cases) {
    INFO(fraction);
    const auto time = ParseTime("2026-08-22T10:00:00" + fraction + "Z");
    REQUIRE(time.ok());
    CHECK(*time - *base == ms);
  }
  CHECK(*ParseTime("0.0005") == 1);  // epoch seconds are rounded
  CHECK(*ParseTime("-1.5") == -1500);
}

TEST_CASE("Time: a leap second is the first instant of the next minute", "[core]") {
  CHECK(*ParseTime("2016-12-31T23:59:60Z") == *ParseTime("2017-01-01T00:00:00Z"));
  CHECK_FALSE(ParseTime("2016-12-31T23:59:61Z").ok());
}

TEST_CASE("Time: 29 February exists in leap years alone", "[core]") {
  CHECK(ParseTime("2024-02-29T00:00:00Z").ok());
  CHECK(ParseTime("2000-02-29T00:00:00Z").ok());
  CHECK_FALSE(ParseTime("2026-02-29T00:00:00Z").ok());
  CHECK_FALSE(ParseTime("2100-02-29T00:00:00Z").ok());
}

TEST_CASE("Time: what is no time is an error that quotes it", "[core]") {
  for (const char* text : {"",
                           "x",
                           "now",
                           "nan",
                           "inf",
                           "1e300",
                           "2026-08-22",
                           "2026-08-22T10:00:00",
                           "2026-08-22T10:00:00+",
                           "2026-08-22T10:00:00+2",
                           "2026-08-22T10:00:00+24:00",
                           "2026-08-22T10:00:00+02-00",
                           "2026-08-22T10:00:00ZZ",
                           "2026-08-22T10:00:00.Z",
                           "2026-08-22T10:00:00.1234567890Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-08-32T00:00:00Z",
                           "2026-08-22T24:00:00Z",
                           "2026-08-22T10:60:00Z",
                           "2026-08-22X10:00:00Z",
                           "2026/08/22T10:00:00Z",
                           "20260822T100000Z",
                           "1787392800 "}) {
    INFO(text);
    const auto time = ParseTime(text);
    REQUIRE_FALSE(time.ok());
    CHECK(time.error().code == ErrorCode::kInvalidArgument);
    CHECK(time.error().message.find('"' + std::string(text) + '"') != std::string::npos);
  }
}

TEST_CASE("Time: formatting and parsing are inverse, before 1970 as well", "[core]") {
  CHECK(FormatRfc3339(0) == "1970-01-01T00:00:00.000Z");
  CHECK(FormatRfc3339(-1) == "1969-12-31T23:59:59.999Z");
  CHECK(FormatRfc3339(951782400000 + 7) == "2000-02-29T00:00:00.007Z");
  for (TimeMs time = -kDayMs * 40000; time < kDayMs * 40000; time += kDayMs * 177 + 12345678) {
    REQUIRE(*ParseTime(FormatRfc3339(time)) == time);
  }
}

TEST_CASE("Duration: units add up and format to the shortest exact text", "[core]") {
  const std::vector<std::pair<std::string, DurationMs>> cases = {{"0", 0},
                                                                 {"0s", 0},
                                                                 {"250ms", 250},
                                                                 {"30s", 30000},
                                                                 {"5m", 300000},
                                                                 {"90m", 5400000},
                                                                 {"1h30m", 5400000},
                                                                 {"1d", kDayMs},
                                                                 {"2w", 2 * kWeekMs},
                                                                 {"1y", 365 * kDayMs},
                                                                 {"1m30s500ms", 90500}};
  for (const auto& [text, ms] : cases) {
    INFO(text);
    const auto duration = ParseDuration(text);
    REQUIRE(duration.ok());
    CHECK(*duration == ms);
    CHECK(*ParseDuration(FormatDuration(ms)) == ms);
  }
  CHECK(FormatDuration(0) == "0s");
  CHECK(FormatDuration(90 * kSecondMs) == "1m30s");
  CHECK(FormatDuration(2 * kWeekMs + 1) == "14d1ms");
}

TEST_CASE("Duration: what is no duration is an error", "[core]") {
  for (const char* text :
       {"", "5", "m", "-5m", "5 m", "5M", "5min", "1.5h", "s5", "5m ", "99999999999999999999s",
        "9223372036854775807y", "70000000000y", "73000000y73000000y73000000y73000000y73000000y"}) {
    INFO(text);
    const auto duration = ParseDuration(text);
    REQUIRE_FALSE(duration.ok());
    CHECK(duration.error().message.find('"' + std::string(text) + '"') != std::string::npos);
  }
}

}  // namespace
}  // namespace quell
