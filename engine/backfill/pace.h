// Pace: how long to wait between requests, so that reading a history does not hurt its source; and
// how long after a failure.
//
// Pure functions of durations; who waits asks a Clock. A value.
#pragma once

#include <cstdint>

#include "core/result.h"
#include "core/time.h"

namespace quell::backfill {

struct PaceOptions {
  std::uint64_t samples_per_second_max = 500000;  // over every request and its wait; > 0
  double duty = 0.5;  // at most this share of time is spent querying; > 0, <= 1
  int retries_max = 8;
  DurationMs retry_first_ms = kSecondMs;  // doubled after every further failure
  DurationMs retry_last_ms = kMinuteMs;
};

// kOutOfRange naming the flag.
Status CheckPace(const PaceOptions& options);

// From the end of a request that took `request_ms` and gave `samples`, to the next one.
DurationMs WaitAfter(const PaceOptions& options, DurationMs request_ms, std::uint64_t samples);

// After the n-th failure in a row, n = 1, 2, ...
DurationMs WaitAfterFailure(const PaceOptions& options, int failures);

}  // namespace quell::backfill
