#include "replay/runner/budgets.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <iterator>
#include <optional>
#include <string>
#include <thread>

#include "replay/runner/recorder.h"

namespace quell::replay {
namespace {

Result<BudgetPages> RunOne(const History& history, const ReplayOptions& options,
                           pipeline::PipelineOptions setting, const History::StretchCall& stretch) {
  setting.workers = 1;  // the cores are taken by the other settings
  Recorder recorder({}, Recorder::What::kPages);
  QUELL_ASSIGN(const auto pipeline, pipeline::Pipeline::Create(setting, &recorder));
  recorder.Watch(pipeline.get());
  for (const incidents::Change& change : options.changes) pipeline->AddChange(change);
  ReplayResult result;
  result.evaluate_from = options.evaluate_from;
  QUELL_TRY(history.Feed(*pipeline, setting, result, [&](double done) {
    pipeline->TakeEffects();  // nobody reads them; they would only pile up
    stretch(done);
  }));
  recorder.Finish(result);
  return BudgetPages{setting.false_pages_per_week, result.raw_firings, std::move(result.pages),
                     std::move(result.alerts)};
}

// Works the settings off, several threads at once; results stand by place, whoever made them.
class SettingRuns {
 public:
  SettingRuns(const History& history, const ReplayOptions& options,
              std::span<const pipeline::PipelineOptions> settings)
      : history_(history), options_(options), settings_(settings), outcomes_(settings.size()) {}

  void Work(const History::StretchCall& stretch) {
    for (size_t i = next_++; i < settings_.size(); i = next_++) {
      outcomes_[i].emplace(RunOne(history_, options_, settings_[i], stretch));
      ++finished_;
    }
  }
  [[nodiscard]] double Done(double of_this) const {
    return std::min(1.0, (static_cast<double>(finished_) + of_this) /
                             static_cast<double>(std::max<size_t>(1, settings_.size())));
  }
  std::vector<std::optional<Result<BudgetPages>>>& outcomes() { return outcomes_; }

 private:
  const History& history_;
  const ReplayOptions& options_;
  std::span<const pipeline::PipelineOptions> settings_;
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

Result<std::vector<BudgetPages>> RunSettings(const History& history, const ReplayOptions& options,
                                             std::span<const pipeline::PipelineOptions> settings,
                                             const std::string& stage,
                                             const ProgressCall& progress) {
  std::vector<BudgetPages> out;
  if (settings.empty()) return out;
  SettingRuns runs(history, options, settings);
  const size_t helpers =
      std::min<size_t>(std::max(1U, std::thread::hardware_concurrency()), settings.size()) - 1;
  std::vector<std::thread> threads;
  threads.reserve(helpers);
  for (size_t i = 0; i < helpers; ++i) {
    threads.emplace_back([&runs] { runs.Work([](double) {}); });
  }
  std::uint64_t stretches = 0;
  runs.Work([&](double of_this) {
    if (++stretches % 64 == 0 && progress && of_this >= 0) progress(stage, runs.Done(of_this));
  });
  for (std::thread& thread : threads) thread.join();
  for (std::optional<Result<BudgetPages>>& outcome : runs.outcomes()) {
    if (!outcome->ok()) return outcome->error();
    out.push_back(**std::move(outcome));
  }
  if (progress) progress(stage, 1);
  return out;
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

  std::vector<pipeline::PipelineOptions> settings(wanted.size(), options.pipeline);
  for (size_t i = 0; i < wanted.size(); ++i) settings[i].false_pages_per_week = wanted[i];
  QUELL_ASSIGN(std::vector<BudgetPages> others,
               RunSettings(history, options, settings, "budgets", progress));
  std::move(others.begin(), others.end(), std::back_inserter(out));
  std::sort(out.begin(), out.end(),
            [](const BudgetPages& a, const BudgetPages& b) { return a.budget < b.budget; });
  return out;
}

}  // namespace quell::replay
