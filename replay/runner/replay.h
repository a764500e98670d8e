// Replay: the very pipeline that serves, over a history, on event time.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "engine/pipeline/pipeline.h"
#include "replay/scoring/incident_history.h"
#include "replay/scoring/result.h"

namespace quell::replay {

// "openmetrics:PATH", "csv:PATH", "journal:DIR" or "prometheus:URL".
struct Source {
  enum class Kind { kOpenMetrics, kCsv, kJournal, kPrometheus };
  Kind kind = Kind::kOpenMetrics;
  std::string where;
};
// kInvalidArgument naming the text and the known kinds.
Result<Source> ParseSource(const std::string& text);

struct ReplayOptions {
  pipeline::PipelineOptions pipeline;
  std::vector<Source> sources;
  std::vector<incidents::Change> changes;
  TimeMs evaluate_from = 0;               // pages before are not scored
  TimeMs from = 0, to = 0;                // the stretch to read from a Prometheus server
  std::uint64_t samples_max = 400000000;  // 16 bytes each in memory
  // Page budgets (false pages a week, > 0) at which the history is replayed once more each.
  std::vector<double> budgets;
};

// 0..1 over a stage ("reading", "replaying"), for a progress bar.
using ProgressCall = std::function<void(const std::string& stage, double done)>;

// Errors name the source. `clock` only measures how long it took.
Result<ReplayResult> RunReplay(const ReplayOptions& options,
                               std::span<const LabelledIncident> incidents, Clock& clock,
                               const ProgressCall& progress);

}  // namespace quell::replay
