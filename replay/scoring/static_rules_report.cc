#include "replay/scoring/static_rules_report.h"

#include <algorithm>

#include "replay/scoring/html_cells.h"
#include "replay/scoring/html_text.h"
#include "replay/scoring/words.h"

namespace quell::replay {
namespace {

constexpr size_t kNameWidth = 34;
constexpr size_t kRowsShownMax = 20;

// Those that cost most come first; the order of the files decides between equals.
std::vector<const StaticRule*> ByPages(const StaticRules& given) {
  std::vector<const StaticRule*> out;
  for (const StaticRule& rule : given.rules) out.push_back(&rule);
  std::stable_sort(out.begin(), out.end(), [](const StaticRule* a, const StaticRule* b) {
    return a->pages != b->pages ? a->pages > b->pages : a->alerts > b->alerts;
  });
  return out;
}

int Duplicates(const StaticRule& rule) { return rule.pages - rule.true_pages - rule.false_pages; }

std::string Plain(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return text;
}

std::string Right(const std::string& text, size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

std::string Row(const std::string& name, const std::vector<std::string>& cells) {
  std::string out = "  " + Plain(name.substr(0, kNameWidth));
  out += std::string(kNameWidth + 2 - std::min(kNameWidth + 2, out.size()), ' ');
  for (const std::string& cell : cells) out += Right(cell, 11);
  return out + '\n';
}

}  // namespace

std::string StaticRulesText(const Report& report) {
  if (!report.static_rules) return "";
  const StaticRules& given = *report.static_rules;
  std::string out = '\n' + Row("static rule", {"alerts", "pages", "true", "duplicate", "false"});
  const auto rules = ByPages(given);
  for (size_t i = 0; i < std::min(rules.size(), kRowsShownMax); ++i) {
    const StaticRule& rule = *rules[i];
    out += Row(rule.name, {std::to_string(rule.alerts), std::to_string(rule.pages),
                           std::to_string(rule.true_pages), std::to_string(Duplicates(rule)),
                           std::to_string(rule.false_pages)});
  }
  if (rules.size() > kRowsShownMax) {
    out += "  and " + std::to_string(rules.size() - kRowsShownMax) + " more\n";
  }
  for (const std::string& note : given.notes) out += "  static rules: " + Plain(note) + '\n';
  return out;
}

std::string StaticRulesSection(const Report& report) {
  if (!report.static_rules) return "";
  const StaticRules& given = *report.static_rules;
  std::string out =
      "<section id=\"static-rules\"><h2>Static rules</h2><p class=\"soft\">The alerting rules of";
  for (const std::string& file : given.files) out += ' ' + Element("code", "", file);
  out +=
      ", evaluated by a Prometheus that holds the history, and grouped into pages as "
      "Alertmanager does.</p>" +
      TableHead({{"rule", "and where it stands"},
                 {"alerts", "that fired"},
                 {"pages", "that its alert opened"},
                 {"true", "first page of an incident"},
                 {"duplicate", "further page of an incident"},
                 {"false", "about no incident"}});
  for (const StaticRule* rule : ByPages(given)) {
    out += "<tr><th>" + EscapeHtml(rule->name) + ' ' + Element("span", "soft", rule->place) +
           "</th>" + NumberCell(std::to_string(rule->alerts), rule->alerts) +
           NumberCell(std::to_string(rule->pages), rule->pages) +
           NumberCell(std::to_string(rule->true_pages), rule->true_pages) +
           NumberCell(std::to_string(Duplicates(*rule)), Duplicates(*rule)) +
           NumberCell(std::to_string(rule->false_pages), rule->false_pages) + "</tr>";
  }
  out += "</tbody></table></div>";
  for (const std::string& note : given.notes) out += Element("p", "soft", note);
  return out + "</section>\n";
}

}  // namespace quell::replay
