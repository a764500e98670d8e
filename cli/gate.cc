// quell gate: a replay's scores against bounds, as an exit code.
#include "replay/scoring/gate.h"

#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/replay_flags.h"
#include "core/clock.h"

namespace quell::cli {
namespace {

constexpr int kNotPassed = 3;

struct Flags {
  ReplayFlags history;
  replay::GateBounds bounds;
};

Result<bool> Gate(const Flags& flags) {
  QUELL_ASSIGN(const ReplayInputs inputs, ReadReplayInputs(flags.history));
  SystemClock clock;
  QUELL_ASSIGN(
      const replay::ReplayResult result,
      replay::RunReplay(inputs.options, inputs.incidents, clock, ReplayProgress(flags.history)));
  const replay::Report report = replay::Score(result, inputs.incidents, {});
  if (!flags.history.out.empty()) {
    QUELL_TRY(replay::WriteOutputs(result, report, inputs.incidents, flags.history.out));
  }
  QUELL_ASSIGN(const replay::GateVerdict verdict, replay::JudgeGate(report.all, flags.bounds));
  std::fputs(replay::FormatReport(result, report).c_str(), stdout);
  std::printf("\n%s", replay::FormatGate(verdict).c_str());
  return verdict.Passed();
}

}  // namespace

void AddGate(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<Flags>();
  CLI::App* verb = app.add_subcommand(
      "gate",
      "Replay a history and hold the scores against bounds, for CI.\n\n"
      "Exit codes: 0 every bound holds, 3 some bound does not, 1 failed (nothing was judged: an\n"
      "input cannot be read, or no incident lies in the scored span), 2 wrong command line.");
  AddReplayFlags(*verb, flags->history);
  replay::GateBounds& bounds = flags->bounds;
  auto* which = verb->add_option_group("bounds", "at least one; met exactly, a bound holds");
  which->add_option("--min-recall", bounds.min_recall, "share of incidents that are paged")
      ->check(CLI::Range(0.0, 1.0));
  which->add_option("--min-precision", bounds.min_precision, "true of true and false pages")
      ->check(CLI::Range(0.0, 1.0));
  which->add_option("--max-false-per-week", bounds.max_false_per_week, "false pages a week")
      ->check(CLI::NonNegativeNumber);
  which
      ->add_option("--max-pages-per-incident", bounds.max_pages_per_incident,
                   "over the incidents that were caught")
      ->check(CLI::NonNegativeNumber);
  which
      ->add_option("--max-detect-seconds", bounds.max_detect_median_seconds,
                   "median time to detect")
      ->check(CLI::NonNegativeNumber);
  which->require_option(1, 0);
  verb->add_option("--out,-o", flags->history.out, "folder for replay's outputs; none without")
      ->type_name("DIR");
  verb->get_option("--incidents")->required();
  verb->callback([flags, &exit_code] {
    const Result<bool> passed = Gate(*flags);
    exit_code = !passed.ok() ? Fail(passed.error()) : *passed ? 0 : kNotPassed;
  });
}

}  // namespace quell::cli
