// Alert streams with ground truth, drawn from made-up platforms.
//
// A seed is a house: its label names, which labels its alerts carry, its names of alerts, services
// and who calls them, clusters, PSPs, sizes, how fast and how far trouble spreads. Incidents break
// a service, a database, a PSP, a queue, a node, a deploy everywhere or a whole cluster, and spread
// to callers over minutes; they overlap. Besides: alerts that fire day and night, flapping ones,
// and single ones that belong to nothing.
//
// What no stream has: incidents that people would argue about. An alert that fires already when a
// second incident reaches it stays the first one's, and a cluster is not out twice within an hour.
#pragma once

#include <cstdint>

#include "replay/streams/alert_stream.h"

namespace quell::streams {

struct StreamOptions {
  std::uint64_t seed = 1;
  TimeMs start = 1'772'409'600'000;  // 2026-03-02T00:00:00Z
  DurationMs duration_ms = 8 * kDayMs;
  DurationMs unscored_ms = 4 * kDayMs;  // of it
  // Alerts with onsets on the series and residuals, as Quell's own; otherwise as others send them.
  bool with_series = false;
};

AlertStream GenerateStream(const StreamOptions& options);

}  // namespace quell::streams
