#include "engine/paging/text.h"

#include <catch2/catch.hpp>
#include <limits>

namespace quell::paging {
namespace {

TEST_CASE("Text: numbers have three significant digits and grouped thousands", "[paging]") {
  CHECK(NumberText(0) == "0");
  CHECK(NumberText(18.2) == "18.2");
  CHECK(NumberText(18.249) == "18.2");
  CHECK(NumberText(0.9) == "0.9");
  CHECK(NumberText(1.40) == "1.4");
  CHECK(NumberText(100) == "100");
  CHECK(NumberText(999.6) == "1,000");
  CHECK(NumberText(12345.6) == "12,346");
  CHECK(NumberText(1234567) == "1,234,567");
  CHECK(NumberText(-1234.5) == "-1,234");
  CHECK(NumberText(-0.5) == "-0.5");
  CHECK(NumberText(0.000123) == "0.000123");
  CHECK(NumberText(1e-12) == "0");
  CHECK(NumberText(std::numeric_limits<double>::infinity()) == "?");
  CHECK(NumberText(std::numeric_limits<double>::quiet_NaN()) == "?");
}

TEST_CASE("Text: values come in the unit's own words", "[paging]") {
  CHECK(ValueText(0.182, "ratio") == "18.2 %");
  CHECK(ValueText(0, "ratio") == "0 %");
  CHECK(ValueText(1, "ratio") == "100 %");
  CHECK(ValueText(1.8412, "seconds") == "1.84 s");
  CHECK(ValueText(0.34, "seconds") == "340 ms");
  CHECK(ValueText(0.00025, "seconds") == "250 us");
  CHECK(ValueText(0, "seconds") == "0 s");
  CHECK(ValueText(185, "seconds") == "185 s");
  CHECK(ValueText(750, "seconds") == "12.5 min");
  CHECK(ValueText(9000, "seconds") == "2.5 h");
  CHECK(ValueText(3 * 86400.0, "seconds") == "3 days");
  CHECK(ValueText(1500, "milliseconds") == "1.5 s");
  CHECK(ValueText(12.34, "per_second") == "12.3/s");
  CHECK(ValueText(0.02, "per_second") == "1.2/min");
  CHECK(ValueText(0.001, "per_second") == "3.6/h");
  CHECK(ValueText(0, "per_second") == "0/s");
  CHECK(ValueText(1.5e9, "bytes") == "1.5 GB");
  CHECK(ValueText(42, "") == "42");
  CHECK(ValueText(2340000, "") == "2.34 million");
  CHECK(ValueText(42, "open_connections") == "42 open connections");
}

TEST_CASE("Text: what was expected is on one scale with its band", "[paging]") {
  CHECK(ExpectedText(0.014, 0.009, 0.021, "ratio") == "1.4 % (0.9 - 2.1 %)");
  CHECK(ExpectedText(0.31, 0.25, 0.402, "seconds") == "310 ms (250 - 402 ms)");
  CHECK(ExpectedText(0.9, 0.8, 1.2, "seconds") == "0.9 s (0.8 - 1.2 s)");
  CHECK(ExpectedText(120, 101.7, 139.2, "per_second") == "120/s (102 - 139/s)");
  CHECK(ExpectedText(5, 0, 0, "") == "5");
  CHECK(ExpectedText(5, std::numeric_limits<double>::quiet_NaN(), 9, "") == "5");
}

TEST_CASE("Text: odds are words", "[paging]") {
  CHECK(OddsText(1) == "");
  CHECK(OddsText(0.3) == "about 1 in 3");
  CHECK(OddsText(1.0 / 740) == "about 1 in 700");
  CHECK(OddsText(1.0 / 1530) == "about 1 in 1,500");
  CHECK(OddsText(1.0 / 23000) == "about 1 in 20,000");
  CHECK(OddsText(4.9e-7) == "about 1 in 2 million");
  CHECK(OddsText(6.5e-10) == "about 1 in 1.5 billion");
  CHECK(OddsText(1e-15) == "less than 1 in a trillion");
  CHECK(OddsText(1.01e-12) == "less than 1 in a trillion");
  CHECK(OddsText(0) == "less than 1 in a trillion");
}

TEST_CASE("Text: a cut falls between characters and ends in an ellipsis", "[paging]") {
  CHECK(CutText("abc", 3) == "abc");
  CHECK(CutText("abcd", 3) == "ab\u2026");
  CHECK(CutText("Zürich", 3) == "Zü\u2026");
  CHECK(CutText("🚨🚨🚨", 3) == "🚨🚨🚨");
  CHECK(CutText("🚨🚨🚨🚨", 3) == "🚨🚨\u2026");
  CHECK(CutText("", 1).empty());
  CHECK(CutText("ab", 1) == "\u2026");
  CHECK(CutText(std::string("ab\xF0\x9F"), 5) == std::string("ab\xF0\x9F"));  // torn input stays
  CHECK(CountCharacters("Zürich 🚨") == 8);
}

TEST_CASE("Text: control characters cannot reach a terminal", "[paging]") {
  CHECK(OneLine("a\nb\x1b[31mc\x7f") == "a b [31mc ");
  CHECK(OneLine("a\xC2\x9B"
                "31mb") == "a 31mb");
  CHECK(OneLine("Zürich 🚨") == "Zürich 🚨");
}

TEST_CASE("Text: what is not UTF-8 is replaced byte by byte", "[paging]") {
  CHECK(WellFormed("a\xC3\xBC\xE2\x82\xAC\xF0\x9F\x9A\xA8") ==
        "a\xC3\xBC\xE2\x82\xAC\xF0\x9F\x9A\xA8");
  const std::string mark = "\uFFFD";
  CHECK(WellFormed("\xFFx") == mark + "x");
  CHECK(WellFormed("\xE2\x80") == mark + mark);
  CHECK(WellFormed("\xC0\x80") == mark + mark);             // overlong
  CHECK(WellFormed("\xED\xA0\x80") == mark + mark + mark);  // a surrogate
  CHECK(WellFormed("\xF4\x90\x80\x80").size() == 4 * mark.size());
}

}  // namespace
}  // namespace quell::paging
