#include "core/matcher.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

namespace quell {
namespace {

bool Matches(const std::string& selector, const Labels& labels) {
  const auto parsed = Selector::Parse(selector);
  INFO(selector);
  REQUIRE(parsed.ok());
  return parsed->Matches(labels);
}

TEST_CASE("Selector: the four operators mean what PromQL means", "[core]") {
  const Labels labels{{"__name__", "payments_total"}, {"psp", "acme"}, {"region", "eu-1"}};
  CHECK(Matches("payments_total", labels));
  CHECK(Matches("payments_total{}", labels));
  CHECK(Matches("{__name__=\"payments_total\"}", labels));
  CHECK(Matches("{psp=\"acme\"}", labels));
  CHECK(Matches("payments_total{psp=\"acme\",region=~\"eu-.*\",}", labels));
  CHECK(Matches(" payments_total { psp != 'other' , region !~ `us-.*` } ", labels));
  CHECK_FALSE(Matches("payments", labels));
  CHECK_FALSE(Matches("payments_total{psp!=\"acme\"}", labels));
  CHECK_FALSE(Matches("payments_total{region!~\"eu-.*\"}", labels));
}

TEST_CASE("Selector: regular expressions are anchored at both ends", "[core]") {
  const Labels labels{{"psp", "acme"}};
  CHECK_FALSE(Matches("{psp=~\"acm\"}", labels));
  CHECK_FALSE(Matches("{psp=~\"cme\"}", labels));
  CHECK(Matches("{psp=~\"acme|other\"}", labels));
  CHECK_FALSE(Matches("{psp=~\"other|acm\"}", labels));
  CHECK(Matches("{psp=~\".+\"}", Labels{{"psp", "two\nlines"}}));
}

TEST_CASE("Selector: a missing label matches as the empty string", "[core]") {
  const Labels labels{{"__name__", "m"}};
  CHECK(Matches("m{absent=\"\"}", labels));
  CHECK(Matches("m{absent!=\"x\"}", labels));
  CHECK(Matches("m{absent=~\".*\"}", labels));
  CHECK(Matches("m{absent=~\"x|\"}", labels));
  CHECK(Matches("m{absent!~\".+\"}", labels));
  CHECK_FALSE(Matches("m{absent!=\"\"}", labels));
  CHECK_FALSE(Matches("m{absent=~\".+\"}", labels));
}

TEST_CASE("Selector: escapes in quoted values", "[core]") {
  CHECK(Matches(R"({a="x\"y\\z\n\t"})", Labels{{"a", "x\"y\\z\n\t"}}));
  CHECK(Matches(R"({a='it\'s'})", Labels{{"a", "it's"}}));
  CHECK(Matches(R"({a=~`\d+`})", Labels{{"a", "42"}}));
}

TEST_CASE("Selector: errors give the column at which the text stops making sense", "[core]") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "column 1: the selector is empty"},
      {"{}", "column 3: the selector is empty"},
      {"m{psp}", "column 6: expected =, !=, =~ or !~"},
      {"m{psp=acme}", "column 7: expected a quoted value"},
      {"m{psp=\"acme}", "column 13: unterminated quoted value"},
      {"m{psp=\"a\" region=\"b\"}", "column 11: expected , or }"},
      {"m{=\"a\"}", "column 3: expected a label name or }"},
      {"m{psp=\"a\"", "column 10: expected , or }"},
      {"m{psp=\"a\"} by (x)", "column 12: unexpected text after the selector"},
      {"m{psp=\"\\q\"}", "column 10: unknown escape \\q"},
      {"9m", "column 1: unexpected text after the selector"},
      {"m{psp=~\"a(\"}", "column 12: regular expression \"a(\" for label psp"}};
  for (const auto& [text, message] : cases) {
    INFO(text);
    const auto parsed = Selector::Parse(text);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().code == ErrorCode::kInvalidArgument);
    CHECK_THAT(parsed.error().message, Catch::Matchers::Contains(message));
  }
}

TEST_CASE("Selector: its text parses back to the same selector", "[core]") {
  for (const char* text :
       {"m", "m{a=\"b\"}", "{a!=\"b\",c=~\"d.*\",e!~\"f\"}", "m{a=\"x\\\"y\\\\z\\nw\"}"}) {
    const auto first = Selector::Parse(text);
    REQUIRE(first.ok());
    CHECK(first->ToString() == text);
    const auto again = Selector::Parse(first->ToString());
    REQUIRE(again.ok());
    CHECK(again->ToString() == first->ToString());
  }
  CHECK(Selector::Parse("m{a=\"b\"}")->MetricName() == "m");
  CHECK(Selector::Parse("{__name__=~\"m.*\"}")->MetricName().empty());
}

}  // namespace
}  // namespace quell
