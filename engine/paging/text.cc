#include "engine/paging/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace quell::paging {
namespace {

// How a magnitude is written: value * factor, then the suffix.
struct Scale {
  double factor = 1;
  std::string suffix;
};

std::string Fixed(double value, int decimals) {
  std::array<char, 512> out{};
  const auto [end, ec] =
      std::to_chars(out.data(), out.data() + out.size(), value, std::chars_format::fixed, decimals);
  return ec == std::errc() ? std::string(out.data(), end) : "?";
}

std::string Grouped(std::string digits) {
  const size_t point = std::min(digits.find('.'), digits.size());
  const size_t first = digits[0] == '-' ? 1 : 0;
  for (size_t at = point; at > first + 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

Scale SecondsScale(double magnitude) {
  if (magnitude >= 172800) return {1.0 / 86400, " days"};
  if (magnitude >= 7200) return {1.0 / 3600, " h"};
  if (magnitude >= 600) return {1.0 / 60, " min"};
  if (magnitude >= 1 || magnitude == 0) return {1, " s"};
  if (magnitude >= 0.001) return {1e3, " ms"};
  return {1e6, " us"};
}

Scale BytesScale(double magnitude) {
  if (magnitude >= 1e12) return {1e-12, " TB"};
  if (magnitude >= 1e9) return {1e-9, " GB"};
  if (magnitude >= 1e6) return {1e-6, " MB"};
  if (magnitude >= 1e3) return {1e-3, " kB"};
  return {1, " B"};
}

Scale PlainScale(double magnitude, const std::string& suffix) {
  if (magnitude >= 1e12) return {1e-12, " trillion" + suffix};
  if (magnitude >= 1e9) return {1e-9, " billion" + suffix};
  if (magnitude >= 1e6) return {1e-6, " million" + suffix};
  return {1, suffix};
}

Scale RateScale(double magnitude) {
  if (magnitude >= 1 || magnitude == 0) return PlainScale(magnitude, "/s");
  if (magnitude * 60 >= 1) return {60, "/min"};
  return {3600, "/h"};
}

Scale ScaleOf(double magnitude, std::string_view unit) {
  if (unit == "ratio") return {100, " %"};
  if (unit == "percent") return {1, " %"};
  if (unit == "seconds") return SecondsScale(magnitude);
  if (unit == "milliseconds") return SecondsScale(magnitude / 1000);
  if (unit == "per_second") return RateScale(magnitude);
  if (unit == "bytes") return BytesScale(magnitude);
  if (unit.empty() || unit == "count" || unit == "none") return PlainScale(magnitude, "");
  std::string words = " " + std::string(unit);
  std::replace(words.begin(), words.end(), '_', ' ');
  return PlainScale(magnitude, words);
}

double InBase(double value, std::string_view unit) {
  return unit == "milliseconds" ? value / 1000 : value;
}

// Odds are rough: one digit, or two where the first is a 1.
double RoundedOdds(double n) {
  const double power = std::pow(10.0, std::floor(std::log10(n)));
  const double lead = n / power;
  const double step = lead < 2 ? power / 10 : power;
  return std::round(n / step) * step;
}

// Bytes of the sequence that begins with `lead`; 1 for anything malformed.
size_t SequenceBytes(unsigned char lead) {
  if (lead >= 0xF0 && lead < 0xF8) return 4;
  if (lead >= 0xE0) return lead < 0xF0 ? 3 : 1;
  return lead >= 0xC0 ? 2 : 1;
}

// Of the sequence at the beginning, by Unicode's table 3-7; 0 where there is none.
size_t WellFormedBytes(std::string_view text) {
  const auto at = [&](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const size_t bytes = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  unsigned low = 0x80;
  unsigned high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  if (at(1) < low || at(1) > high) return 0;
  for (size_t i = 2; i < bytes; ++i) {
    if (at(i) < 0x80 || at(i) > 0xBF) return 0;
  }
  return bytes;
}

}  // namespace

std::string NumberText(double value) {
  if (!std::isfinite(value)) return "?";
  const double magnitude = std::fabs(value);
  if (magnitude < 1e-9) return "0";
  int decimals = 0;
  for (double limit = 100; magnitude < limit && decimals < 12; limit /= 10) ++decimals;
  std::string digits = Fixed(value, decimals);
  if (digits.find('.') != std::string::npos) {
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
  }
  return Grouped(std::move(digits));
}

std::string ValueText(double value, std::string_view unit) {
  if (!std::isfinite(value)) return "?";
  const Scale scale = ScaleOf(std::fabs(value), unit);
  return NumberText(InBase(value, unit) * scale.factor) + scale.suffix;
}

std::string ExpectedText(double expected, double low, double high, std::string_view unit) {
  const bool band = std::isfinite(low) && std::isfinite(high) && low < high;
  double magnitude = std::fabs(expected);
  if (band) magnitude = std::max({magnitude, std::fabs(low), std::fabs(high)});
  if (!std::isfinite(magnitude)) return "?";
  const Scale scale = ScaleOf(magnitude, unit);
  const auto number = [&](double value) { return NumberText(InBase(value, unit) * scale.factor); };
  std::string text = number(expected) + scale.suffix;
  if (band) text += " (" + number(low) + " - " + number(high) + scale.suffix + ")";
  return text;
}

std::string OddsText(double tail_probability) {
  if (std::isnan(tail_probability) || tail_probability > 0.5) return {};
  if (tail_probability <= 1e-12) return "less than 1 in a trillion";
  const double n = RoundedOdds(1.0 / tail_probability);
  if (n >= 1e12) return "less than 1 in a trillion";
  const Scale scale = PlainScale(n, "");
  return "about 1 in " + NumberText(n * scale.factor) + scale.suffix;
}

std::string ClockText(TimeMs time) { return FormatRfc3339(time).substr(11, 8) + " UTC"; }
std::string MinuteText(TimeMs time) { return FormatRfc3339(time).substr(11, 5) + " UTC"; }
std::string DayText(TimeMs time) { return FormatRfc3339(time).substr(0, 10); }

std::string CutText(std::string_view text, size_t characters_max) {
  size_t keep = 0;  // bytes of the first characters_max - 1 characters
  size_t count = 0;
  size_t pos = 0;
  while (pos < text.size()) {
    if (count + 1 == characters_max) keep = pos;
    pos += SequenceBytes(static_cast<unsigned char>(text[pos]));
    ++count;
  }
  if (count <= characters_max) return std::string(text);
  return std::string(text.substr(0, keep)) + "\u2026";
}

size_t CountCharacters(std::string_view text) {
  size_t count = 0;
  for (size_t pos = 0; pos < text.size(); ++count) {
    pos += SequenceBytes(static_cast<unsigned char>(text[pos]));
  }
  return count;
}

std::string WellFormed(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t pos = 0; pos < text.size();) {
    const size_t bytes = WellFormedBytes(text.substr(pos));
    out += bytes == 0 ? std::string_view("\uFFFD") : text.substr(pos, bytes);
    pos += std::max<size_t>(1, bytes);
  }
  return out;
}

std::string OneLine(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
    if (c < 0x20 || c == 0x7F) {
      out += ' ';
    } else if (c == 0xC2 && next >= 0x80 && next < 0xA0) {  // C1 controls in UTF-8
      out += ' ';
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace quell::paging
