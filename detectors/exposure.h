// How long a volume's point has counted. Pure.
#pragma once

#include "core/time.h"
#include "detectors/types.h"

namespace quell::detectors {

// Seconds that a volume's point covers; a whole interval if it does not say. > 0.
inline double ExposureOf(const Point& point, DurationMs interval_ms) {
  if (point.exposure_seconds > 0) return point.exposure_seconds;
  return static_cast<double>(interval_ms) / kSecondMs;
}

}  // namespace quell::detectors
