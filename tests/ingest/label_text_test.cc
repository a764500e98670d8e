#include "ingest/label_text.h"

#include <catch2/catch.hpp>

#include "core/random.h"

namespace quell::ingest {

TEST_CASE("LabelText: what Labels print is read back, and its end found by the quick scan") {
  Random random(3);
  const std::string alphabet = "ab\\\"\n{},= \t#xn";
  for (int run = 0; run < 2000; ++run) {
    std::vector<Label> labels{{"__name__", "metric"}};
    for (std::uint64_t i = random.Below(4); i > 0; --i) {
      std::string value;
      for (std::uint64_t k = random.Below(8); k > 0; --k) {
        value += alphabet[random.Below(alphabet.size())];
      }
      labels.push_back({"l" + std::to_string(i), value});
    }
    const Labels expected(labels);
    const std::string text = expected.ToString() + " 1 2";
    size_t at = 0;
    const Result<Labels> parsed = ParseSeriesText(text, at);
    CAPTURE(text);
    REQUIRE(parsed.ok());
    CHECK(*parsed == expected);
    CHECK(at == text.size() - 4);
    CHECK(SeriesTextEnd(text, 0) == at);
  }
}

TEST_CASE("LabelText: a list without braces, as in a CSV cell") {
  size_t at = 0;
  const Result<Labels> labels = ParseLabelList(R"( a="1", b="x,y" ,)", at);
  REQUIRE(labels.ok());
  CHECK(labels->ToString() == R"({a="1",b="x,y"})");
  at = 0;
  CHECK(ParseLabelList("", at).ok());
  at = 0;
  CHECK_FALSE(ParseLabelList(R"(a="1" b="2")", at).ok());
  CHECK(at == 6);
}

}  // namespace quell::ingest
