// Numbers, times and spans as people read them. Deterministic: no locale.
#pragma once

#include <string>
#include <string_view>

#include "core/time.h"

namespace quell::replay {

std::string Percent(double share);              // 0.9231 -> "92 %", 0.0042 -> "0.42 %"
std::string ShortNumber(double value);          // 1234567 -> "1.23M", 0.0421 -> "0.0421"
std::string Grouped(std::uint64_t value);       // 1234567 -> "1,234,567"
std::string Fixed(double value, int decimals);  // 2.25, 1 -> "2.2" (as printf rounds)
std::string SpanWords(double seconds);          // 95 -> "1 m 35 s", 0 -> "0 s"
std::string UtcMinute(TimeMs time);             // "2026-08-22 10:04"
std::string UtcClock(TimeMs time);              // "10:04"
std::string UtcDay(TimeMs time);                // "Aug 22"
// A value in its unit: "ratio" as percent, "seconds" as ms or s, "per_second" as /s.
std::string ValueInUnit(double value, std::string_view unit);

}  // namespace quell::replay
