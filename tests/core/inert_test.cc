#include "core/inert.h"

#include <catch2/catch.hpp>
#include <string>

namespace quell {
namespace {

TEST_CASE("Inert: what a terminal would obey is shown in its place", "[core]") {
  const struct {
    std::string text, shown;
  } rows[] = {{"psp=acme", "psp=acme"},
              {"a\nb\tc", "a\\nb\\tc"},
              {"\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"},
              {std::string("nul\0", 4), "nul\\x00"},
              {"del\x7f", "del\\x7f"},
              {"\xc2\x9b"
               "31m",
               "\\u{9b}31m"},  // C1: CSI
              {"\xe2\x80\xae"
               "txt.exe",
               "\\u{202e}txt.exe"},  // right to left
              {"a\xe2\x80\x8b"
               "b",
               "a\\u{200b}b"},                     // no width
              {"\xf3\xa0\x81\x81", "\\u{e0041}"},  // a tag
              {"\xff\xfe", "\\xff\\xfe"},
              {"\xc0\xaf", "\\xc0\\xaf"},           // overlong
              {"\xed\xa0\x80", "\\xed\\xa0\\x80"},  // half a surrogate
              {"\xe2\x82", "\\xe2\\x82"},           // cut short
              {"Z\xc3\xbcrich \xe6\x9d\xb1\xe4\xba\xac", "Z\xc3\xbcrich \xe6\x9d\xb1\xe4\xba\xac"}};
  for (const auto& row : rows) {
    INFO(row.shown);
    CHECK(Inert(row.text) == row.shown);
  }
  CHECK(Inert(std::string(5000, 'x'), 10) == "xxxxxxxxxx…");
}

}  // namespace
}  // namespace quell
