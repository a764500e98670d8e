// quell drift: is what the signals are fed still what they were learned from?
#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/replay_flags.h"
#include "replay/runner/drift_report.h"

namespace quell::cli {
namespace {

struct Flags {
  ReplayFlags history;
  size_t rows = 40;
};

Status Drift(const Flags& flags) {
  QUELL_ASSIGN(const ReplayInputs inputs, ReadReplayInputs(flags.history));
  QUELL_ASSIGN(const replay::DriftOutcome outcome,
               replay::RunDrift(inputs.options, ReplayProgress(flags.history)));
  std::fputs(replay::FormatDrift(outcome, flags.rows).c_str(), stdout);
  return Ok{};
}

}  // namespace

void AddDrift(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<Flags>();
  CLI::App* verb = app.add_subcommand(
      "drift",
      "Hold the last day of a history against the week before, signal by signal and without its\n"
      "seasons: population stability index, the odds of it, and what to do (docs/drift.md).\n\n"
      "Exit codes: 0 done, 1 failed, 2 wrong command line.");
  AddReplayFlags(*verb, flags->history);
  verb->add_option("--rows", flags->rows, "signals shown, the most changed first")
      ->capture_default_str();
  verb->callback([flags, &exit_code] {
    const Status done = Drift(*flags);
    exit_code = done.ok() ? 0 : Fail(done.error());
  });
}

}  // namespace quell::cli
