// Fusion makes one verdict out of the detectors' answers.
//
// Model    the strongest detector whose own window deviates in the watched direction and by the
//          policy's minimum speaks; agreement of the group's forest adds a bounded bonus. The
//          sum is calibrated once more by the caller, so that the result is a tail probability.
// Input    per detector a calibrated surprise and what its window saw and expected.
// Output   which detector speaks, the raw joint surprise, and the reason if none may speak.
// Cost     O(1).
// Threads  pure functions.
// State    none.
// Source   own design; extreme of dependent tests with a second calibration in place of a
//          Bonferroni factor.
#pragma once

#include <array>

#include "detectors/types.h"

namespace quell::detectors {

// What one detector has to say of a point.
struct Opinion {
  double z = 0;
  double surprise = 0;  // calibrated, nats
  double observed = 0;  // of its window, in the value's unit
  double expected = 0;
};

struct Fused {
  size_t speaker = 0;                          // index of the detector that decides
  double surprise = 0;                         // joint, raw
  VerdictReason bar = VerdictReason::kNormal;  // kNormal: the policy lets the speaker speak
};

// kNormal, kWrongDirection or kBelowMinDeviation.
VerdictReason PolicyBar(const Opinion& opinion, const Policy& policy);

// The joint surprise of one detector and the forest's (0 if it is silent).
double JointSurprise(double surprise, double forest_surprise);

Fused Fuse(const std::array<Opinion, kCharts>& opinions, double forest_surprise,
           const Policy& policy);

}  // namespace quell::detectors
