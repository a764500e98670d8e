#include "replay/scoring/comparison.h"

#include <algorithm>

#include "replay/scoring/html_cells.h"
#include "replay/scoring/html_text.h"
#include "replay/scoring/words.h"

namespace quell::replay {
namespace {

constexpr size_t kDifferencesShownMax = 20;

struct Line {
  std::string name;
  std::vector<std::string> cells;  // this, then the others
};
using Others = std::vector<const Compared*>;

Others OthersOf(const Report& report) {
  Others out;
  if (report.compared) out.push_back(&*report.compared);
  if (report.static_rules) out.push_back(&report.static_rules->scored);
  return out;
}

std::string ShareText(double share, int of) { return of > 0 ? Percent(share) : "-"; }

std::vector<Line> Lines(const Scores& here, const Others& others) {
  std::vector<Line> out;
  const auto add = [&](const std::string& name, const auto& text) {
    Line line{name, {text(here)}};
    for (const Compared* other : others) line.cells.push_back(text(other->all));
    out.push_back(std::move(line));
  };
  add("recall", [](const Scores& s) { return ShareText(s.recall, s.incidents); });
  add("precision",
      [](const Scores& s) { return ShareText(s.precision, s.true_pages + s.false_pages); });
  add("F1", [](const Scores& s) { return Fixed(s.f1, 3); });
  add("pages", [](const Scores& s) { return std::to_string(s.pages); });
  add("false pages per week", [](const Scores& s) { return Fixed(s.false_pages_per_week, 2); });
  add("pages per incident", [](const Scores& s) { return Fixed(s.pages_per_incident, 2); });
  add("median time to detect", [](const Scores& s) {
    return s.caught > 0 ? SpanWords(s.detect_median_seconds) : std::string("-");
  });
  add("p90 time to detect", [](const Scores& s) {
    return s.caught > 0 ? SpanWords(s.detect_p90_seconds) : std::string("-");
  });
  add("grouping F1", [](const Scores& s) { return Fixed(s.pairwise_f1, 3); });
  add("cost", [](const Scores& s) { return Fixed(s.cost, 1); });
  return out;
}

// Incidents that only one of them caught; both lists stand in the same order.
std::vector<std::string> OnlyCaught(const std::vector<IncidentOutcome>& by,
                                    const std::vector<IncidentOutcome>& not_by) {
  std::vector<std::string> out;
  for (size_t i = 0; i < std::min(by.size(), not_by.size()); ++i) {
    if (by[i].caught && !not_by[i].caught) out.push_back(by[i].incident.id);
  }
  return out;
}

std::string Plain(const std::string& text, size_t most) {
  std::string out = text.substr(0, most);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return out;
}

std::string Padded(const std::string& text, size_t width, bool right) {
  const std::string space(width - std::min(width, text.size()), ' ');
  return right ? space + text : text + space;
}

std::string ListText(const std::string& words, const std::vector<std::string>& ids) {
  if (ids.empty()) return "";
  std::string out = "  " + words;
  for (size_t i = 0; i < std::min(ids.size(), kDifferencesShownMax); ++i) {
    out += ' ' + Plain(ids[i], 40);
  }
  if (ids.size() > kDifferencesShownMax) {
    out += " and " + std::to_string(ids.size() - kDifferencesShownMax) + " more";
  }
  return out + '\n';
}

std::string ListHtml(const std::string& words, const std::vector<std::string>& ids) {
  if (ids.empty()) return "";
  std::string out = "<p class=\"soft\">" + words;
  for (size_t i = 0; i < std::min(ids.size(), kDifferencesShownMax); ++i) {
    out += ' ' + Element("code", "chip", ids[i]);
  }
  if (ids.size() > kDifferencesShownMax) {
    out += " and " + std::to_string(ids.size() - kDifferencesShownMax) + " more";
  }
  return out + "</p>";
}

}  // namespace

Compared CompareWith(const std::string& name, const ReplayResult& other,
                     const std::vector<LabelledIncident>& incidents,
                     const ScoringOptions& options) {
  Report scored = Score(other, incidents, options);
  return {name, scored.all, std::move(scored.by_kind), std::move(scored.incidents)};
}

std::string ComparisonText(const Report& report) {
  const Others others = OthersOf(report);
  if (others.empty()) return "";
  std::string out = "\n  " + Padded("side by side", 24, false) + Padded("this", 14, true);
  std::vector<size_t> widths = {14};
  for (const Compared* other : others) {
    const std::string name = Plain(other->name, 40);
    widths.push_back(std::max<size_t>(14, name.size() + 2));
    out += Padded(name, widths.back(), true);
  }
  out += '\n';
  for (const Line& line : Lines(report.all, others)) {
    out += "  " + Padded(line.name, 24, false);
    for (size_t i = 0; i < line.cells.size(); ++i) out += Padded(line.cells[i], widths[i], true);
    out += '\n';
  }
  for (const Compared* other : others) {
    const std::string name = Plain(other->name, 40);
    const std::string beside = others.size() > 1 ? ", not by " + name + ":" : " alone:";
    out += ListText("caught by this" + beside, OnlyCaught(report.incidents, other->incidents));
    const std::string back = others.size() > 1 ? ", not by this:" : " alone:";
    out += ListText("caught by " + name + back, OnlyCaught(other->incidents, report.incidents));
  }
  return out;
}

std::string ComparisonSection(const Report& report) {
  const Others others = OthersOf(report);
  if (others.empty()) return "";
  std::string out =
      "<section id=\"compared\"><h2>Side by side</h2><p class=\"soft\">The same history under ";
  if (report.compared) {
    out += "another configuration, " + Element("code", "", report.compared->name) +
           (report.static_rules ? ", and under " : "");
  }
  if (report.static_rules) out += "static rules evaluated by a Prometheus";
  out +=
      "; the rest of this report is about this one.</p><div class=\"wide\"><table><thead><tr>"
      "<th></th><th class=\"n\">this</th>";
  for (const Compared* other : others) out += Element("th", "n", other->name);
  out += "</tr></thead><tbody>";
  const auto row = [&](const Line& line) {
    out += "<tr>" + Element("th", "", line.name);
    for (const std::string& cell : line.cells) out += Element("td", "n", cell);
    out += "</tr>";
  };
  for (const Line& line : Lines(report.all, others)) row(line);
  for (const auto& [kind, scores] : report.by_kind) {
    Line line{"recall of " + kind, {ShareOrDash(scores.recall, scores.incidents)}};
    for (const Compared* other : others) {
      const auto there = other->by_kind.find(kind);
      line.cells.push_back(there == other->by_kind.end()
                               ? kDash
                               : ShareOrDash(there->second.recall, there->second.incidents));
    }
    row(line);
  }
  out += "</tbody></table></div>";
  for (const Compared* other : others) {
    const std::string words = others.size() > 1
                                  ? "Caught by this, not by " + EscapeHtml(other->name) + ":"
                                  : "Caught by this alone:";
    out += ListHtml(words, OnlyCaught(report.incidents, other->incidents));
    const std::string back = others.size() > 1
                                 ? "Caught by " + EscapeHtml(other->name) + ", not by this:"
                                 : "Caught by the other alone:";
    out += ListHtml(back, OnlyCaught(other->incidents, report.incidents));
  }
  return out + "</section>\n";
}

}  // namespace quell::replay
