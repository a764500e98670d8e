#include "cli/client/table.h"

#include <catch2/catch.hpp>
#include <sstream>

namespace quell::cli {
namespace {

using Fit = Table::Fit;

TEST_CASE("Width: wide characters take two columns, and are not cut in half", "[cli]") {
  CHECK(WidthOf("Z\xc3\xbcrich") == 6);
  CHECK(WidthOf("東京") == 4);
  CHECK(CutTo("東京", 4) == "東京");
  CHECK(CutTo("東京都", 4) == "東…");
  CHECK(CutTo("abcdef", 4) == "abc…");
  CHECK(CutTo("abcdef", 0).empty());
}

TEST_CASE("Table: columns are aligned, numbers to the right, no blanks at the end", "[cli]") {
  Table table({{"KEY"}, {"N", Fit::kRight}, {"TEXT", Fit::kCut}});
  table.Add({"a", "1", "short"});
  table.Add({"bcd", "1000", "a longer one"});
  table.Add({"東京"});
  CHECK(table.Render(0) ==
        "KEY      N  TEXT\n"
        "a        1  short\n"
        "bcd   1000  a longer one\n"
        "東京\n");
}

TEST_CASE("Table: fits the width by what may be cut, and no further than it may", "[cli]") {
  Table table({{"KEY"}, {"FIRST", Fit::kCut}, {"SECOND", Fit::kCut}});
  table.Add({"0123456789", std::string(40, 'f'), std::string(20, 's')});
  for (const size_t width : {60U, 40U, 30U}) {
    INFO(width);
    std::istringstream lines(table.Render(width));
    for (std::string line; std::getline(lines, line);) CHECK(WidthOf(line) <= width);
    CHECK(table.Render(width).find("0123456789") != std::string::npos);
  }
  // Ten and twice the least, whatever is asked.
  CHECK(table.Render(1) == table.Render(30));
  CHECK(table.Render(1).find("fffffff…  sssssss…") != std::string::npos);
}

TEST_CASE("Table: hostile cells neither break lines nor grow without bound", "[cli]") {
  Table table({{"A"}, {"B"}});
  table.Add({"x\ny\x1b]0;title\x07", std::string(100000, 'b')});
  const std::string text = table.Render(0);
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.size() < 1000);
}

}  // namespace
}  // namespace quell::cli
