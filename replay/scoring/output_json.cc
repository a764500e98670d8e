#include "replay/scoring/output_json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace quell::replay {
namespace {

using nlohmann::ordered_json;

double Finite(double value) { return std::isfinite(value) ? value : 0; }

// 0 is "not yet".
ordered_json TimeOrNull(TimeMs time) {
  return time == 0 ? ordered_json(nullptr) : ordered_json(FormatRfc3339(time));
}

ordered_json LabelsJson(const Labels& labels) {
  ordered_json out = ordered_json::object();
  for (const Label& label : labels) out[label.name] = label.value;
  return out;
}

std::string Dump(const ordered_json& value, int indent) {
  return value.dump(indent, ' ', false, ordered_json::error_handler_t::replace);
}

ordered_json AlertJson(const ReplayAlert& alert) {
  ordered_json out;
  out["labels"] = LabelsJson(alert.labels);
  out["signal"] = alert.signal;
  out["start"] = FormatRfc3339(alert.start);
  out["end"] = TimeOrNull(alert.end);
  out["notified"] = TimeOrNull(alert.notified);
  out["onset"] = TimeOrNull(alert.onset);
  out["id"] = alert.id;
  out["kind"] = alert.kind;
  out["severity"] = alert.severity;
  out["seen"] = Finite(alert.value);
  out["expected"] = Finite(alert.expected);
  out["expected_low"] = Finite(alert.band_low);
  out["expected_high"] = Finite(alert.band_high);
  out["k"] = Finite(alert.k);
  out["n"] = Finite(alert.n);
  out["tail_probability"] = Finite(alert.tail_probability);
  out["detectors"] = alert.detectors;
  out["reason"] = alert.reason;
  out["why_joined"] = alert.why_joined;
  return out;
}

ordered_json OriginsJson(const std::vector<PageOrigin>& origins) {
  ordered_json out = ordered_json::array();
  for (const PageOrigin& origin : origins) {
    ordered_json where = ordered_json::object();
    for (const Label& label : origin.where) where[label.name] = label.value;
    out.push_back(
        {{"where", std::move(where)},
         {"change", origin.change.empty() ? ordered_json(nullptr) : ordered_json(origin.change)},
         {"confidence", origin.confidence}});
  }
  return out;
}

ordered_json PageJson(const ReplayPage& page) {
  ordered_json out;
  out["id"] = page.id;
  out["start"] = FormatRfc3339(page.start);
  out["end"] = TimeOrNull(page.end);
  out["severity"] = page.severity;
  out["summary"] = page.summary;
  out["onset"] = TimeOrNull(page.onset);
  out["scope"] = page.scope;
  out["origins"] = OriginsJson(page.origins);
  out["evidence"] = page.evidence;
  out["changes"] = page.changes;
  ordered_json members = ordered_json::array();
  for (const ReplayAlert& member : page.members) members.push_back(AlertJson(member));
  out["members"] = std::move(members);
  ordered_json linked = ordered_json::array();
  for (const LinkedPage& further : page.linked) {
    linked.push_back({{"at", FormatRfc3339(further.at)}, {"because", further.because}});
  }
  out["linked"] = std::move(linked);
  return out;
}

ordered_json IntervalJson(const Interval& interval) {
  return ordered_json::array({Finite(interval.low), Finite(interval.high)});
}

ordered_json ScoresJson(const Scores& scores, bool whole) {
  ordered_json out;
  out["incidents"] = scores.incidents;
  out["caught"] = scores.caught;
  out["missed"] = scores.missed;
  out["pages"] = scores.pages;
  out["true_pages"] = scores.true_pages;
  out["duplicate_pages"] = scores.duplicate_pages;
  out["false_pages"] = scores.false_pages;
  out["linked_pages"] = scores.linked_pages;
  out["mixed_pages"] = scores.mixed_pages;
  out["precision"] = Finite(scores.precision);
  out["precision_interval"] = IntervalJson(scores.precision_interval);
  out["recall"] = Finite(scores.recall);
  out["recall_interval"] = IntervalJson(scores.recall_interval);
  out["f1"] = Finite(scores.f1);
  out["detect_median_seconds"] = Finite(scores.detect_median_seconds);
  out["detect_p90_seconds"] = Finite(scores.detect_p90_seconds);
  out["pages_per_incident"] = Finite(scores.pages_per_incident);
  if (whole) {
    out["false_pages_per_week"] = Finite(scores.false_pages_per_week);
    out["noise_reduction"] = Finite(scores.noise_reduction);
  }
  out["grouped_alerts"] = scores.grouped_alerts;
  out["pairwise_f1"] = Finite(scores.pairwise_f1);
  out["adjusted_rand_index"] = Finite(scores.adjusted_rand_index);
  out["cost"] = Finite(scores.cost);
  return out;
}

ordered_json LabelsCheckJson(const LabelCheck& check) {
  ordered_json strangers = ordered_json::array();
  for (const LabelCheck::Stranger& stranger : check.strangers) {
    ordered_json item;
    item["name"] = stranger.name;
    item["value"] = stranger.value;
    item["incidents"] = stranger.incidents;
    strangers.push_back(std::move(item));
  }
  ordered_json out;
  out["on_no_signal"] = std::move(strangers);
  out["incidents_without_signal"] = check.unmatchable;
  return out;
}

ordered_json DataJson(const ReplayResult& result) {
  ordered_json out;
  out["first"] = FormatRfc3339(result.first);
  out["last"] = FormatRfc3339(result.last);
  out["evaluated_from"] = FormatRfc3339(EvaluatedFrom(result));
  out["series"] = result.series;
  out["samples"] = result.samples;
  out["signals"] = result.signals;
  out["steps"] = result.steps;
  out["alerts"] = result.alerts.size();
  out["raw_firings"] = result.raw_firings;
  return out;
}

ordered_json IncidentJson(const IncidentOutcome& outcome) {
  ordered_json out;
  out["id"] = outcome.incident.id;
  out["kind"] = outcome.incident.kind.empty() ? "unlabelled" : outcome.incident.kind;
  out["start"] = FormatRfc3339(outcome.incident.start);
  out["end"] = FormatRfc3339(outcome.incident.end);
  out["caught"] = outcome.caught;
  out["first_page"] = TimeOrNull(outcome.first_page);
  const TimeMs late = std::max<TimeMs>(0, outcome.first_page - outcome.incident.start);
  out["detect_seconds"] =
      outcome.caught ? ordered_json(static_cast<double>(late) / kSecondMs) : ordered_json(nullptr);
  out["pages"] = outcome.page_ids;
  return out;
}

ordered_json IncidentsJson(const std::vector<IncidentOutcome>& outcomes) {
  ordered_json out = ordered_json::array();
  for (const IncidentOutcome& outcome : outcomes) out.push_back(IncidentJson(outcome));
  return out;
}

// `told`: with what pages.json has of the pages of the report itself.
ordered_json PageOutcomeJson(const PageOutcome& page, bool told) {
  ordered_json item;
  item["id"] = page.page_id;
  if (told) {
    item["start"] = FormatRfc3339(page.start);
    item["summary"] = page.summary;
  }
  item["verdict"] = PageVerdictName(page.verdict);
  item["incident"] =
      page.incident_id.empty() ? ordered_json(nullptr) : ordered_json(page.incident_id);
  return item;
}

ordered_json PageOutcomesJson(const std::vector<PageOutcome>& pages, bool told) {
  ordered_json out = ordered_json::array();
  for (const PageOutcome& page : pages) out.push_back(PageOutcomeJson(page, told));
  return out;
}

ordered_json BudgetsJson(const Report& report) {
  ordered_json out = ordered_json::array();
  for (const BudgetScores& at : report.budgets) {
    ordered_json item;
    item["budget"] = Finite(at.budget);
    item["configured"] = at.configured;
    item["scores"] = ScoresJson(at.scores, true);
    item["incidents"] = IncidentsJson(at.incidents);
    item["pages"] = PageOutcomesJson(at.pages, true);
    out.push_back(std::move(item));
  }
  return out;
}

void AddCompared(const Compared& other, ordered_json& out) {
  out["scores"] = ScoresJson(other.all, true);
  ordered_json kinds = ordered_json::object();
  for (const auto& [kind, scores] : other.by_kind) kinds[kind] = ScoresJson(scores, false);
  out["by_kind"] = std::move(kinds);
  out["incidents"] = IncidentsJson(other.incidents);
}

ordered_json StaticRulesJson(const StaticRules& given) {
  ordered_json out;
  out["files"] = given.files;
  AddCompared(given.scored, out);
  ordered_json rules = ordered_json::array();
  for (const StaticRule& rule : given.rules) {
    ordered_json item;
    item["name"] = rule.name;
    item["place"] = rule.place;
    item["alerts"] = rule.alerts;
    item["pages"] = rule.pages;
    item["true_pages"] = rule.true_pages;
    item["false_pages"] = rule.false_pages;
    rules.push_back(std::move(item));
  }
  out["rules"] = std::move(rules);
  ordered_json pages = ordered_json::array();
  for (const StaticPage& page : given.pages) {
    ordered_json item = PageOutcomeJson(page.outcome, false);
    item["rule"] = page.rule;
    item["start"] = FormatRfc3339(page.outcome.start);
    item["end"] = TimeOrNull(page.end);
    pages.push_back(std::move(item));
  }
  out["pages"] = std::move(pages);
  out["notes"] = given.notes;
  return out;
}

}  // namespace

std::string_view PageVerdictName(PageVerdict verdict) {
  switch (verdict) {
    case PageVerdict::kTrue:
      return "true";
    case PageVerdict::kDuplicate:
      return "duplicate";
    case PageVerdict::kFalse:
      return "false";
  }
  return "false";
}

TimeMs EvaluatedFrom(const ReplayResult& result) {
  return std::max(result.first, result.evaluate_from);
}

std::string PagesJson(const ReplayResult& result) {
  ordered_json pages = ordered_json::array();
  for (const ReplayPage& page : result.pages) {
    if (page.start >= result.evaluate_from) pages.push_back(PageJson(page));
  }
  ordered_json root;
  root["raw_firings"] = result.raw_firings;
  root["pages"] = std::move(pages);
  return Dump(root, 2) + '\n';
}

std::string AlertsJson(const ReplayResult& result) {
  std::string out = "{\"alerts\":[";
  for (size_t i = 0; i < result.alerts.size(); ++i) {
    ordered_json alert = AlertJson(result.alerts[i]);
    const std::string& page = result.alerts[i].incident_key;
    alert["incident"] = page.empty() ? ordered_json(nullptr) : ordered_json(page);
    out += (i == 0 ? "\n" : ",\n") + Dump(alert, -1);
  }
  return out + "\n]}\n";
}

std::string DecisionsJsonl(const ReplayResult& result) {
  std::string out;
  for (const std::string& decision : result.decisions) out += decision + '\n';
  return out;
}

std::string ReportJson(const ReplayResult& result, const Report& report) {
  ordered_json root;
  root["version"] = 1;
  root["data"] = DataJson(result);
  root["scores"] = ScoresJson(report.all, true);
  ordered_json kinds = ordered_json::object();
  for (const auto& [kind, scores] : report.by_kind) kinds[kind] = ScoresJson(scores, false);
  root["by_kind"] = std::move(kinds);
  ordered_json alone = ordered_json::object();
  for (const auto& [name, scores] : report.by_detector) alone[name] = ScoresJson(scores, true);
  root["by_detector"] = std::move(alone);
  if (!report.budgets.empty()) root["by_budget"] = BudgetsJson(report);
  if (!result.labels.strangers.empty() || !result.labels.unmatchable.empty()) {
    root["labels"] = LabelsCheckJson(result.labels);
  }
  if (report.compared) {
    root["compared"]["configuration"] = report.compared->name;
    AddCompared(*report.compared, root["compared"]);
  }
  if (report.static_rules) root["static_rules"] = StaticRulesJson(*report.static_rules);
  root["incidents"] = IncidentsJson(report.incidents);
  root["pages"] = PageOutcomesJson(report.pages, false);
  return Dump(root, 2) + '\n';
}

}  // namespace quell::replay
