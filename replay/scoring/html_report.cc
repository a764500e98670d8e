#include "replay/scoring/html_report.h"

#include <algorithm>

#include "replay/scoring/comparison.h"
#include "replay/scoring/html_assets.h"
#include "replay/scoring/html_budgets.h"
#include "replay/scoring/html_case.h"
#include "replay/scoring/html_tables.h"
#include "replay/scoring/html_text.h"
#include "replay/scoring/html_timeline.h"
#include "replay/scoring/output_json.h"
#include "replay/scoring/static_rules_report.h"
#include "replay/scoring/words.h"

namespace quell::replay {
namespace {

constexpr size_t kOpenAtOnceMax = 3;
constexpr size_t kIncidentsShownMax = 300;
constexpr size_t kFalsePagesShownMax = 100;
constexpr size_t kLabelsShownMax = 20;

std::string Head(const ReplayResult& result) {
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"" +
         ReportSecurityPolicy() +
         "\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
         "<meta name=\"color-scheme\" content=\"light dark\"><title>Quell replay, " +
         UtcDay(EvaluatedFrom(result)) + " to " + UtcDay(result.last) + "</title><style>" +
         std::string(ReportStyle()) + "</style></head>\n";
}

std::string Masthead(const ReplayResult& result) {
  const TimeMs from = EvaluatedFrom(result);
  std::string out = "<header><p class=\"brand\">Quell replay report</p><p class=\"soft\">" +
                    UtcMinute(from) + " to " + UtcMinute(result.last) + " UTC (" +
                    SpanWords(static_cast<double>(result.last - from) / kSecondMs) + ") &middot; " +
                    Grouped(result.series) + " series &middot; " + Grouped(result.samples) +
                    " samples &middot; " + Grouped(result.signals) + " signals";
  if (from > result.first) {
    out += " &middot; learnt from " + UtcMinute(result.first) + " on, not scored before " +
           UtcMinute(from);
  }
  return out + "</p></header>\n";
}

// Said where people look for incidents: what a record names and nothing carries was not judged.
std::string LabelNotes(const LabelCheck& check) {
  std::string out;
  const auto list = [&](const std::string& words, const std::vector<std::string>& items) {
    if (items.empty()) return;
    out += "<p class=\"soft\">" + words;
    for (size_t i = 0; i < std::min(items.size(), kLabelsShownMax); ++i) {
      out += ' ' + Element("code", "chip", items[i]);
    }
    if (items.size() > kLabelsShownMax) {
      out += " and " + std::to_string(items.size() - kLabelsShownMax) + " more in report.json";
    }
    out += "</p>";
  };
  std::vector<std::string> strangers;
  for (const LabelCheck::Stranger& stranger : check.strangers) {
    strangers.push_back(stranger.name + "=" + stranger.value);
  }
  list("No signal's labels match these incidents, so no page could count for them:",
       check.unmatchable);
  list("Incidents name these labels, which no signal carries:", strangers);
  return out;
}

std::string IncidentSection(const CaseBook& book, const Report& report, const LabelCheck& labels,
                            size_t given) {
  std::string out =
      "<section id=\"incidents\"><div class=\"head\"><h2>Incidents</h2><p class=\"tools\" hidden>"
      "<button type=\"button\" data-fold=\"open\">open all</button><button type=\"button\" "
      "data-fold=\"close\">close all</button></p></div>";
  if (given > report.incidents.size()) {
    out += Element("p", "soft",
                   std::to_string(given - report.incidents.size()) +
                       " of the given incidents ended before the scored span and are left out.");
  }
  out += LabelNotes(labels);
  if (report.incidents.empty()) {
    return out + "<p class=\"soft\">No labelled incident lies in the scored span.</p></section>\n";
  }
  size_t opened = 0;
  size_t shown = 0;
  for (size_t n = 0; n < report.incidents.size() && shown < kIncidentsShownMax; ++n, ++shown) {
    const bool open = (n == 0 || !report.incidents[n].caught) && opened < kOpenAtOnceMax;
    opened += open ? 1 : 0;
    out += book.IncidentCase(n, open) + '\n';
  }
  if (shown < report.incidents.size()) {
    out +=
        Element("p", "soft",
                "and " + std::to_string(report.incidents.size() - shown) + " more in report.json");
  }
  return out + "</section>\n";
}

std::string FalsePageSection(const CaseBook& book, const Report& report) {
  std::string cases;
  size_t all = 0;
  for (size_t n = 0; n < report.pages.size(); ++n) {
    if (report.pages[n].verdict != PageVerdict::kFalse) continue;
    if (++all > kFalsePagesShownMax) continue;
    cases += book.FalsePageCase(n, all == 1) + '\n';
  }
  if (all > kFalsePagesShownMax) {
    cases += Element("p", "soft",
                     "and " + std::to_string(all - kFalsePagesShownMax) + " more in report.json");
  }
  return "<section id=\"false-pages\"><h2>False pages</h2>" +
         (all == 0 ? "<p class=\"soft\">None: every page was about a labelled incident.</p>"
                   : cases) +
         "</section>\n";
}

std::string Method() {
  return "<section class=\"method\"><h2>How this is counted</h2><p>A page is <b>true</b> when one "
         "of its alerts shares a label with an incident and contradicts none of its labels, and "
         "the page was sent between a minute before the incident's start and 15 minutes after its "
         "end. Later pages of an incident that is caught already are <b>duplicates</b>; they count "
         "neither for nor against precision, but they cost. Every other page is <b>false</b>. "
         "Precision is true pages of true and false pages; recall is incidents caught. Intervals "
         "are Wilson's, 95 %. Time to detect runs from the labelled start to the first true page. "
         "Grouping is scored over the alerts that are about exactly one incident: an alert's group "
         "is its page, an alert outside all pages stands alone. A detector alone pages whenever it "
         "fires, firings within 10 minutes that share a label taken together.</p></section>\n";
}

}  // namespace

std::string HtmlReport(const ReplayResult& result, const Report& report, size_t incidents_given) {
  const CaseBook book(result, report);
  return Head(result) + "<body><main>\n" + Masthead(result) + VerdictSentence(result, report) +
         ScoreCards(result, report) + "<section id=\"timeline\"><h2>Timeline</h2>" +
         TimelineFigure(result, report) + "</section>\n" + BudgetSection(report) +
         ComparisonSection(report) + StaticRulesSection(report) + KindSection(report) +
         DetectorSection(report) + IncidentSection(book, report, result.labels, incidents_given) +
         FalsePageSection(book, report) + Method() + "</main><script>" +
         std::string(ReportScript()) + "</script></body></html>\n";
}

}  // namespace quell::replay
