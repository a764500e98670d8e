// Drift over a history: which signals' input is distributed otherwise on the last day than in the
// week before (detectors/drift.h), and how often that was so on earlier days.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "detectors/drift.h"
#include "engine/pipeline/drifts.h"
#include "replay/runner/replay.h"

namespace quell::replay {

struct DriftOfSignal {
  std::string name;  // with its labels
  detectors::DriftVerdict verdict;
};

struct DriftOutcome {
  std::vector<DriftOfSignal> signals;  // with a verdict; by advice, then index, the largest first
  size_t learning = 0;                 // signals without one
  size_t left_out = 0;                 // beyond those that are watched ...
  std::string first_left_out;          // ... and which was the first of them
  pipeline::DriftCounters counters;    // over all days
};

// Budgets of `options` are not used.
Result<DriftOutcome> RunDrift(const ReplayOptions& options, const ProgressCall& progress);
// A table for the terminal; at most `rows` signals.
std::string FormatDrift(const DriftOutcome& outcome, size_t rows);

}  // namespace quell::replay
