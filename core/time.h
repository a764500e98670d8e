// Event time: milliseconds since the Unix epoch, as Prometheus has it.
//
// Everything after the journal reads only event time, never the wall clock (core/clock.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace quell {

using TimeMs = std::int64_t;      // a point in time
using DurationMs = std::int64_t;  // a span of time

inline constexpr DurationMs kSecondMs = 1000;
inline constexpr DurationMs kMinuteMs = 60 * kSecondMs;
inline constexpr DurationMs kHourMs = 60 * kMinuteMs;
inline constexpr DurationMs kDayMs = 24 * kHourMs;
inline constexpr DurationMs kWeekMs = 7 * kDayMs;

// "2026-08-22T10:00:00.000Z" (always UTC, always milliseconds).
std::string FormatRfc3339(TimeMs time);

// RFC 3339 with any offset and up to nine fractional digits (cut to milliseconds),
// or epoch seconds ("1755856800", "1755856800.5").
Result<TimeMs> ParseTime(std::string_view text);

// Prometheus durations: "30s", "5m", "1h30m", "250ms", "2w", "0". Error if negative or malformed.
Result<DurationMs> ParseDuration(std::string_view text);

// The shortest exact Prometheus duration: 90000 -> "1m30s", 0 -> "0s".
std::string FormatDuration(DurationMs duration);

}  // namespace quell
