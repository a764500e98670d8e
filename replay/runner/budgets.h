// Page budgets: the same history once more for each, for the trade between recall and false pages.
//
// A whole pipeline runs at each budget: what it alerts on freezes baselines and teaches routines,
// so verdicts of one budget are not those of another. The history is read once.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "replay/runner/history.h"
#include "replay/runner/replay.h"
#include "replay/scoring/result.h"

namespace quell::replay {

// kOutOfRange where a budget is not above 0 (or not finite).
Status CheckBudgets(const std::vector<double>& budgets);

// Pages of `history` under each of `settings`, in their order. A thread a core; the same result for
// any number of them.
Result<std::vector<BudgetPages>> RunSettings(const History& history, const ReplayOptions& options,
                                             std::span<const pipeline::PipelineOptions> settings,
                                             const std::string& stage,
                                             const ProgressCall& progress);

// Pages at every one of `options.budgets`, by budget, each once; `done` is the replay at the
// configured one, taken as it is where that is asked for.
Result<std::vector<BudgetPages>> RunBudgets(const History& history, const ReplayOptions& options,
                                            const ReplayResult& done, const ProgressCall& progress);

}  // namespace quell::replay
