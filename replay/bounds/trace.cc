#include "replay/bounds/trace.h"

#include <cmath>

namespace quell::replay {

const TracePoint* PointAt(const Trace& trace, size_t step) {
  if (step < trace.begin || step - trace.begin >= trace.points.size()) return nullptr;
  const TracePoint& point = trace.points[step - trace.begin];
  return std::isnan(point.value) ? nullptr : &point;
}

}  // namespace quell::replay
