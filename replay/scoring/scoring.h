// Scoring: pages against labelled incidents, at event level.
//
// A page is true when a member shares labels with an incident without contradicting it, and the
// page begins between the incident's start (60 s slack) and its end + 15 min. Further true pages
// of the same incident are duplicates, not false. The rest is false. No point adjustment.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "replay/scoring/incident_history.h"
#include "replay/scoring/result.h"

namespace quell::replay {

struct ScoringOptions {
  DurationMs start_slack_ms = 60 * kSecondMs;
  DurationMs end_slack_ms = 15 * kMinuteMs;
  double cost_missed = 50, cost_false_page = 1, cost_duplicate = 0.5, cost_minute_late = 0.2;
};

// "Shares labels without contradicting": at least one label name in common with an equal value,
// and none in common with different values. An empty `affected` matches everything.
bool MatchesIncident(const Labels& labels, const LabelledIncident& incident);

struct Interval {
  double low = 0, high = 1;
};
Interval Wilson95(double successes, double trials);  // Wilson (1927), z = 1.96

struct Scores {
  int incidents = 0, caught = 0, missed = 0;
  int pages = 0, true_pages = 0, duplicate_pages = 0, false_pages = 0;
  int linked_pages = 0;  // further ones of an incident that grew worse; judged with its first
  double precision = 0, recall = 0, f1 = 0;  // 0 where undefined, see *_interval
  Interval precision_interval, recall_interval;
  double detect_median_seconds = 0, detect_p90_seconds = 0;
  double pages_per_incident = 0;  // over caught incidents
  double false_pages_per_week = 0;
  double noise_reduction = 0;                       // raw firings per page
  double pairwise_f1 = 0, adjusted_rand_index = 0;  // of the grouping of alerts into pages
  int grouped_alerts = 0;                           // that are about exactly one incident
  int mixed_pages = 0;                              // about >= 2 labelled incidents
  double cost = 0;
};

struct IncidentOutcome {
  LabelledIncident incident;
  bool caught = false;
  TimeMs first_page = 0;
  std::vector<std::string> page_ids;
};
enum class PageVerdict { kTrue, kDuplicate, kFalse };
struct PageOutcome {
  std::string page_id;
  TimeMs start = 0;
  std::string summary;
  PageVerdict verdict = PageVerdict::kFalse;
  std::string incident_id;
  int linked = 0;
};

// The whole replay at one page budget.
struct BudgetScores {
  double budget = 0;        // false pages a week that were asked for
  bool configured = false;  // the one that the rest of the report is about
  Scores scores;
  std::vector<IncidentOutcome> incidents;  // those of the report, in its order
  std::vector<PageOutcome> pages;
};

// What another configuration did over the same history.
struct Compared {
  std::string name;
  Scores all;
  std::map<std::string, Scores> by_kind;
  std::vector<IncidentOutcome> incidents;  // those of the report, in its order
};

// One of the user's static alerting rules, in the scored span.
struct StaticRule {
  std::string name, place;                         // place: file:line
  int alerts = 0;                                  // that fired
  int pages = 0, true_pages = 0, false_pages = 0;  // that its alert opened; the rest: duplicates
};
struct StaticPage {
  PageOutcome outcome;
  std::string rule;
  TimeMs end = 0;  // 0 = open when the history ended
};
// What the user's static alerting rules would have paged over the same history.
struct StaticRules {
  std::vector<std::string> files;
  Compared scored;
  std::vector<StaticRule> rules;  // in the order of the files
  std::vector<StaticPage> pages;  // by start
  std::vector<std::string> notes;
};

struct Report {
  Scores all;
  std::map<std::string, Scores>
      by_kind;  // recall side only: precision counts the true pages of the kind
  std::map<std::string, Scores>
      by_detector;                    // ablation: each detector alone, grouped by time as pages
  std::vector<BudgetScores> budgets;  // by budget
  std::optional<Compared> compared;
  std::optional<StaticRules> static_rules;
  std::vector<IncidentOutcome> incidents;
  std::vector<PageOutcome> pages;
};

Report Score(const ReplayResult& result, const std::vector<LabelledIncident>& incidents,
             const ScoringOptions& options);

// pages.json, alerts.json, decisions.jsonl, report.json, report.html in `folder` (created).
Status WriteOutputs(const ReplayResult& result, const Report& report,
                    const std::vector<LabelledIncident>& incidents, const std::string& folder);
// The table for the terminal.
std::string FormatReport(const ReplayResult& result, const Report& report);

}  // namespace quell::replay
