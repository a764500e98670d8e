#include "replay/runner/replay.h"

#include <algorithm>

#include "replay/runner/budgets.h"
#include "replay/runner/history.h"
#include "replay/runner/recorder.h"
#include "replay/scoring/label_check.h"

namespace quell::replay {
namespace {

void TakeDecisions(pipeline::Pipeline& pipeline, ReplayResult& result) {
  for (store::Effect& effect : pipeline.TakeEffects()) {
    if (effect.kind == store::EffectKind::kDecision) {
      result.decisions.push_back(std::move(effect.body));
    }
  }
}

}  // namespace

Result<Source> ParseSource(const std::string& text) {
  const size_t colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  Source source;
  if (colon != std::string::npos && colon + 1 < text.size()) {
    source.where = text.substr(colon + 1);
    if (kind == "openmetrics") return source;
    source.kind = Source::Kind::kCsv;
    if (kind == "csv") return source;
    source.kind = Source::Kind::kJournal;
    if (kind == "journal") return source;
    source.kind = Source::Kind::kPrometheus;
    if (kind == "prometheus") return source;
  }
  return MakeError(
      ErrorCode::kInvalidArgument,
      "input \"" + text + "\" is not openmetrics:PATH, csv:PATH, journal:DIR or prometheus:URL");
}

Result<ReplayResult> RunReplay(const ReplayOptions& options,
                               std::span<const LabelledIncident> incidents, Clock& clock,
                               const ProgressCall& progress) {
  const DurationMs started = clock.MonotonicMs();
  QUELL_TRY(CheckBudgets(options.budgets));
  QUELL_ASSIGN(const auto history, History::Read(options, progress));
  Recorder recorder(incidents);
  QUELL_ASSIGN(const auto pipeline, pipeline::Pipeline::Create(options.pipeline, &recorder));
  recorder.Watch(pipeline.get());
  for (const incidents::Change& change : options.changes) pipeline->AddChange(change);
  ReplayResult result;
  result.evaluate_from = options.evaluate_from;
  result.budget = options.pipeline.false_pages_per_week;
  std::uint64_t stretches = 0;
  QUELL_TRY(history->Feed(*pipeline, options.pipeline, result, [&](double done) {
    TakeDecisions(*pipeline, result);
    if (++stretches % 64 == 0 && progress && done >= 0) progress("replaying", done);
  }));
  recorder.Finish(result);
  const auto& signals = pipeline->signals().signals();
  result.labels = CheckLabels(incidents, options.evaluate_from, signals.size(),
                              [&](size_t i) -> const Labels& { return signals[i].labels; });
  if (progress) progress("replaying", 1);
  QUELL_ASSIGN(result.budgets, RunBudgets(*history, options, result, progress));
  result.wall_seconds = static_cast<double>(clock.MonotonicMs() - started) / 1000.0;
  return result;
}

}  // namespace quell::replay
