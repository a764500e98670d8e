// quell forecast: how good forecasts would have been over a history.
#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/replay_flags.h"
#include "replay/runner/forecast_backtest.h"

namespace quell::cli {
namespace {

struct Flags {
  ReplayFlags history;
  replay::ForecastOptions forecast;
  size_t rows = 20;
};

Status Forecast(Flags& flags) {
  QUELL_ASSIGN(ReplayInputs inputs, ReadReplayInputs(flags.history));
  flags.forecast.replay = std::move(inputs.options);
  QUELL_ASSIGN(const replay::ForecastOutcome outcome,
               replay::RunForecast(flags.forecast, ReplayProgress(flags.history)));
  std::fputs(replay::FormatForecast(outcome, flags.rows).c_str(), stdout);
  return Ok{};
}

}  // namespace

void AddForecast(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<Flags>();
  CLI::App* verb = app.add_subcommand(
      "forecast",
      "Forecast the signals that have a limit over a history, and say how it went: how many "
      "values\n"
      "fell into the 80 % interval, and the errors beside two simple forecasters.\n\n"
      "Exit codes: 0 done, 1 failed (no signal has a limit among the reasons), 2 wrong command "
      "line.");
  AddReplayFlags(*verb, flags->history);
  verb->add_flag("--all", flags->forecast.all, "every volume and level, whether it has a limit");
  verb->add_option("--signals-max", flags->forecast.signals_max, "most signals forecast")
      ->capture_default_str();
  verb->add_option("--rows", flags->rows, "signals shown, the least covered first")
      ->capture_default_str();
  verb->callback([flags, &exit_code] {
    const Status done = Forecast(*flags);
    exit_code = done.ok() ? 0 : Fail(done.error());
  });
}

}  // namespace quell::cli
