// Static rules: what the user's alerting rules would have paged over a replay's history, scored as
// its own pages are. The user's Prometheus, which has that history, evaluates the expressions.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/matcher.h"
#include "core/result.h"
#include "ingest/prometheus_reader.h"
#include "replay/rules/notify.h"
#include "replay/rules/rules_file.h"
#include "replay/scoring/scoring.h"

namespace quell::replay {

struct StaticRulesOptions {
  std::vector<std::string> files;
  ingest::PrometheusAccess access;
  NotifyOptions notify;
  std::optional<Selector> pages_for;  // alerts that page; none = all
  ScoringOptions scoring;
};

// Reads the files and asks the server for one moment of every rule, long ago: what it refuses shows
// before a long replay. Errors name the rule and file:line. `clock` only waits before a retry.
Result<RuleBook> PrepareStaticRules(const StaticRulesOptions& options, Clock& clock);

// Over the span of `replayed`. kResourceExhausted above 100,000 alerts, or where the smallest
// window is too much for the server or for RangeQuery.
Result<StaticRules> RunStaticRules(const RuleBook& book, const StaticRulesOptions& options,
                                   const ReplayResult& replayed,
                                   const std::vector<LabelledIncident>& incidents, Clock& clock,
                                   const std::function<void(double done)>& progress);

}  // namespace quell::replay
