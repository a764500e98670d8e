#include "replay/scoring/words.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace quell::replay {
namespace {

// Three significant digits without an exponent and without trailing zeros.
std::string Significant(double value) {
  if (value == 0) return "0";
  const int magnitude = static_cast<int>(std::floor(std::log10(std::fabs(value))));
  const int decimals = magnitude >= 2 ? 0 : (magnitude < -8 ? 10 : 2 - magnitude);
  std::string out = Fixed(value, decimals);
  if (out.find('.') != std::string::npos) {
    out.erase(out.find_last_not_of('0') + 1);
    if (out.ends_with('.')) out.pop_back();
  }
  return out == "-0" ? "0" : out;
}

}  // namespace

std::string Fixed(double value, int decimals) {
  std::array<char, 400> out{};
  std::snprintf(out.data(), out.size(), "%.*f", decimals, std::isfinite(value) ? value : 0.0);
  return out.data();
}

std::string Percent(double share) {
  const double percent = share * 100;
  if (percent != 0 && std::fabs(percent) < 10) return Significant(percent) + " %";
  return Significant(std::round(percent * 10) / 10) + " %";
}

std::string ShortNumber(double value) {
  const double size = std::fabs(value);
  if (size >= 1e15) {
    std::array<char, 32> out{};
    std::snprintf(out.data(), out.size(), "%.2e", std::isfinite(value) ? value : 0.0);
    return out.data();
  }
  if (size >= 1e9) return Significant(value / 1e9) + "G";
  if (size >= 1e6) return Significant(value / 1e6) + "M";
  if (size >= 1e4) return Significant(value / 1e3) + "k";
  return Significant(value);
}

std::string Grouped(std::uint64_t value) {
  std::string out = std::to_string(value);
  for (size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, ",");
  return out;
}

std::string SpanWords(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(std::fmax(0.0, seconds)));
  const std::int64_t days = whole / 86400;
  const std::int64_t hours = whole / 3600 % 24;
  const std::int64_t minutes = whole / 60 % 60;
  if (days > 0) {
    return std::to_string(days) + " d" + (hours > 0 ? " " + std::to_string(hours) + " h" : "");
  }
  if (hours > 0) {
    return std::to_string(hours) + " h" + (minutes > 0 ? " " + std::to_string(minutes) + " m" : "");
  }
  const std::string rest = std::to_string(whole % 60) + " s";
  if (minutes == 0) return rest;
  return std::to_string(minutes) + " m" + (whole % 60 > 0 ? " " + rest : "");
}

std::string UtcMinute(TimeMs time) {
  std::string text = FormatRfc3339(time).substr(0, 16);
  text[10] = ' ';
  return text;
}

std::string UtcClock(TimeMs time) { return FormatRfc3339(time).substr(11, 5); }

std::string UtcDay(TimeMs time) {
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string text = FormatRfc3339(time);
  const auto month = static_cast<size_t>((text[5] - '0') * 10 + (text[6] - '0'));
  const int day = (text[8] - '0') * 10 + (text[9] - '0');
  return std::string(kMonths[(month + 11) % 12]) + ' ' + std::to_string(day);
}

std::string ValueInUnit(double value, std::string_view unit) {
  if (unit == "ratio") return Percent(value);
  if (unit == "seconds") {
    return std::fabs(value) < 1 ? Significant(value * 1000) + " ms" : Significant(value) + " s";
  }
  if (unit == "per_second") return ShortNumber(value) + "/s";
  if (unit == "bytes") return ShortNumber(value) + "B";
  if (unit.empty()) return ShortNumber(value);
  return ShortNumber(value) + ' ' + std::string(unit);
}

}  // namespace quell::replay
