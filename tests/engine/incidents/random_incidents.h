// Generated streams of overlapping incidents with a known truth, and groupings of them.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "engine/incidents/incident_engine.h"

namespace quell::incidents {

struct Stream {
  std::vector<Labels> population;
  std::vector<Alert> alerts;     // by id; starts_at and ends_at known
  std::map<AlertId, int> truth;  // which incident caused it
  int incidents = 0;
};

// PSP outages over all regions or in one, region outages, services with and without a cascade,
// single lanes, queues. `gap_minutes`: mean time between beginnings; incidents last 10 to 40
// minutes, so that with 12 about two overlap at any moment.
Stream MakeStream(std::uint64_t seed, int incidents, double gap_minutes);

using Grouping = std::map<AlertId, std::int64_t>;
Grouping GroupByEngine(const Stream& stream, const IncidentOptions& options);
// Alertmanager: equal value of one label, while any member fires or within five minutes.
Grouping GroupByLabel(const Stream& stream, const char* label);
// A group ends when nothing has begun for `gap_ms`.
Grouping GroupByTimeGap(const Stream& stream, DurationMs gap_ms);

struct PairScore {
  double precision = 0, recall = 0, f1 = 0;
};
PairScore Pairwise(const Stream& stream, const Grouping& grouping);

}  // namespace quell::incidents
