#include "engine/postmortem/formats.h"

#include <catch2/catch.hpp>

namespace quell::postmortem {
namespace {

TEST_CASE("Postmortem: the text of others is no Markdown", "[postmortem]") {
  const struct {
    std::string text, shown;
  } rows[] = {{"psp=acme, 38 %", "psp=acme, 38 %"},
              {"# heading\nline", "\\# heading\\\\nline"},
              {"[x](javascript:alert(1))", "\\[x\\](javascript:alert(1))"},
              {"![p](http://evil.example/p)", "\\!\\[p\\](http\\://evil.example/p)"},
              {"www.evil.example a@b", "www\\.evil.example a&#64;b"},
              {"<script>", "\\<script\\>"},
              {"&lt;b&gt; `c` a|b ~~d~~ $e$", "\\&lt;b\\&gt; \\`c\\` a\\|b \\~\\~d\\~\\~ \\$e\\$"},
              {"- item", "\\- item"},
              {"12. item", "12\\. item"},
              {"1.4 %", "1\\.4 %"},
              {"--- ", "\\--- "},
              {"\x1b[31m\xe2\x80\xae", "\\\\x1b\\[31m\\\\u{202e}"}};
  for (const auto& row : rows) {
    INFO(row.text);
    CHECK(MarkdownText(row.text) == row.shown);
  }
}

TEST_CASE("Postmortem: the text of others is no HTML", "[postmortem]") {
  CHECK(HtmlText("<img src=x onerror='a(\"1\")'>&") ==
        "&lt;img src=x onerror=&#39;a(&quot;1&quot;)&#39;&gt;&amp;");
  CHECK(HtmlText(std::string("\0\x1b\n\xff\xe2\x80\xae", 7)) == "\\x00\\x1b\\n\\xff\\u{202e}");
}

TEST_CASE("Postmortem: a table's cells stay in their row", "[postmortem]") {
  Document document;
  document.title = "t";
  document.blocks = {{Block::Kind::kTable, "", {}, {{"A", "B"}, {"x|y\n", "</td><td>"}}},
                     {Block::Kind::kOpen}};
  CHECK(Markdown(document) ==
        "# t\n\n| A | B |\n|---|---|\n| x\\|y\\\\n | \\</td\\>\\<td\\> |\n\n*To be written.*\n");
  const std::string html = Html(document);
  CHECK(html.find("<tr><td>x|y\\n</td><td>&lt;/td&gt;&lt;td&gt;</td></tr>") != std::string::npos);
  CHECK(html.find("<script") == std::string::npos);
}

}  // namespace
}  // namespace quell::postmortem
