#include "replay/scoring/comparison.h"

#include <algorithm>

#include "replay/scoring/html_cells.h"
#include "replay/scoring/html_text.h"
#include "replay/scoring/words.h"

namespace quell::replay {
namespace {

constexpr size_t kDifferencesShownMax = 20;

struct Line {
  std::string name, here, there;
};

std::string ShareText(double share, int of) { return of > 0 ? Percent(share) : "-"; }

std::vector<Line> Lines(const Scores& a, const Scores& b) {
  std::vector<Line> out;
  const auto add = [&](const std::string& name, const auto& text) {
    out.push_back({name, text(a), text(b)});
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
  if (!report.compared) return "";
  const Compared& other = *report.compared;
  const std::string name = Plain(other.name, 40);
  const size_t width = std::max<size_t>(14, name.size() + 2);
  std::string out = "\n  " + Padded("side by side", 24, false) + Padded("this", 14, true) +
                    Padded(name, width, true) + '\n';
  for (const Line& line : Lines(report.all, other.all)) {
    out += "  " + Padded(line.name, 24, false) + Padded(line.here, 14, true) +
           Padded(line.there, width, true) + '\n';
  }
  return out + ListText("caught by this alone:", OnlyCaught(report.incidents, other.incidents)) +
         ListText("caught by " + name + " alone:", OnlyCaught(other.incidents, report.incidents));
}

std::string ComparisonSection(const Report& report) {
  if (!report.compared) return "";
  const Compared& other = *report.compared;
  std::string out =
      "<section id=\"compared\"><h2>Side by side</h2><p class=\"soft\">The same history under "
      "another configuration, " +
      Element("code", "", other.name) +
      "; the rest of this report is about this one.</p><div class=\"wide\"><table><thead><tr>"
      "<th></th><th class=\"n\">this</th>" +
      Element("th", "n", other.name) + "</tr></thead><tbody>";
  const auto rows = [&](const std::string& of, const std::vector<Line>& lines) {
    for (const Line& line : lines) {
      out += "<tr>" + Element("th", "", of + line.name) + Element("td", "n", line.here) +
             Element("td", "n", line.there) + "</tr>";
    }
  };
  rows("", Lines(report.all, other.all));
  for (const auto& [kind, scores] : report.by_kind) {
    const auto there = other.by_kind.find(kind);
    if (there == other.by_kind.end()) continue;
    rows("recall of ", {{kind, ShareOrDash(scores.recall, scores.incidents),
                         ShareOrDash(there->second.recall, there->second.incidents)}});
  }
  return out + "</tbody></table></div>" +
         ListHtml("Caught by this alone:", OnlyCaught(report.incidents, other.incidents)) +
         ListHtml("Caught by the other alone:", OnlyCaught(other.incidents, report.incidents)) +
         "</section>\n";
}

}  // namespace quell::replay
