// Tune: few settings, searched on the earlier part of a scored history, held against the later.
//
// Searched one after the other, each at the best of those before: the page budget, the incidents'
// join window, their hold. Lateness is not among them: in a recorded history nothing comes late,
// so the shortest would always seem best. The measure is the cost of the training part; what is
// configured keeps its place where nothing costs less. The later part has no say in the choice.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "replay/runner/replay.h"
#include "replay/scoring/scoring.h"

namespace quell::replay {

struct TuneOptions {
  ReplayOptions replay;  // its budgets are not used
  ScoringOptions scoring;
  double training_share = 0.6;  // of the scored span; 0.1 to 0.9
  int incidents_min = 5;        // in each part; with fewer, nothing can be told apart
};

struct TuneSettings {
  double false_pages_per_week = 0;
  DurationMs join_window_ms = 0, hold_ms = 0;
  bool operator==(const TuneSettings&) const = default;
};

struct TuneTrial {
  TuneSettings settings;
  Scores training, validation;
};

struct TuneOutcome {
  TimeMs from = 0, split = 0, to = 0;
  std::vector<TuneTrial> trials;  // in order; the first is what is configured
  size_t chosen = 0;              // its index: of the least cost in training
  bool holds = false;             // may it be taken?
  std::string why;                // in words
};

// kInvalidArgument where there are too few incidents in a part.
Result<TuneOutcome> RunTune(const TuneOptions& options, std::span<const LabelledIncident> incidents,
                            const ProgressCall& progress);
// May trial `chosen` be taken? Its cost must be lower and its recall no lower in validation, too.
void JudgeTune(TuneOutcome& outcome);
// A table for the terminal; each line stands after `prefix`.
std::string FormatTune(const TuneOutcome& outcome, const std::string& prefix);

}  // namespace quell::replay
