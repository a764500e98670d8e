#include "replay/runner/budgets.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <optional>
#include <string>
#include <thread>

#include "replay/runner/recorder.h"

namespace quell::replay {
namespace {

Result<BudgetPages> RunOne(const History& history, const ReplayOptions& options, double budget,
                           const History::StretchCall& stretch) {
  pipeline::PipelineOptions at_budget = options.pipeline;
  at_budget.false_pages_per_week = budget;
  at_budget.workers = 1;  // the cores are taken by the other budgets
  Recorder recorder({}, Recorder::What::kPages);
  QUELL_ASSIGN(const auto pipeline, pipeline::Pipeline::Create(at_budget, &recorder));
  recorder.Watch(pipeline.get());
  for (const incidents::Change& change : options.changes) pipeline->AddChange(change);
  ReplayResult result;
  result.evaluate_from = options.evaluate_from;
  QUELL_TRY(history.Feed(*pipeline, at_budget, result, [&](double done) {
    pipeline->TakeEffects();  // nobody reads them; they would only pile up
    stretch(done);
  }));
  recorder.Finish(result);
  return BudgetPages{budget, result.raw_firings, std::move(result.pages), std::move(result.alerts)};
}

// Works the budgets off, several threads at once; results stand by place, whoever made them.
class BudgetRuns {
 public:
  BudgetRuns(const History& history, const ReplayOptions& options, std::vector<double> budgets)
      : history_(history),
        options_(options),
        budgets_(std::move(budgets)),
        outcomes_(budgets_.size()) {}

  void Work(const History::StretchCall& stretch) {
    for (size_t i = next_++; i < budgets_.size(); i = next_++) {
      outcomes_[i].emplace(RunOne(history_, options_, budgets_[i], stretch));
      ++finished_;
    }
  }
  [[nodiscard]] double Done(double of_this) const {
    return std::min(1.0, (static_cast<double>(finished_) + of_this) /
                             static_cast<double>(std::max<size_t>(1, budgets_.size())));
  }
  std::vector<std::optional<Result<BudgetPages>>>& outcomes() { return outcomes_; }

 private:
  const History& history_;
  const ReplayOptions& options_;
  std::vector<double> budgets_;
  std::vector<std::optional<Result<BudgetPages>>> outcomes_;
  std::atomic<size_t> next_{0};
  std::atomic<size_t> finished_{0};
};

}  // namespace

Status CheckBudgets(const std::vector<double>& budgets) {
  for (const double budget : budgets) {
    if (!(budget > 0) || !std::isfinite(budget)) {
      return MakeError(ErrorCode::kOutOfRange, "page budget " + std::to_string(budget) +
                                                   " is not above 0 false pages a week");
    }
  }
  return Ok{};
}

Result<std::vector<BudgetPages>> RunBudgets(const History& history, const ReplayOptions& options,
                                            const ReplayResult& done,
                                            const ProgressCall& progress) {
  QUELL_TRY(CheckBudgets(options.budgets));
  std::vector<double> wanted = options.budgets;
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  std::vector<BudgetPages> out;
  const auto configured =
      std::find(wanted.begin(), wanted.end(), options.pipeline.false_pages_per_week);
  if (configured != wanted.end()) {
    out.push_back({*configured, done.raw_firings, done.pages, done.alerts});
    wanted.erase(configured);
  }
  if (wanted.empty()) return out;

  BudgetRuns runs(history, options, wanted);
  const size_t helpers =
      std::min<size_t>(std::max(1U, std::thread::hardware_concurrency()), wanted.size()) - 1;
  std::vector<std::thread> threads;
  threads.reserve(helpers);
  for (size_t i = 0; i < helpers; ++i) {
    threads.emplace_back([&runs] { runs.Work([](double) {}); });
  }
  std::uint64_t stretches = 0;
  runs.Work([&](double of_this) {
    if (++stretches % 64 == 0 && progress && of_this >= 0) {
      progress("budgets", runs.Done(of_this));
    }
  });
  for (std::thread& thread : threads) thread.join();
  for (std::optional<Result<BudgetPages>>& outcome : runs.outcomes()) {
    if (!outcome->ok()) return outcome->error();
    out.push_back(**std::move(outcome));
  }
  std::sort(out.begin(), out.end(),
            [](const BudgetPages& a, const BudgetPages& b) { return a.budget < b.budget; });
  if (progress) progress("budgets", 1);
  return out;
}

}  // namespace quell::replay
