#include "replay/runner/forecast_backtest.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <deque>
#include <map>
#include <span>

#include "detectors/forecast.h"
#include "replay/runner/history.h"
#include "replay/scoring/statistics.h"
#include "replay/scoring/words.h"

namespace quell::replay {
namespace {

using detectors::Forecaster;

constexpr size_t kAhead = kBacktestMinutes.size();
constexpr size_t kLineCells = 12;

std::int64_t CellsAhead(size_t i) {
  return kBacktestMinutes[i] * kMinuteMs / detectors::kForecastCellMs;
}

// Through the latest cells, as far ahead of the last.
double LinearAhead(const std::deque<std::pair<std::int64_t, double>>& cells, std::int64_t ahead) {
  double n = 0;
  double sx = 0;
  double sy = 0;
  double sxx = 0;
  double sxy = 0;
  for (const auto& [cell, mean] : cells) {
    const auto x = static_cast<double>(cell - cells.back().first);
    n += 1;
    sx += x;
    sy += mean;
    sxx += x * x;
    sxy += x * mean;
  }
  const double below = n * sxx - sx * sx;
  const double slope = below > 0 ? (n * sxy - sx * sy) / below : 0;
  return (sy - slope * sx) / n + slope * static_cast<double>(ahead);
}

struct Errors {
  std::uint64_t inside = 0, high = 0, inside_high = 0;
  std::vector<float> own, naive, linear;
};

ForecastScore ScoreOf(const Errors& errors, double size) {
  ForecastScore score;
  score.forecasts = errors.own.size();
  if (score.forecasts == 0) return score;
  score.coverage = static_cast<double>(errors.inside) / static_cast<double>(score.forecasts);
  score.coverage_high = static_cast<double>(errors.inside_high) /
                        static_cast<double>(std::max<std::uint64_t>(errors.high, 1));
  const auto median = [&](const std::vector<float>& values) {
    return InterpolatedQuantile({values.begin(), values.end()}, 0.5) / size;
  };
  score.error = median(errors.own);
  score.naive = median(errors.naive);
  score.linear = median(errors.linear);
  return score;
}

class Backtest final : public pipeline::PipelineObserver {
 public:
  explicit Backtest(const ForecastOptions& options) : options_(options) {}
  void Watch(pipeline::Pipeline* pipeline) { pipeline_ = pipeline; }

  void OnPoint(TimeMs step_end, const signals::SignalEngine::StepPoint& /*point*/,
               const detectors::Verdict& verdict) override {
    const signals::SignalDef& def = pipeline_->signals().Definition(verdict.slot);
    const bool fits =
        def.kind == detectors::SignalKind::kRate || def.kind == detectors::SignalKind::kGauge;
    if (!fits || (!options_.all && !def.limit.has_value())) return;
    auto found = watched_.find(verdict.slot);
    if (found == watched_.end()) {
      if (watched_.size() >= options_.signals_max) {
        if (verdict.slot >= refused_.size()) refused_.resize(verdict.slot + 1);
        refused_[verdict.slot] = true;
        return;
      }
      found = watched_.try_emplace(verdict.slot).first;
    }
    const auto season = [&](TimeMs at) {
      return pipeline_->bank().Expect(verdict.slot, at).expected;
    };
    Watched& watched = found->second;
    if (watched.forecaster.Observe(step_end, verdict.value, season)) Closed(watched, season);
  }
  void OnAlertFired(const incidents::Alert& /*alert*/) override {}
  void OnAlertCleared(const incidents::Alert& /*alert*/) override {}
  void OnIncident(const incidents::IncidentEvent& /*event*/) override {}

  void Finish(ForecastOutcome& outcome) const {
    std::array<Errors, kAhead> all;
    for (const auto& [slot, watched] : watched_) {
      if (watched.errors[0].own.empty()) continue;
      const double size = std::max(watched.size / static_cast<double>(watched.cells), 1e-30);
      ForecastOfSignal& signal = outcome.signals.emplace_back();
      signal.name = pipeline_->signals().Definition(slot).name;
      static const std::vector<std::string> kHidden = {"alertname"};
      const auto labels = pipeline_->signals().signals()[slot].labels.Without(kHidden).ToString();
      if (labels != "{}") signal.name += labels;
      for (size_t i = 0; i < kAhead; ++i) {
        signal.ahead[i] = ScoreOf(watched.errors[i], size);
        all[i].inside += watched.errors[i].inside;
        all[i].high += watched.errors[i].high;
        all[i].inside_high += watched.errors[i].inside_high;
        const auto add = [&](const std::vector<float>& from, std::vector<float>& to) {
          for (const float error : from) to.push_back(static_cast<float>(error / size));
        };
        add(watched.errors[i].own, all[i].own);
        add(watched.errors[i].naive, all[i].naive);
        add(watched.errors[i].linear, all[i].linear);
      }
    }
    for (size_t i = 0; i < kAhead; ++i) outcome.all[i] = ScoreOf(all[i], 1);
    std::sort(outcome.signals.begin(), outcome.signals.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    outcome.left_out =
        static_cast<std::uint64_t>(std::count(refused_.begin(), refused_.end(), true));
  }

 private:
  struct Pending {
    std::int64_t cell = 0;
    detectors::ForecastPoint own;
    double naive = 0, linear = 0;
  };
  struct Watched {
    Forecaster forecaster;
    std::deque<std::pair<std::int64_t, double>> latest;
    std::array<std::deque<Pending>, kAhead> pending;
    std::array<Errors, kAhead> errors;
    double size = 0;
    std::uint64_t cells = 0;
  };

  void Closed(Watched& watched, const detectors::SeasonCall& season) const {
    const TimeMs now = watched.forecaster.AsOf();
    const std::int64_t cell = now / detectors::kForecastCellMs - 1;
    const double mean = watched.forecaster.Latest();
    for (size_t i = 0; i < kAhead; ++i) {
      auto& pending = watched.pending[i];
      while (!pending.empty() && pending.front().cell < cell) pending.pop_front();
      if (pending.empty() || pending.front().cell != cell) continue;
      const Pending& due = pending.front();
      Errors& errors = watched.errors[i];
      const bool inside = mean >= due.own.low && mean <= due.own.high;
      const bool high = due.own.median * static_cast<double>(watched.cells) > watched.size;
      errors.inside += inside ? 1 : 0;
      errors.high += high ? 1 : 0;
      errors.inside_high += inside && high ? 1 : 0;
      errors.own.push_back(static_cast<float>(std::abs(mean - due.own.median)));
      errors.naive.push_back(static_cast<float>(std::abs(mean - due.naive)));
      errors.linear.push_back(static_cast<float>(std::abs(mean - due.linear)));
    }
    watched.latest.emplace_back(cell, mean);
    if (watched.latest.size() > kLineCells) watched.latest.pop_front();
    watched.size += std::abs(mean);
    ++watched.cells;
    if (now < options_.replay.evaluate_from || !watched.forecaster.Known()) return;
    const detectors::Outlook outlook = watched.forecaster.Look(season);
    for (size_t i = 0; i < kAhead; ++i) {
      const std::int64_t ahead = CellsAhead(i);
      watched.pending[i].push_back({cell + ahead, outlook[static_cast<size_t>(ahead - 1)], mean,
                                    LinearAhead(watched.latest, ahead)});
    }
  }

  const ForecastOptions& options_;
  pipeline::Pipeline* pipeline_ = nullptr;
  std::map<detectors::Slot, Watched> watched_;
  std::vector<bool> refused_;  // by slot
};

std::string Row(const std::string& name, int minutes, const ForecastScore& score) {
  char line[160];
  std::snprintf(line, sizeof line, "%5d min %9llu %9.1f %% %6.1f %% %8.2f %% %8.2f %% %8.2f %%  ",
                minutes, static_cast<unsigned long long>(score.forecasts), 100 * score.coverage,
                100 * score.coverage_high, 100 * score.error, 100 * score.naive,
                100 * score.linear);
  return line + name + '\n';
}

}  // namespace

Result<ForecastOutcome> RunForecast(const ForecastOptions& options, const ProgressCall& progress) {
  const auto& definitions = options.replay.pipeline.definitions;
  const bool limited = std::any_of(definitions.begin(), definitions.end(),
                                   [](const auto& def) { return def.limit.has_value(); });
  if (!options.all && !limited) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "no signal of the configuration has a limit; --all takes every volume and "
                     "level");
  }
  QUELL_ASSIGN(const auto history, History::Read(options.replay, progress));
  Backtest backtest(options);
  QUELL_ASSIGN(const auto pipeline, pipeline::Pipeline::Create(options.replay.pipeline, &backtest));
  backtest.Watch(pipeline.get());
  for (const incidents::Change& change : options.replay.changes) pipeline->AddChange(change);
  ReplayResult result;
  std::uint64_t stretches = 0;
  QUELL_TRY(history->Feed(*pipeline, options.replay.pipeline, result, [&](double done) {
    pipeline->TakeEffects();
    if (++stretches % 64 == 0 && progress && done >= 0) progress("replaying", done);
  }));
  if (progress) progress("replaying", 1);
  ForecastOutcome outcome;
  outcome.from = std::max(result.first, options.replay.evaluate_from);
  outcome.to = result.last;
  backtest.Finish(outcome);
  return outcome;
}

std::string FormatForecast(const ForecastOutcome& outcome, size_t rows) {
  std::string out = "forecasts of " + std::to_string(outcome.signals.size()) + " signals, " +
                    UtcMinute(outcome.from) + " to " + UtcMinute(outcome.to) + " UTC";
  if (outcome.left_out > 0) out += "; " + std::to_string(outcome.left_out) + " signals left out";
  out +=
      "\nin interval: 80 % are meant to be, also where the forecast is above the mean (at peak);\n"
      "errors: median absolute ones, in the signal's mean\n"
      "    ahead forecasts in interval  at peak      error      naive     linear  signal\n";
  for (size_t i = 0; i < kAhead; ++i) out += Row("all", kBacktestMinutes[i], outcome.all[i]);
  std::vector<const ForecastOfSignal*> shown;
  for (const ForecastOfSignal& signal : outcome.signals) shown.push_back(&signal);
  std::stable_sort(shown.begin(), shown.end(), [](const auto* a, const auto* b) {
    return a->ahead[1].coverage < b->ahead[1].coverage;
  });
  for (const ForecastOfSignal* signal : std::span(shown).first(std::min(rows, shown.size()))) {
    for (size_t i = 0; i < kAhead; ++i) {
      out += Row(signal->name, kBacktestMinutes[i], signal->ahead[i]);
    }
  }
  return out;
}

}  // namespace quell::replay
