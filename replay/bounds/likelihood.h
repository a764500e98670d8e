// What one point of a signal says about a change of known size: the arithmetic of the clairvoyant.
//
// A change's size is, of a ratio or latency, the share of good events that newly count; of a rate,
// the logarithm of its factor; of a gauge, the same. Pure; all results finite.
#pragma once

#include "replay/bounds/trace.h"

namespace quell::replay {

// Sums over points from which the size of a change follows.
class ChangeSize {
 public:
  explicit ChangeSize(detectors::SignalKind kind, double offset) : kind_(kind), offset_(offset) {}
  void Add(const TracePoint& point);
  [[nodiscard]] double Size() const;  // 0 where there were no points

 private:
  detectors::SignalKind kind_;
  double offset_;
  double over_ = 0, room_ = 0;
};

// A change of `times` as much, counted in what happens and not in its logarithm.
double Times(detectors::SignalKind kind, double size, double times);

// The squared deviation of a point in units of what its counts alone explain (of a gauge: of one).
double Dispersion(detectors::SignalKind kind, double offset, const TracePoint& point);

// Log of the likelihood of `point` after a change of `size` over that without, in nats.
// `dispersion` > 0: the mean of Dispersion() over calm points. `offset`: added to a gauge before
// its logarithm, in its unit.
double LogRatio(detectors::SignalKind kind, double offset, const TracePoint& point, double size,
                double dispersion);

}  // namespace quell::replay
