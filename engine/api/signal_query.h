// What is asked about signals over HTTP, and what is answered: plain data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/matcher.h"
#include "engine/export/point_history.h"
#include "engine/pipeline/standing.h"

namespace quell::api {

// Absent members ask for everything, in the order in which signals were found.
struct SignalQuery {
  size_t offset = 0, limit = 100;
  std::optional<std::uint64_t> id;  // that one alone
  std::vector<std::string> words;   // lower case; each is somewhere in name, meaning or labels
  std::string state;                // "live", ...; "alerting"; "insufficient": reports, not judged
  std::vector<Matcher> filters;     // on an alert's labels, "alertname" included
  bool by_urgency = false;          // alerting ones first, then the oddest
};

// One line of GET /api/v1/signals.
struct SignalRow {
  std::uint64_t id = 0;  // the fingerprint of its alerts' labels
  pipeline::Standing standing;
  std::string name, kind, what, unit, state, reason;
  Labels labels;
  TimeMs last_seen = 0;
  bool alerting = false;
  double value = 0, expected = 0, band_low = 0, band_high = 0, tail_probability = 1;
};

struct SignalPage {
  std::vector<SignalRow> rows;
  size_t total = 0;  // that fit the query
  // Over all signals, whatever the query.
  std::vector<std::pair<std::string, size_t>> counts;
};

struct SignalPoints {
  DurationMs step_ms = 0;
  double threshold = 0;  // the tail probability below which it may alert
  std::vector<exports::TimedPoint> points;
};

}  // namespace quell::api
