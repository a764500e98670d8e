// quell tune: settings searched on the earlier part of a history, held against the later part.
#include "replay/runner/tune.h"

#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/replay_flags.h"
#include "core/file.h"
#include "engine/config/config.h"
#include "engine/config/set_value.h"
#include "replay/scoring/words.h"

namespace quell::cli {
namespace {

constexpr int kRefused = 3;

struct Flags {
  ReplayFlags history;
  replay::TuneOptions tune;
};

// The configuration given, with the chosen settings and, above it, what speaks for them.
Result<std::string> Candidate(const Flags& flags, const replay::TuneOutcome& outcome) {
  std::string text;
  if (!flags.history.config.empty()) {
    QUELL_ASSIGN(text, ReadFile(flags.history.config));
  }
  const replay::TuneSettings& now = outcome.trials.front().settings;
  const replay::TuneSettings& chosen = outcome.trials[outcome.chosen].settings;
  if (chosen.false_pages_per_week != now.false_pages_per_week) {
    QUELL_ASSIGN(text, config::SetValue(text, "", "false_pages_per_week",
                                        replay::ShortNumber(chosen.false_pages_per_week)));
  }
  if (chosen.join_window_ms != now.join_window_ms) {
    QUELL_ASSIGN(text, config::SetValue(text, "incidents", "join_window",
                                        FormatDuration(chosen.join_window_ms)));
  }
  if (chosen.hold_ms != now.hold_ms) {
    QUELL_ASSIGN(text, config::SetValue(text, "incidents", "hold", FormatDuration(chosen.hold_ms)));
  }
  text = "# A candidate of quell tune; its evidence:\n" + replay::FormatTune(outcome, "#   ") +
         "\n" + text;
  QUELL_ASSIGN(const config::Config made, config::ParseConfig(text, flags.history.out));
  const auto& options = made.pipeline;
  const replay::TuneSettings written{options.false_pages_per_week, options.incidents.join_window_ms,
                                     options.incidents.hold_ms};
  if (written == chosen) return text;
  return MakeError(ErrorCode::kUnsupported, "the settings could not be written into " +
                                                flags.history.config +
                                                "; set by hand what is printed above");
}

Result<bool> Tune(Flags& flags) {
  QUELL_ASSIGN(ReplayInputs inputs, ReadReplayInputs(flags.history));
  flags.tune.replay = std::move(inputs.options);
  QUELL_ASSIGN(const replay::TuneOutcome outcome,
               replay::RunTune(flags.tune, inputs.incidents, ReplayProgress(flags.history)));
  std::fputs(replay::FormatTune(outcome, "").c_str(), stdout);
  if (!outcome.holds) {
    std::puts("tune: refused, nothing was written");
    return false;
  }
  QUELL_ASSIGN(const std::string text, Candidate(flags, outcome));
  QUELL_TRY(WriteFileAtomic(flags.history.out, text));
  std::printf("tune: written %s\n", flags.history.out.c_str());
  return true;
}

}  // namespace

void AddTune(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<Flags>();
  CLI::App* verb = app.add_subcommand(
      "tune",
      "Search page budget, join window and hold on the earlier part of a history, hold the best\n"
      "against the later part, and write a candidate configuration if its gain holds up there.\n\n"
      "Exit codes: 0 written, 3 refused (no gain, or it does not hold up), 1 failed (too few\n"
      "incidents among the reasons), 2 wrong command line.");
  AddReplayFlags(*verb, flags->history);
  AddCostFlags(*verb, flags->tune.scoring);
  verb->add_option("--training", flags->tune.training_share,
                   "share of the scored span that is searched on")
      ->check(CLI::Range(0.1, 0.9))
      ->capture_default_str();
  verb->add_option("--out,-o", flags->history.out, "the candidate configuration to write")
      ->type_name("FILE")
      ->required();
  verb->get_option("--incidents")->required();
  verb->callback([flags, &exit_code] {
    const Result<bool> written = Tune(*flags);
    exit_code = !written.ok() ? Fail(written.error()) : *written ? 0 : kRefused;
  });
}

}  // namespace quell::cli
