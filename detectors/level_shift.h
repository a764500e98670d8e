// LevelShift decides when a lasting deviation has become the new normal.
//
// Model    the deviation of the long window (link units) is followed by a decayed mean and its
//          mean wandering. A deviation that has lasted `adopt_after` and wanders little against
//          its size is adopted. A stop (volume below a twentieth, failures above one half) is no
//          normal: it must last eight times as long. After an adoption was undone none follows for
//          as long.
// Input    per point: the deviation and its z, frozen or not.
// Output   whether to adopt now, and by how much to shift.
// Cost     O(1); 40 bytes.
// Threads  thread-compatible.
// State    part of "detector_bank".
// Source   own design; after Elastic's change test, which takes a day or two.
#pragma once

#include <algorithm>
#include <cmath>

#include "core/time.h"

namespace quell::detectors {

struct LevelShift {
  double settled = 0;
  double wander = 0;
  TimeMs since = 0;
  std::int64_t side = 0;  // -1, +1: under way; 0: none
  TimeMs held_until = 0;  // an adoption was undone: nothing is adopted before

  static constexpr int kStopFactor = 8;

  void Reset() { *this = {0, 0, 0, 0, held_until}; }

  void Observe(TimeMs at, double deviation, double decay) {
    const std::int64_t now = deviation < 0 ? -1 : 1;
    if (side != now) {
      *this = {deviation, std::fabs(deviation), at, now, held_until};
      return;
    }
    wander = decay * wander + (1 - decay) * std::fabs(deviation - settled);
    settled = decay * settled + (1 - decay) * deviation;
  }

  [[nodiscard]] bool Adopted(TimeMs at, double noise_sd, DurationMs adopt_after, bool stop) const {
    if (side == 0 || at < held_until) return false;
    if (at - since < adopt_after * (stop ? kStopFactor : 1)) return false;
    return wander < std::max(2 * noise_sd, 0.15 * std::fabs(settled));
  }
};

}  // namespace quell::detectors
