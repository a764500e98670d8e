#include "core/time.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <limits>

namespace quell {
namespace {

Error BadTime(std::string_view text) {
  return MakeError(ErrorCode::kInvalidArgument,
                   "time \"" + std::string(text) +
                       "\" is neither RFC 3339 (2026-08-22T10:00:00Z) nor epoch seconds");
}

Error BadDuration(std::string_view text) {
  return MakeError(ErrorCode::kInvalidArgument,
                   "duration \"" + std::string(text) + "\" is not like 30s, 5m or 1h30m");
}

// Reads exactly `count` digits at `pos`; -1 where there are none.
int Digits(std::string_view text, size_t pos, size_t count) {
  if (pos + count > text.size()) return -1;
  int value = 0;
  for (size_t i = pos; i < pos + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

Result<TimeMs> ParseEpochSeconds(std::string_view text) {
  double seconds = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr double kLimitSeconds = 253402300800.0;  // year 10000
  if (ec != std::errc() || end != text.data() + text.size() || !(seconds > -kLimitSeconds) ||
      !(seconds < kLimitSeconds)) {
    return BadTime(text);
  }
  const double ms = seconds * 1000.0;
  return static_cast<TimeMs>(ms < 0 ? ms - 0.5 : ms + 0.5);
}

// The "+02:00" / "Z" at the end; minutes east of UTC.
Result<int> ParseOffset(std::string_view zone, std::string_view whole) {
  if (zone == "Z" || zone == "z") return 0;
  if (zone.size() != 6 && zone.size() != 5) return BadTime(whole);
  const bool colon = zone.size() == 6;
  const int hours = Digits(zone, 1, 2);
  const int minutes = Digits(zone, colon ? 4 : 3, 2);
  if ((zone[0] != '+' && zone[0] != '-') || hours < 0 || hours > 23 || minutes < 0 ||
      minutes > 59 || (colon && zone[3] != ':')) {
    return BadTime(whole);
  }
  return (zone[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

}  // namespace

std::string FormatRfc3339(TimeMs time) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::milliseconds> at{std::chrono::milliseconds(time)};
  const auto day = floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::int64_t in_day = (at - day).count();
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(in_day / kHourMs),
                static_cast<int>(in_day / kMinuteMs % 60),
                static_cast<int>(in_day / kSecondMs % 60), static_cast<int>(in_day % kSecondMs));
  return out.data();
}

Result<TimeMs> ParseTime(std::string_view text) {
  if (text.size() < 11 || text[4] != '-') return ParseEpochSeconds(text);
  const int year = Digits(text, 0, 4);
  const int month = Digits(text, 5, 2);
  const int day = Digits(text, 8, 2);
  const int hour = Digits(text, 11, 2);
  const int minute = Digits(text, 14, 2);
  const int second = Digits(text, 17, 2);
  const bool shape = text.size() >= 20 && text[7] == '-' &&
                     (text[10] == 'T' || text[10] == 't' || text[10] == ' ') && text[13] == ':' &&
                     text[16] == ':';
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!shape || year < 0 || month < 0 || day < 0 || !date.ok() || hour < 0 || hour > 23 ||
      minute < 0 || minute > 59 || second < 0 || second > 60) {
    return BadTime(text);
  }
  size_t pos = 19;
  int millis = 0;
  if (text[pos] == '.') {
    int scale = 100;
    const size_t first = ++pos;
    for (; pos < text.size() && text[pos] >= '0' && text[pos] <= '9'; ++pos, scale /= 10) {
      millis += (text[pos] - '0') * scale;
    }
    if (pos == first || pos - first > 9) return BadTime(text);
  }
  QUELL_ASSIGN(const int offset_minutes, ParseOffset(text.substr(pos), text));
  const TimeMs days = std::chrono::sys_days(date).time_since_epoch().count();
  return days * kDayMs + hour * kHourMs + (minute - offset_minutes) * kMinuteMs +
         second * kSecondMs + millis;
}

Result<DurationMs> ParseDuration(std::string_view text) {
  if (text == "0") return DurationMs{0};
  DurationMs total = 0;
  size_t pos = 0;
  while (pos < text.size()) {
    std::int64_t number = 0;
    const char* begin = text.data() + pos;
    const auto [end, ec] = std::from_chars(begin, text.data() + text.size(), number);
    if (ec != std::errc() || end == begin || number < 0) return BadDuration(text);
    pos = static_cast<size_t>(end - text.data());
    const size_t unit_begin = pos;
    while (pos < text.size() && text[pos] >= 'a' && text[pos] <= 'z') ++pos;
    const std::string_view unit = text.substr(unit_begin, pos - unit_begin);
    DurationMs scale = 0;
    if (unit == "ms") scale = 1;
    if (unit == "s") scale = kSecondMs;
    if (unit == "m") scale = kMinuteMs;
    if (unit == "h") scale = kHourMs;
    if (unit == "d") scale = kDayMs;
    if (unit == "w") scale = kWeekMs;
    if (unit == "y") scale = 365 * kDayMs;
    if (scale == 0 || number > (std::numeric_limits<DurationMs>::max() - total) / scale) {
      return BadDuration(text);
    }
    total += number * scale;
  }
  if (text.empty()) return BadDuration(text);
  return total;
}

std::string FormatDuration(DurationMs duration) {
  if (duration == 0) return "0s";
  std::string out;
  const auto part = [&](DurationMs scale, const char* unit) {
    if (duration >= scale) {
      out += std::to_string(duration / scale) + unit;
      duration %= scale;
    }
  };
  part(kDayMs, "d");
  part(kHourMs, "h");
  part(kMinuteMs, "m");
  part(kSecondMs, "s");
  part(1, "ms");
  return out;
}

}  // namespace quell
