#include "replay/runner/trace_recorder.h"

#include <algorithm>
#include <limits>

namespace quell::replay {

void TraceRecorder::OnPoint(TimeMs step_end, const signals::SignalEngine::StepPoint& point,
                            const detectors::Verdict& verdict) {
  next_.OnPoint(step_end, point, verdict);
  if (traces_.first == 0) traces_.first = step_end;
  const size_t step = traces_.StepAt(step_end);
  traces_.steps = std::max(traces_.steps, step + 1);
  if (verdict.slot >= traces_.signals.size()) traces_.signals.resize(verdict.slot + 1);
  Trace& trace = traces_.signals[verdict.slot];
  if (trace.points.empty()) {
    trace.begin = step;
    trace.kind = pipeline_->signals().Definition(verdict.slot).kind;
  }
  const size_t missing = step - trace.begin - trace.points.size();
  if (points_ + missing >= points_max_) {
    ++not_kept_;
    return;
  }
  constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
  trace.points.insert(trace.points.end(), missing, TracePoint{kNone, 0, 0, 0});
  TracePoint kept;
  kept.value = static_cast<float>(point.point.value);
  kept.shown = static_cast<float>(point.shown);
  kept.expected = static_cast<float>(verdict.expected);
  const bool rate = trace.kind == detectors::SignalKind::kRate;
  kept.support = static_cast<float>(rate ? point.point.exposure_seconds : point.point.n);
  trace.points.push_back(kept);
  points_ += missing + 1;
}

Traces TraceRecorder::Finish() {
  const auto& signals = pipeline_->signals().signals();
  for (size_t slot = 0; slot < traces_.signals.size(); ++slot) {
    traces_.signals[slot].labels = signals[slot].labels;
  }
  return std::move(traces_);
}

}  // namespace quell::replay
