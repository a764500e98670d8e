#include "engine/incidents/wording.h"

#include <catch2/catch.hpp>

namespace quell::incidents {

TEST_CASE("Wording: numbers keep the two digits that matter", "[incidents]") {
  CHECK(NumberWords(0) == "0");
  CHECK(NumberWords(0.0123) == "0.012");
  CHECK(NumberWords(1.04) == "1");
  CHECK(NumberWords(1.44) == "1.4");
  CHECK(NumberWords(9.97) == "10");
  CHECK(NumberWords(37.6) == "38");
  CHECK(NumberWords(12345.6) == "12,346");
  CHECK(NumberWords(-1234) == "-1,234");
  CHECK(NumberWords(-123) == "-123");
}

TEST_CASE("Wording: values are told in their unit", "[incidents]") {
  CHECK(ValueWords(0.381, "ratio") == "38 %");
  CHECK(ValueWords(0.0004, "ratio") == "0.04 %");
  CHECK(ValueWords(0.9993, "ratio") == "99.9 %");
  CHECK(ValueWords(0.24, "seconds") == "240 ms");
  CHECK(ValueWords(1.84, "seconds") == "1.8 s");
  CHECK(ValueWords(180, "seconds") == "3 min");
  CHECK(ValueWords(12.3, "per_second") == "12/s");
  CHECK(ValueWords(18000, "messages") == "18,000 messages");
}

TEST_CASE("Wording: odds are one digit and a word", "[incidents]") {
  CHECK(OddsWords(2.5e-8) == "1 in 40 million");
  CHECK(OddsWords(1e-3) == "1 in 1,000");
  CHECK(OddsWords(3e-10) == "1 in 3 billion");
  CHECK(OddsWords(1e-30) == "less than 1 in a trillion");
  CHECK(OddsWords(0) == "less than 1 in a trillion");
}

TEST_CASE("Wording: spans and clock times are short", "[incidents]") {
  CHECK(DurationWords(20 * kSecondMs) == "20 s");
  CHECK(DurationWords(4 * kMinuteMs) == "4 min");
  CHECK(DurationWords(125 * kMinuteMs) == "2 h 5 min");
  CHECK(DurationWords(72 * kHourMs) == "3 days");
  CHECK(ClockWords(*ParseTime("2026-08-22T10:02:00Z")) == "10:02 UTC");
  CHECK(ClockWords(*ParseTime("2026-08-22T10:02:30Z")) == "10:02:30 UTC");
}

TEST_CASE("Wording: a long label value is cut between characters", "[incidents]") {
  std::string value;
  for (int i = 0; i < 40; ++i) value += "\xC3\xA9";  // e acute, two bytes each
  const std::string words = ScopeWords(Labels{{"psp", value}});
  CHECK(words.size() < 80);
  CHECK(words.ends_with("\xC3\xA9..."));
  CHECK(ScopeWords(Labels{}) == "everything");
  CHECK(ScopeWords(Labels{{"psp", "a\nb"}}) == "psp=a b");
}

}  // namespace quell::incidents
