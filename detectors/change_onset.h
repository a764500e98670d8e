// ChangeOnset says where the present deviation seems to have begun.
//
// Model    two one-sided cumulative sums of normal scores, S = max(0, S + |z| - 0.8); the last
//          step at which the larger one left zero is the estimate of the change point.
// Input    z of each point, its time.
// Output   a time not after the last point's.
// Cost     O(1); 32 bytes.
// Threads  thread-compatible.
// State    part of "detector_bank".
// Source   Page (1954), continuous inspection schemes; Hinkley (1971).
#pragma once

#include <algorithm>

#include "core/time.h"

namespace quell::detectors {

struct ChangeOnset {
  double up = 0;
  double down = 0;
  TimeMs up_since = 0;
  TimeMs down_since = 0;

  void Observe(TimeMs at, double z) {
    constexpr double kZMax = 8;  // one wild point must not hold the sum up for hours
    Advance(at, std::clamp(z, -kZMax, kZMax), up, up_since);
    Advance(at, -std::clamp(z, -kZMax, kZMax), down, down_since);
  }

  [[nodiscard]] TimeMs Estimate(TimeMs now) const {
    constexpr double kEvidenceMin = 2;
    if (std::max(up, down) < kEvidenceMin) return now;
    return up >= down ? up_since : down_since;
  }

 private:
  static void Advance(TimeMs at, double z, double& sum, TimeMs& since) {
    constexpr double kSlack = 0.8;
    constexpr double kSumMax = 60;
    if (sum <= 0) since = at;
    sum = std::clamp(sum + z - kSlack, 0.0, kSumMax);
  }
};

}  // namespace quell::detectors
