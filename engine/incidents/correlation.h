// Correlation of two alerts' residuals: do they move together?
#pragma once

#include <span>

namespace quell::incidents {

struct Correlation {
  double strong = 0;  // |r| of residuals clipped to +-3: shared movement over the whole window
  double jump = 0;    // |r| of raw residuals: dominated by both leaving normal at the same step
};

// `shift`: points by which b's newest point is younger than a's (negative: older). Tries lags of
// up to +-2 points around it. A coefficient counts only over >= 16 common points, above 0.6 and
// with Fisher's z * sqrt(n - 3) above 3; else it is 0. Finite input only; result in [0, 1].
// `jump` stays 0 where it is not wanted: it costs as much again.
Correlation Correlate(std::span<const float> a, std::span<const float> b, int shift,
                      bool want_jump = true);

}  // namespace quell::incidents
