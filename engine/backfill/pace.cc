#include "engine/backfill/pace.h"

#include <algorithm>
#include <cmath>

namespace quell::backfill {

Status CheckPace(const PaceOptions& options) {
  if (!(options.duty > 0 && options.duty <= 1)) {
    return MakeError(ErrorCode::kOutOfRange,
                     "--duty is " + std::to_string(options.duty) + ", must be above 0, at most 1");
  }
  if (options.samples_per_second_max == 0) {
    return MakeError(ErrorCode::kOutOfRange, "--samples-per-second-max is 0, must be above 0");
  }
  return Ok{};
}

DurationMs WaitAfter(const PaceOptions& options, DurationMs request_ms, std::uint64_t samples) {
  const auto request = static_cast<double>(std::max<DurationMs>(0, request_ms));
  const double for_duty = request * (1 / options.duty - 1);
  const double whole = static_cast<double>(samples) * static_cast<double>(kSecondMs) /
                       static_cast<double>(options.samples_per_second_max);
  return std::llround(std::ceil(std::max({0.0, for_duty, whole - request})));
}

DurationMs WaitAfterFailure(const PaceOptions& options, int failures) {
  DurationMs wait = options.retry_first_ms;
  for (int i = 1; i < failures && wait < options.retry_last_ms; ++i) wait *= 2;
  return std::min(wait, options.retry_last_ms);
}

}  // namespace quell::backfill
