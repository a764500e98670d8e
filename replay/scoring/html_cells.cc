#include "replay/scoring/html_cells.h"

#include "replay/scoring/html_text.h"
#include "replay/scoring/words.h"

namespace quell::replay {

std::string ShareOrDash(double share, int of) { return of > 0 ? Percent(share) : kDash; }

std::string SpanOrDash(double seconds, int of) { return of > 0 ? SpanWords(seconds) : kDash; }

std::string NumberCell(const std::string& text, double key) {
  return "<td class=\"n\" data-v=\"" + Fixed(key, 6) + "\">" + EscapeHtml(text) + "</td>";
}

std::string ShareCell(double share, int of) {
  return "<td class=\"n\" data-v=\"" + Fixed(of > 0 ? share : -1, 6) + "\">" +
         EscapeHtml(ShareOrDash(share, of)) +
         (of > 0 ? "<div class=\"share\" aria-hidden=\"true\"><i style=\"width:" +
                       Pixel(share * 100) + "%\"></i></div>"
                 : "") +
         "</td>";
}

std::string TableHead(const std::vector<Column>& columns) {
  std::string out = "<div class=\"wide\"><table class=\"sortable\"><thead><tr>";
  for (size_t i = 0; i < columns.size(); ++i) {
    out += std::string("<th") + (i > 0 ? " class=\"n\"" : "") + " title=\"" + columns[i].second +
           "\">" + columns[i].first + "</th>";
  }
  return out + "</tr></thead><tbody>";
}

}  // namespace quell::replay
