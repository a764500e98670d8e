// The files for programs: pages.json, alerts.json, decisions.jsonl and report.json, as texts.
//
// Formats: docs/formats/replay_outputs.md. The same result gives the same bytes: keys keep their
// order, numbers are finite and shortest-exact, and nothing of the wall clock goes in.
#pragma once

#include <string>

#include "replay/scoring/result.h"
#include "replay/scoring/scoring.h"

namespace quell::replay {

// Pages of the evaluated span, by start, then id.
std::string PagesJson(const ReplayResult& result);
// Every alert, one a line.
std::string AlertsJson(const ReplayResult& result);
std::string DecisionsJsonl(const ReplayResult& result);
std::string ReportJson(const ReplayResult& result, const Report& report);

// "true", "duplicate", "false".
std::string_view PageVerdictName(PageVerdict verdict);
// From where on pages are scored: the later of the data's beginning and evaluate_from.
TimeMs EvaluatedFrom(const ReplayResult& result);

}  // namespace quell::replay
