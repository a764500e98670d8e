// ScaleShift notices that a signal's noise is lastingly larger or smaller than it was.
//
// Model    the logarithm of a point's noise variance (which is learned within hours) is held
// against
//          its usual, a mean with a half-life of a week. Once its standard deviation is off by a
//          factor of two, and for as long as it stays off by half as much again, a change is under
//          way; one that has lasted 24 times `adopt_after` (three days: longer than a weekend),
//          with points that taught for nine tenths of it, is the new usual. After it was undone the
//          noise is held as it was for as long.
// Input    per point that taught: the change of the logarithm, the three noises, the time passed.
// Output   whether to adopt now, and the noises from before.
// Cost     O(1); 32 bytes.
// Threads  thread-compatible.
// State    part of "detector_bank".
// Source   own design.
#pragma once

#include <array>
#include <cmath>

#include "core/time.h"

namespace quell::detectors {

struct ScaleShift {
  std::array<float, 3> usual{};  // log variances: of a point, of the short and the long window
  float lasted = 0;              // hours that taught, with the side's sign; 0: none under way
  TimeMs since = 0;              // when the change under way began
  TimeMs held_until = 0;         // an adoption was undone: the noise stays until then

  static constexpr int kLastFactor = 24;
  static constexpr double kBegins = 1.3863;  // twice the standard deviation ...
  static constexpr double kGone = 0.8109;    // ... or half as much again
  static constexpr double kHalfLifeHours = 7 * 24;
  static constexpr double kTaughtShare = 0.9;

  void Settle(const std::array<float, 3>& noises) {
    usual = noises;
    lasted = 0;
  }

  // `change`: of the point's log variance from the usual.
  void Observe(TimeMs at, double change, const std::array<float, 3>& noises, double hours,
               double gain) {
    const double side = change < 0 ? -1 : 1;
    const bool goes_on = lasted * side > 0 && std::fabs(change) > kGone;
    if (!goes_on) lasted = 0;
    if (goes_on || std::fabs(change) > kBegins) {
      if (!goes_on) since = at;
      lasted += static_cast<float>(side * hours);
      return;
    }
    for (size_t i = 0; i < usual.size(); ++i) {
      usual[i] += static_cast<float>(gain) * (noises[i] - usual[i]);
    }
  }

  [[nodiscard]] bool Adopted(TimeMs at, DurationMs adopt_after) const {
    const DurationMs least = kLastFactor * adopt_after;
    return lasted != 0 && at - since >= least &&
           std::fabs(lasted) * kHourMs >= kTaughtShare * static_cast<double>(least);
  }
};

}  // namespace quell::detectors
