// EwmaChart accumulates evidence over an exponentially weighted window.
//
// Model    decayed sums of what was seen and what was expected, not of scores: twelve requests a
//          minute at night add up to a count that can be judged. The weighted counts are scaled
//          to the Poisson count of equal mean-to-variance ratio (Satterthwaite). Process noise is
//          correlated and does not average out, so its variance at the window's scale is
//          estimated for itself, never derived from that of a point.
// Input    one observation a point with its expectation; decay in (0, 1] for the time passed.
// Output   signed normal score of the window, and its observed and expected totals.
// Cost     O(1); 64 bytes a chart.
// Threads  thread-compatible.
// State    part of "detector_bank".
// Source   Roberts (1959), control charts by geometric moving averages; Satterthwaite (1946).
#pragma once

#include "detectors/noise_scale.h"
#include "detectors/types.h"

namespace quell::detectors {

struct ChartState {
  double seen = 0;      // events; gauges: residuals
  double expected = 0;  // events expected; gauges: weight
  double squared = 0;   // expectation under squared weights
  double trials = 0;    // n of shares
  double exposure = 0;  // seconds (volumes)
  double weight = 0;    // points
  NoiseScale noise;
};

// One observation in a chart's terms.
struct Evidence {
  double seen = 0;
  double expected = 0;
  double trials = 0;
  double exposure = 0;
};

struct ChartReading {
  double z = 0;
  double events = 1e9;     // expected, as an equivalent Poisson count (gauges: many)
  double noise_share = 0;  // of the variance; for NoiseScale::Update
};

void AddEvidence(ChartState& chart, double decay, const Evidence& evidence);

// `noise_min`: least process variance; `point_noise`: that of one point, which a window of few
// points cannot undercut; `model_variance`: of the expectation itself; `degrees`: of freedom.
ChartReading ReadChart(const ChartState& chart, SignalKind kind, double noise_min,
                       double point_noise, double model_variance, double degrees);

// After an incident the long window remembers what the short one has forgotten. If what was seen
// recently is normal (|z| < 2) and refutes the chart's level, the chart's excess is halved.
void ForgetRefuted(ChartState& chart, SignalKind kind, const Evidence& recent, double recent_z,
                   double recent_noise);

}  // namespace quell::detectors
