// Discovery: which signals a series belongs to, by Prometheus naming conventions alone.
//
// A pure function of the series' labels, so that ingest can filter and a replay finds the same:
//   counter `*_total` (or `*_count`) with an outcome label -> failure ratio and volume
//   counter `*_total` without one                          -> volume
//   `*_bucket` histogram of seconds, or a native one       -> latency
//   service-graph counters of tracing      -> failure ratio and volume by client and server
//   native histogram with an outcome label                 -> as its `*_count`, besides
//   other names                                            -> gauge, by name and unit
// Runtime noise (go_*, process_*, scrape_*, ...) and constants (_info, _created) are left out.
#pragma once

#include <cstdint>
#include <vector>

#include "core/labels.h"
#include "engine/signals/definition.h"
#include "ingest/sample.h"

namespace quell::signals {

// What a series contributes to a signal; bits, since a failed request is also a request.
enum Role : std::uint8_t {
  kRoleBad = 1,
  kRoleTotal = 2,
  kRoleBucket = 4,
  kRoleVolume = 8,
  kRoleGauge = 16,
};

struct DiscoveredSignal {
  SignalDef def;  // name, kind, policy, words; selectors are not set
  std::uint8_t role = 0;
  Labels group;  // the labels that the signal is grouped by
};

// Empty where nothing of the series is worth judging.
std::vector<DiscoveredSignal> Discover(const Labels& series,
                                       ingest::SeriesType type = ingest::SeriesType::kFloat);

// Whether Discover() finds anything, at less cost.
bool Discovers(const Labels& series, ingest::SeriesType type = ingest::SeriesType::kFloat);

}  // namespace quell::signals
