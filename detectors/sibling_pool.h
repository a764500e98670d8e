// SiblingPool: what the signals under one parent (the lanes of a region, of a service) say
// together.
//
// Model    the levels of siblings (logits of shares, logarithms of noise variances) scatter around
// a
//          mean with a variance of their own, `spread`; each is known up to its `doubt`. Mean and
//          spread are fitted by moments, lanes weighted by 1 / (doubt + spread), the spread with
//          two lanes' worth of a first guess. A signal's level is then shrunk to the mean by
//          doubt / (doubt + spread): the prior counts as 1 / spread events, and vanishes as the
//          signal's own outnumber them. Where a region has few lanes its mean is shrunk to the
//          service's in the same way. Moments are of the last hour.
// Input    one note a lane and step, in slot order; step ends not decreasing.
// Output   a prior, where at least three lanes are known.
// Cost     O(1) a note; 296 bytes a pool.
// Threads  thread-compatible; read-only while slots are judged side by side.
// State    part of "detector_bank", plain data without padding.
// Source   Efron and Morris (1975), empirical Bayes; DerSimonian and Kacker (2007), moments with
//          general weights; Clayton and Kaldor (1987), rates of small areas.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/time.h"

namespace quell::detectors {

// Of one kind of level among siblings.
struct SiblingMoments {
  double lanes = 0;
  double weight = 0;    // sum of w = 1 / (doubt + spread)
  double weight2 = 0;   // of w^2
  double level = 0;     // of w y
  double level2 = 0;    // of w y^2
  double doubt = 0;     // of w doubt
  double doubt2 = 0;    // of w^2 doubt
  double mean = 0;      // as last settled
  double spread = 0.5;  // variance between lanes

  // `share`: of the memory, a note; doubt > 0.
  void Add(double share, double y, double y_doubt);
  // Fits mean and spread; `guess` is a spread as two lanes would show it.
  void Settle(double guess);
  void Decay(double keep);
};

struct SiblingPrior {
  double mean = 0;
  double variance = 1;
};
// nullopt where neither has three lanes.
std::optional<SiblingPrior> PriorOf(const SiblingMoments& near, const SiblingMoments& far);

// How far towards the prior's mean a level goes that is known up to `doubt`: [0, 1).
inline double ShrinkShare(double doubt, const SiblingPrior& prior) {
  return doubt / (doubt + prior.variance);
}

struct SiblingPool {
  SiblingMoments level;
  std::array<SiblingMoments, 3> noise;  // log variances, by chart
  TimeMs last = INT64_MIN;

  // Before the first note of a step: settles what the steps before have brought, and ages it.
  void BeginStep(TimeMs step_end);
};

}  // namespace quell::detectors
