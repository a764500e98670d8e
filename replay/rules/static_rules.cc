#include "replay/rules/static_rules.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "ingest/window_size.h"
#include "replay/rules/range_query.h"

namespace quell::replay {
namespace {

struct Fired {
  std::vector<FiredAlert> alerts;
  std::uint64_t failed = 0;  // evaluations
  std::string failed_rules;
  size_t filtered = 0;  // that page nobody, of the scored span
  bool any = false;
};

std::string Where(const AlertingRule& rule) { return rule.name + " at " + rule.place; }

// Every evaluation of one rule, on the grid of epoch time.
Status Follow(const AlertingRule& rule, TimeMs first, TimeMs last, RangeQuery& query,
              AlertStates& states) {
  const DurationMs step = rule.interval;
  const DurationMs most = (RangeQuery::kPointsMax - 1) * step;
  ingest::WindowSize window(most, step, most);
  last = last / step * step;
  for (TimeMs at = (first + step - 1) / step * step; at <= last;) {
    const TimeMs end = std::min(last, at + window.get() / step * step);
    auto batch = query.Fetch(rule.expr, at - rule.offset, end - rule.offset, step);
    if (!batch.ok()) {
      const bool too_much = batch.error().code == ErrorCode::kResourceExhausted;
      if (too_much && window.Halve(end - at)) continue;
      return batch.error();
    }
    for (ingest::Sample& sample : batch->samples) sample.time += rule.offset;
    QUELL_TRY(states.Feed(*batch, at, end));
    window.Succeeded(true);
    at = end + step;
  }
  return Ok{};
}

Result<Fired> FollowAll(const RuleBook& book, const StaticRulesOptions& options,
                        const ReplayResult& replayed, Clock& clock,
                        const std::function<void(double done)>& progress) {
  RangeQuery query(options.access, clock);
  Fired out;
  for (size_t i = 0; i < book.alerting.size(); ++i) {
    const AlertingRule& rule = book.alerting[i];
    AlertStates states(rule, i);
    const Status followed = Follow(rule, replayed.first, replayed.last, query, states);
    if (!followed.ok()) return WithContext(followed.error(), Where(rule));
    for (const FiredAlert& alert : states.fired()) {
      const bool pages = !options.pages_for || options.pages_for->Matches(alert.labels);
      if (pages) out.alerts.push_back(alert);
      if (!pages && alert.start >= replayed.evaluate_from) ++out.filtered;
      out.any = true;
    }
    if (states.failed() > 0) {
      out.failed += states.failed();
      out.failed_rules += (out.failed_rules.empty() ? "" : ", ") + rule.name;
    }
    if (out.alerts.size() > AlertStates::kFiredMax) {
      return MakeError(ErrorCode::kResourceExhausted,
                       Where(rule) + ": with it the rules fire more than " +
                           std::to_string(AlertStates::kFiredMax) + " alerts, which is the most");
    }
    if (progress) progress(static_cast<double>(i + 1) / static_cast<double>(book.alerting.size()));
  }
  std::sort(out.alerts.begin(), out.alerts.end(), [](const FiredAlert& a, const FiredAlert& b) {
    return std::tie(a.start, a.labels, a.rule) < std::tie(b.start, b.labels, b.rule);
  });
  return out;
}

// As the scorer takes it.
ReplayResult ResultOf(const RuleBook& book, const Fired& fired,
                      const std::vector<AlertGroup>& groups, const ReplayResult& replayed) {
  ReplayResult out;
  out.first = replayed.first;
  out.last = replayed.last;
  out.evaluate_from = replayed.evaluate_from;
  for (const FiredAlert& alert : fired.alerts) {
    ReplayAlert& to = out.alerts.emplace_back();
    to.id = out.alerts.size();
    to.labels = alert.labels;
    to.signal = book.alerting[alert.rule].name;
    to.severity = alert.labels.Get("severity");
    to.onset = to.start = alert.start;
    to.end = alert.end;
    to.value = alert.value;
    if (alert.start >= replayed.evaluate_from) ++out.raw_firings;
  }
  for (const AlertGroup& group : groups) {
    ReplayPage& page = out.pages.emplace_back();
    page.id = group.labels.ToString() + ' ' + FormatRfc3339(group.start);
    page.start = group.start;
    page.end = group.end;
    for (const size_t alert : group.alerts) page.members.push_back(out.alerts[alert]);
  }
  return out;
}

// Alerts of the scored span that share no label name with any incident: they can match none.
size_t CountUnmatchable(const ReplayResult& result,
                        const std::vector<LabelledIncident>& incidents) {
  std::set<std::string> names;
  for (const LabelledIncident& incident : incidents) {
    if (incident.affected.empty()) return 0;
    for (const Labels& match : incident.affected) {
      if (match.empty()) return 0;
      for (const Label& label : match) names.insert(label.name);
    }
  }
  if (names.empty()) return 0;
  return static_cast<size_t>(
      std::count_if(result.alerts.begin(), result.alerts.end(), [&](const ReplayAlert& alert) {
        return alert.start >= result.evaluate_from &&
               std::none_of(alert.labels.begin(), alert.labels.end(),
                            [&](const Label& label) { return names.contains(label.name); });
      }));
}

std::vector<std::string> Notes(const RuleBook& book, const StaticRulesOptions& options,
                               const Fired& fired, size_t unmatchable) {
  std::vector<std::string> out;
  const auto note = [&](size_t count, const std::string& words) {
    if (count > 0) out.push_back(std::to_string(count) + ' ' + words);
  };
  note(static_cast<size_t>(book.recording),
       "recording rules left out; what they recorded is the Prometheus' to know");
  note(static_cast<size_t>(book.limited), "groups have a limit, which is not followed");
  note(static_cast<size_t>(std::count_if(
           book.alerting.begin(), book.alerting.end(),
           [](const AlertingRule& rule) {
             return std::any_of(rule.labels.begin(), rule.labels.end(), [](const Label& label) {
               return label.value.find("{{") != std::string::npos;
             });
           })),
       "rules have templates in their labels, which are not expanded");
  note(fired.failed, "evaluations gave two alerts of equal labels and failed, as in Prometheus: " +
                         fired.failed_rules);
  note(fired.filtered, "alerts do not match " +
                           (options.pages_for ? options.pages_for->ToString() : std::string()) +
                           " and page nobody");
  note(unmatchable, "alerts have no label that an incident names, so they can match none");
  if (!fired.any) {
    out.push_back("no rule fired at all; is this history in " +
                  ingest::WithoutUserInfo(options.access.url) + "?");
  }
  return out;
}

}  // namespace

Result<RuleBook> PrepareStaticRules(const StaticRulesOptions& options, Clock& clock) {
  QUELL_ASSIGN(RuleBook book, ReadRules(options.files));
  RangeQuery query(options.access, clock);
  for (const AlertingRule& rule : book.alerting) {
    const auto asked = query.Fetch(rule.expr, 0, 0, rule.interval);
    if (!asked.ok()) return WithContext(asked.error(), Where(rule));
  }
  return book;
}

Result<StaticRules> RunStaticRules(const RuleBook& book, const StaticRulesOptions& options,
                                   const ReplayResult& replayed,
                                   const std::vector<LabelledIncident>& incidents, Clock& clock,
                                   const std::function<void(double done)>& progress) {
  QUELL_ASSIGN(const Fired fired, FollowAll(book, options, replayed, clock, progress));
  const std::vector<AlertGroup> groups = GroupAlerts(fired.alerts, options.notify, replayed.last);
  const ReplayResult result = ResultOf(book, fired, groups, replayed);
  Report report = Score(result, incidents, options.scoring);

  StaticRules out;
  out.files = options.files;
  out.scored = {"static rules", report.all, std::move(report.by_kind), std::move(report.incidents)};
  for (const AlertingRule& rule : book.alerting) out.rules.push_back({rule.name, rule.place});
  for (const FiredAlert& alert : fired.alerts) {
    if (alert.start >= replayed.evaluate_from) ++out.rules[alert.rule].alerts;
  }
  std::map<std::string, const PageOutcome*> outcomes;
  for (const PageOutcome& outcome : report.pages) outcomes.emplace(outcome.page_id, &outcome);
  for (size_t i = 0; i < groups.size(); ++i) {
    const ReplayPage& page = result.pages[i];
    const auto outcome = outcomes.find(page.id);
    if (outcome == outcomes.end()) continue;  // before the scored span
    StaticRule& rule = out.rules[fired.alerts[groups[i].alerts.front()].rule];
    const PageVerdict verdict = outcome->second->verdict;
    ++rule.pages;
    rule.true_pages += verdict == PageVerdict::kTrue ? 1 : 0;
    rule.false_pages += verdict == PageVerdict::kFalse ? 1 : 0;
    out.pages.push_back({*outcome->second, rule.name, page.end});
  }
  out.notes = Notes(book, options, fired, CountUnmatchable(result, incidents));
  return out;
}

}  // namespace quell::replay
