#include "ingest/utf8.h"

#include <catch2/catch.hpp>

namespace quell::ingest {

TEST_CASE("Utf8: every code point's encoding is valid, surrogates have none") {
  for (std::uint32_t code_point = 0; code_point < 0x110000; code_point += 7) {
    std::string text;
    const bool surrogate = code_point >= 0xD800 && code_point < 0xE000;
    REQUIRE(AppendUtf8(text, code_point) == !surrogate);
    REQUIRE(IsValidUtf8(text));
  }
  std::string text;
  CHECK_FALSE(AppendUtf8(text, 0x110000));
}

TEST_CASE("Utf8: overlong forms, surrogates, stray and missing bytes are invalid anywhere") {
  for (const std::string& bad :
       {std::string("\x80"), std::string("\xC0\x80"), std::string("\xC1\xBF"),
        std::string("\xE0\x80\x80"), std::string("\xED\xA0\x80"), std::string("\xF0\x80\x80\x80"),
        std::string("\xF4\x90\x80\x80"), std::string("\xF5\x80\x80\x80"), std::string("\xE2\x82"),
        std::string("\xFF"), std::string("\xC3(")}) {
    for (size_t before = 0; before < 10; ++before) {
      CHECK_FALSE(IsValidUtf8(std::string(before, 'a') + bad));
      CHECK_FALSE(IsValidUtf8(std::string(before, 'a') + bad + "tail of text"));
    }
  }
}

TEST_CASE("Utf8: Quoted gives printable ASCII of bounded length") {
  CHECK(Quoted("a\"b\\c\n\xFF") == R"("a\"b\\c\x0a\xff")");
  CHECK(Quoted("abcdef", 3) == "\"abc\"...");
}

}  // namespace quell::ingest
