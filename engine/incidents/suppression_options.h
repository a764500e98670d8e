// What bounds the mutes that nobody asked for (suppression_book.h), and when feedback becomes one
// (noise_book.h).
#pragma once

#include <cstddef>

#include "core/time.h"

namespace quell::incidents {

struct SuppressionOptions {
  DurationMs critical_bound_ms = kMinuteMs;  // of a critical alert of a new kind, since it began
  DurationMs time_max_ms = 4 * kHourMs;      // of one identity, since the first time
  size_t count_max = 50;                     // incidents of one identity
  // Monitoring that is out pages as that after so long; 0 = never. Engine/pipeline sees to it.
  DurationMs outage_pages_after_ms = 15 * kMinuteMs;
};

struct NoiseOptions {
  size_t min_count = 3;  // incidents called not_an_incident
  DurationMs half_life_ms = 30 * kDayMs;
};

}  // namespace quell::incidents
