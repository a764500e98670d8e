// The clairvoyant bound: how soon an incident could have been seen by somebody who knows beforehand
// which signals it moves, in which direction, by how much and along which course, but not when.
//
// For each incident the log likelihood ratio of "changed" against "as the baseline expects" is
// summed over its signals, and over each of them alone (whichever is first), into a CUSUM (Page
// 1954; Lorden 1971: none is faster at the same rate of false alarms). Counts are binomial or
// Poisson divided by their measured overdispersion; gauges are normal in the logarithm. What a
// signal does in the incident is measured in hindsight, and a signal takes part if that exceeds
// four times the deviation of its calm stretches of the same length.
//
// The threshold is the one that gives `false_per_week` alarms in the calm stretch, but at least
// log(steps a false alarm may take). A detector of many incidents at once, as a platform needs it,
// or one that must not take look-alikes for them, could only be slower. Pure; O(signals x steps).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "replay/bounds/trace.h"
#include "replay/scoring/incident_history.h"

namespace quell::replay {

struct KnownChange {
  LabelledIncident incident;
  DurationMs rise_ms = 0;  // from nothing to its full size, in a straight line
  double on_share = 1;     // of the time that it is on, beginning with its start; (0, 1]
};

struct Sighting {
  size_t signals = 0;  // that it moves; 0 = nothing to be seen in the points
  bool seen = false;   // before its end
  TimeMs at = 0;
};

// Where noise and false alarms are measured: baselines have been learned and nothing goes on. What
// is an incident's in it, or its aftermath, is left out.
struct CalmStretch {
  TimeMs from = 0, to = 0;
};

// One for each change, in order.
std::vector<Sighting> ClairvoyantSightings(const Traces& traces,
                                           std::span<const KnownChange> changes,
                                           const CalmStretch& stretch, double false_per_week);

}  // namespace quell::replay
