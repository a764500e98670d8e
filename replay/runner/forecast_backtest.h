// Backtest of forecasts: over a history, what was forecast of each volume and level against what
// came, beside two forecasters that anybody would think of first.
//
// naive   the latest mean goes on as it is
// linear  a least-squares line through the last hour goes on
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/result.h"
#include "replay/runner/replay.h"

namespace quell::replay {

inline constexpr std::array<int, 3> kBacktestMinutes = {15, 60, 240};

struct ForecastOptions {
  ReplayOptions replay;  // budgets are not used; forecasts made before evaluate_from only teach
  bool all = false;      // every volume and level, not only those with a limit
  size_t signals_max = 2000;
};

struct ForecastScore {
  std::uint64_t forecasts = 0;
  double coverage = 0;  // share that fell into the 80 % interval
  // The same of forecasts above the signal's mean so far: limits are met at the peak.
  double coverage_high = 0;
  // Median absolute errors, in the signal's mean absolute value.
  double error = 0, naive = 0, linear = 0;
};

struct ForecastOfSignal {
  std::string name;  // with its labels
  std::array<ForecastScore, kBacktestMinutes.size()> ahead;
};

struct ForecastOutcome {
  TimeMs from = 0, to = 0;
  std::vector<ForecastOfSignal> signals;  // by name; those of which anything was forecast
  // Over all forecasts of all signals.
  std::array<ForecastScore, kBacktestMinutes.size()> all;
  std::uint64_t left_out = 0;  // signals beyond signals_max
};

// kInvalidArgument where no signal has a limit.
Result<ForecastOutcome> RunForecast(const ForecastOptions& options, const ProgressCall& progress);
// A table for the terminal; at most `rows` signals, the least covered first.
std::string FormatForecast(const ForecastOutcome& outcome, size_t rows);

}  // namespace quell::replay
