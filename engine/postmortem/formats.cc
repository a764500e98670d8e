#include "engine/postmortem/formats.h"

#include "core/inert.h"

namespace quell::postmortem {
namespace {

// As long as anything here may be with every character escaped (draft.h cuts before).
constexpr size_t kShownMax = 4000;

constexpr std::string_view kMarks = "\\`*_[]<>|~&$!#";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// What would begin a list, a heading or a rule: a mark at the front, or digits and one behind.
size_t FrontMark(std::string_view text) {
  size_t at = 0;
  while (at < text.size() && IsDigit(text[at])) ++at;
  if (at > 0 && at < text.size() && (text[at] == '.' || text[at] == ')')) return at;
  return !text.empty() && (text[0] == '-' || text[0] == '+' || text[0] == '=') ? 0
                                                                               : std::string::npos;
}

// What tools make links of by themselves: "http://" and "www.".
bool MakesLink(std::string_view text, size_t at) {
  if (text[at] == ':') return text.substr(at, 3) == "://";
  return text[at] == '.' && at >= 3 &&
         (text.substr(at - 3, 3) == "www" || text.substr(at - 3, 3) == "WWW");
}

void AppendRow(const std::vector<std::string>& row, std::string& out) {
  out += '|';
  for (const std::string& cell : row) out += ' ' + MarkdownText(cell) + " |";
  out += '\n';
}

void AppendHtmlTable(const Block& block, std::string& out) {
  out += "<table>\n";
  for (size_t i = 0; i < block.rows.size(); ++i) {
    out += "<tr>";
    for (const std::string& cell : block.rows[i]) {
      out +=
          (i == 0 ? "<th scope=\"col\">" : "<td>") + HtmlText(cell) + (i == 0 ? "</th>" : "</td>");
    }
    out += "</tr>\n";
  }
  out += "</table>\n";
}

constexpr std::string_view kHead =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width\">\n";
constexpr std::string_view kStyle =
    "<style>\nbody{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 "
    "1rem;overflow-wrap:anywhere}\ntable{border-collapse:collapse}\nth,td{border:1px solid "
    "#999;padding:.25rem .5rem;text-align:left;vertical-align:top}\n</style>\n";

}  // namespace

std::string MarkdownText(std::string_view text) {
  const std::string shown = Inert(text, kShownMax);
  const size_t front = FrontMark(shown);
  std::string out;
  for (size_t i = 0; i < shown.size(); ++i) {
    const bool mark = kMarks.find(shown[i]) != std::string_view::npos;
    // An entity does what a backslash cannot: tools look for addresses after they unescape.
    if (shown[i] == '@') {
      out += "&#64;";
      continue;
    }
    if (mark || i == front || MakesLink(shown, i)) out += '\\';
    out += shown[i];
  }
  return out;
}

std::string HtmlText(std::string_view text) {
  std::string out;
  for (const char c : Inert(text, kShownMax)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string Markdown(const Document& document) {
  std::string out = "# " + MarkdownText(document.title) + "\n";
  for (const Block& block : document.blocks) {
    out += '\n';
    switch (block.kind) {
      case Block::Kind::kHeading:
        out += "## " + MarkdownText(block.text) + '\n';
        break;
      case Block::Kind::kText:
        out += MarkdownText(block.text) + '\n';
        break;
      case Block::Kind::kList:
        for (const std::string& item : block.items) out += "- " + MarkdownText(item) + '\n';
        break;
      case Block::Kind::kTable:
        for (size_t i = 0; i < block.rows.size(); ++i) {
          AppendRow(block.rows[i], out);
          if (i > 0) continue;
          out += '|';
          for (size_t column = 0; column < block.rows[i].size(); ++column) out += "---|";
          out += '\n';
        }
        break;
      case Block::Kind::kOpen:
        out += "*To be written.*\n";
        break;
    }
  }
  return out;
}

std::string Html(const Document& document) {
  const std::string title = HtmlText(document.title);
  std::string out(kHead);
  out += "<title>" + title + "</title>\n";
  out += kStyle;
  out += "</head>\n<body>\n<h1>" + title + "</h1>\n";
  for (const Block& block : document.blocks) {
    switch (block.kind) {
      case Block::Kind::kHeading:
        out += "<h2>" + HtmlText(block.text) + "</h2>\n";
        break;
      case Block::Kind::kText:
        out += "<p>" + HtmlText(block.text) + "</p>\n";
        break;
      case Block::Kind::kList:
        out += "<ul>\n";
        for (const std::string& item : block.items) out += "<li>" + HtmlText(item) + "</li>\n";
        out += "</ul>\n";
        break;
      case Block::Kind::kTable:
        AppendHtmlTable(block, out);
        break;
      case Block::Kind::kOpen:
        out += "<p><em>To be written.</em></p>\n";
        break;
    }
  }
  return out + "</body>\n</html>\n";
}

}  // namespace quell::postmortem
