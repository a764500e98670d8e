#include "replay/bounds/strict.h"

#include <algorithm>
#include <map>

namespace quell::replay {
namespace {

double Ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

}  // namespace

int StrictScores::Caught() const {
  return static_cast<int>(std::count_if(incidents.begin(), incidents.end(),
                                        [](const StrictOutcome& one) { return one.caught; }));
}
double StrictScores::Recall() const {
  return Ratio(Caught(), static_cast<double>(incidents.size()));
}
double StrictScores::Precision() const { return Ratio(Caught(), Caught() + false_pages); }
double StrictScores::F1() const {
  return Ratio(2 * Precision() * Recall(), Precision() + Recall());
}
double StrictScores::FalsePerWeek() const { return Ratio(false_pages, weeks); }
double StrictScores::OnePageShare() const {
  return Ratio(
      static_cast<double>(std::count_if(incidents.begin(), incidents.end(),
                                        [](const StrictOutcome& one) { return one.one_page; })),
      static_cast<double>(incidents.size()));
}
double StrictScores::PagesPerIncident() const {
  double pages = 0;
  for (const StrictOutcome& one : incidents) pages += one.caught ? one.pages : 0;
  return Ratio(pages, Caught());
}

StrictScores ScoreStrictly(const ReplayResult& result,
                           const std::vector<LabelledIncident>& incidents) {
  ScoringOptions options;
  options.start_slack_ms = 0;  // the simulator's starts are exact
  const Report report = Score(result, incidents, options);
  StrictScores scores;
  scores.false_pages = report.all.false_pages;
  scores.weeks = static_cast<double>(result.last - std::max(result.first, result.evaluate_from)) /
                 static_cast<double>(kWeekMs);
  std::map<std::string, TimeMs> starts;
  for (const PageOutcome& page : report.pages) starts[page.page_id] = page.start;
  std::map<std::string, int> about;  // incidents, by page
  for (const IncidentOutcome& outcome : report.incidents) {
    for (const std::string& page : outcome.page_ids) ++about[page];
  }
  for (const IncidentOutcome& outcome : report.incidents) {
    StrictOutcome strict;
    strict.incident = outcome.incident;
    strict.pages = static_cast<int>(outcome.page_ids.size());
    TimeMs first = 0;
    for (const std::string& page : outcome.page_ids) {
      const TimeMs start = starts[page];
      if (start > outcome.incident.end) continue;
      first = strict.caught ? std::min(first, start) : start;
      strict.caught = true;
    }
    strict.seconds =
        strict.caught ? static_cast<double>(first - outcome.incident.start) / kSecondMs : 0;
    strict.one_page = strict.caught && strict.pages == 1 && about[outcome.page_ids[0]] == 1;
    scores.incidents.push_back(std::move(strict));
  }
  return scores;
}

void Join(const StrictScores& more, StrictScores& into) {
  into.incidents.insert(into.incidents.end(), more.incidents.begin(), more.incidents.end());
  into.false_pages += more.false_pages;
  into.weeks += more.weeks;
}

}  // namespace quell::replay
