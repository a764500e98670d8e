// quell replay: the serving pipeline over a history, scored against incident records.
#include "replay/runner/replay.h"

#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/replay_flags.h"
#include "cli/static_rules_flags.h"
#include "core/clock.h"
#include "engine/config/config.h"
#include "replay/scoring/comparison.h"
#include "replay/scoring/scoring.h"

namespace quell::cli {
namespace {

struct Flags {
  ReplayFlags history;
  replay::ScoringOptions scoring;
  std::vector<double> budgets = {0.5, 1, 2, 5, 10};
  bool no_budgets = false;
  std::string compare;
  StaticRulesFlags static_rules;
};

// The inputs are read again: another configuration may use other series of them.
Result<replay::Compared> CompareTo(const Flags& flags, const ReplayInputs& inputs, Clock& clock) {
  QUELL_ASSIGN(const config::Config other, config::LoadConfig(flags.compare));
  replay::ReplayOptions options = inputs.options;
  options.pipeline = other.pipeline;
  options.budgets.clear();
  QUELL_ASSIGN(const replay::ReplayResult result,
               replay::RunReplay(options, inputs.incidents, clock, ReplayProgress(flags.history)));
  return replay::CompareWith(flags.compare, result, inputs.incidents, flags.scoring);
}

Status AddStaticRules(const Flags& flags, const replay::RuleBook& book,
                      const replay::StaticRulesOptions& options, const ReplayInputs& inputs,
                      const replay::ReplayResult& result, Clock& clock, replay::Report& report) {
  if (options.files.empty()) return Ok{};
  const replay::ProgressCall bar = ReplayProgress(flags.history);
  QUELL_ASSIGN(report.static_rules, replay::RunStaticRules(book, options, result, inputs.incidents,
                                                           clock, [&](double done) {
                                                             if (bar) bar("rules", done);
                                                           }));
  return Ok{};
}

Status Replay(const Flags& flags) {
  if (!flags.compare.empty()) QUELL_TRY(config::LoadConfig(flags.compare));  // before the long part

  QUELL_ASSIGN(ReplayInputs inputs, ReadReplayInputs(flags.history));
  if (!flags.no_budgets) inputs.options.budgets = flags.budgets;
  SystemClock clock;
  QUELL_ASSIGN(replay::StaticRulesOptions rules, StaticRulesOptionsOf(flags.static_rules));
  rules.scoring = flags.scoring;
  replay::RuleBook book;
  if (!rules.files.empty()) {
    QUELL_ASSIGN(book, replay::PrepareStaticRules(rules, clock));
  }
  QUELL_ASSIGN(
      const replay::ReplayResult result,
      replay::RunReplay(inputs.options, inputs.incidents, clock, ReplayProgress(flags.history)));
  replay::Report report = replay::Score(result, inputs.incidents, flags.scoring);
  if (!flags.compare.empty()) {
    QUELL_ASSIGN(report.compared, CompareTo(flags, inputs, clock));
  }
  // A server that fails on the way costs its column, not the report.
  const Status ruled = AddStaticRules(flags, book, rules, inputs, result, clock, report);
  const std::string& out = flags.history.out;
  QUELL_TRY(replay::WriteOutputs(result, report, inputs.incidents, out));
  std::fputs(replay::FormatReport(result, report).c_str(), stdout);
  std::printf("\nWritten: %s/report.html, report.json, pages.json, alerts.json, decisions.jsonl\n",
              out.c_str());
  return ruled;
}

}  // namespace

void AddReplay(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<Flags>();
  CLI::App* verb = app.add_subcommand(
      "replay",
      "Run the serving pipeline over a history and score its pages against incident records.\n\n"
      "Inputs may be unsorted between series and files. Without --config signals are discovered\n"
      "as 'serve' does. Writes pages.json, alerts.json, decisions.jsonl, report.json and a\n"
      "self-contained report.html.");
  AddReplayFlags(*verb, flags->history);
  AddCostFlags(*verb, flags->scoring);
  verb->add_option("--out,-o", flags->history.out, "folder for the results, made if absent")
      ->type_name("DIR")
      ->required();
  verb->add_option("--budgets", flags->budgets,
                   "page budgets (false pages a week) to compare, each one more run over the\n"
                   "history in memory")
      ->type_name("N,...")
      ->delimiter(',')
      ->capture_default_str();
  verb->add_option("--compare", flags->compare,
                   "another configuration, replayed over the same history: both side by side")
      ->type_name("FILE");
  AddStaticRulesFlags(*verb, flags->static_rules);
  verb->add_flag("--no-budgets", flags->no_budgets, "only the configured page budget: faster");
  verb->callback([flags, &exit_code] {
    const Status done = Replay(*flags);
    exit_code = done.ok() ? 0 : Fail(done.error());
  });
}

}  // namespace quell::cli
