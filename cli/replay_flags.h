// What `replay` and the verbs beside it ask for: a history, what really happened, a configuration.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "core/result.h"
#include "replay/runner/replay.h"
#include "replay/scoring/scoring.h"

namespace quell::cli {

struct ReplayFlags {
  std::string config, incidents, changes, evaluate_from, from, to, out;
  std::vector<std::string> inputs;
  std::uint64_t samples_max = replay::ReplayOptions{}.samples_max;
  bool quiet = false;
};

// Adds the flags to `verb`, but --out; `flags` must outlive it.
void AddReplayFlags(CLI::App& verb, ReplayFlags& flags);

// The weights of the cost: what a missed incident, a false page, ... is worth.
void AddCostFlags(CLI::App& verb, replay::ScoringOptions& scoring);

struct ReplayInputs {
  replay::ReplayOptions options;
  std::vector<replay::LabelledIncident> incidents;
};
// Reads the files that the flags name. Errors name the flag or the file.
Result<ReplayInputs> ReadReplayInputs(const ReplayFlags& flags);

// A bar on stderr; null where the flags say --quiet.
replay::ProgressCall ReplayProgress(const ReplayFlags& flags);

}  // namespace quell::cli
