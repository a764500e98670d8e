// Axes: where ticks stand and what is written there.
#pragma once

#include <string>
#include <vector>

#include "core/time.h"

namespace quell::replay {

// Round values (1, 2, 2.5 or 5 times a power of ten apart) inside [low, high], at most about
// `count`. REQUIRES: low < high.
std::vector<double> NiceTicks(double low, double high, int count);

struct TimeTick {
  TimeMs time = 0;
  std::string label;  // "10:04", or "Aug 22" where a day begins or ticks are days apart
};
// At round UTC times inside [from, to], at most about `count`.
std::vector<TimeTick> TimeTicks(TimeMs from, TimeMs to, int count);

// A straight mapping of a range of times or values to pixels.
struct Scale {
  double from = 0, to = 1;  // what is drawn; from != to
  double pixel_from = 0, pixel_to = 1;
  [[nodiscard]] double At(double value) const {
    return pixel_from + (value - from) / (to - from) * (pixel_to - pixel_from);
  }
};

}  // namespace quell::replay
