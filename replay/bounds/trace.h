// Trace: the points of one signal as the pipeline judged them, kept whole, for judges that look
// at a history afterwards.
//
// Plain data; 16 bytes a step.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/labels.h"
#include "core/time.h"
#include "detectors/types.h"

namespace quell::replay {

struct TracePoint {
  float value = 0;     // as judged; NaN = the step had no point
  float shown = 0;     // what a person reads: the quantile of a latency, else the value
  float expected = 0;  // by the pipeline's own baseline
  float support = 0;   // events of a ratio or latency, seconds of a rate, samples of a gauge
};

struct Trace {
  Labels labels;  // alertname + group labels
  detectors::SignalKind kind = detectors::SignalKind::kGauge;
  size_t begin = 0;  // the step of points[0]
  std::vector<TracePoint> points;
};

struct Traces {
  TimeMs first = 0;  // end of step 0
  DurationMs step_ms = 0;
  size_t steps = 0;
  std::vector<Trace> signals;  // by slot

  [[nodiscard]] TimeMs End(size_t step) const {
    return first + static_cast<DurationMs>(step) * step_ms;
  }
  // The first step that ends at or after `time`.
  [[nodiscard]] size_t StepAt(TimeMs time) const {
    return time <= first ? 0 : static_cast<size_t>((time - first + step_ms - 1) / step_ms);
  }
};

// Null where the signal has no such step, or no point in it.
const TracePoint* PointAt(const Trace& trace, size_t step);

}  // namespace quell::replay
