#include "engine/incidents/wording.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "engine/incidents/scope_index.h"

namespace quell::incidents {
namespace {

constexpr size_t kLabelValueMax = 60;

std::string Fixed(double value, int decimals) {
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%.*f", decimals, value);
  return out.data();
}

// "1,080" from "1080".
std::string Thousands(std::string digits) {
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) {
    if (digits[static_cast<size_t>(at) - 1] == '-') break;
    digits.insert(static_cast<size_t>(at), 1, ',');
  }
  return digits;
}

std::string CutValue(std::string_view value) {
  std::string out(value.substr(0, kLabelValueMax));
  // Never leave half a UTF-8 character behind.
  if (value.size() > kLabelValueMax) {
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0U) == 0x80U)
      out.pop_back();
    if (!out.empty() && (static_cast<unsigned char>(out.back()) & 0x80U) != 0) out.pop_back();
    out += "...";
  }
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return out;
}

}  // namespace

std::string NumberWords(double value) {
  const double size = std::abs(value);
  if (!(size < 1e15)) return value < 0 ? "below -1e15" : "above 1e15";
  if (size >= 9.95) return Thousands(Fixed(value, 0));
  if (size >= 0.995) {
    std::string out = Fixed(value, 1);
    return out.ends_with(".0") ? out.substr(0, out.size() - 2) : out;
  }
  if (size < 1e-6) return "0";
  const int decimals = 1 - static_cast<int>(std::floor(std::log10(size)));
  std::string out = Fixed(value, decimals);
  while (out.ends_with('0')) out.pop_back();
  return out;
}

std::string CountWords(double count) { return Thousands(Fixed(std::min(count, 1e15), 0)); }

std::string PercentWords(double ratio) {
  const double percent = ratio * 100;
  if (percent > 99 && percent < 99.95) return Fixed(percent, 1) + " %";
  return NumberWords(percent) + " %";
}

std::string ValueWords(double value, std::string_view unit) {
  if (unit == "ratio") return PercentWords(value);
  if (unit == "seconds") {
    const double size = std::abs(value);
    if (size > 0 && size < 0.9995) return NumberWords(value * 1000) + " ms";
    return size >= 120 ? NumberWords(value / 60) + " min" : NumberWords(value) + " s";
  }
  if (unit == "per_second") return NumberWords(value) + "/s";
  return unit.empty() ? NumberWords(value) : NumberWords(value) + ' ' + std::string(unit);
}

std::string OddsWords(double tail_probability) {
  const double one_in = 1 / std::clamp(tail_probability, 1e-300, 1.0);
  if (one_in >= 1e12) return "less than 1 in a trillion";
  // One digit that matters.
  const double scale = std::pow(10, std::floor(std::log10(one_in)));
  const double rounded = std::round(one_in / scale) * scale;
  if (rounded >= 1e9) return "1 in " + CountWords(rounded / 1e9) + " billion";
  if (rounded >= 1e6) return "1 in " + CountWords(rounded / 1e6) + " million";
  return "1 in " + CountWords(rounded);
}

std::string DurationWords(DurationMs duration) {
  const DurationMs seconds = (duration + 500) / kSecondMs;
  if (seconds < 120) return std::to_string(seconds) + " s";
  const DurationMs minutes = (seconds + 30) / 60;
  if (minutes < 120) return std::to_string(minutes) + " min";
  const DurationMs hours = minutes / 60;
  if (hours >= 48) return std::to_string(hours / 24) + " days";
  const DurationMs rest = minutes % 60;
  return std::to_string(hours) + " h" + (rest > 0 ? ' ' + std::to_string(rest) + " min" : "");
}

std::string ClockWords(TimeMs time) {
  const std::string text = FormatRfc3339(time);  // 2026-08-22T10:02:30.000Z
  const bool whole_minute = text.substr(17, 2) == "00";
  return text.substr(11, whole_minute ? 5 : 8) + " UTC";
}

std::string PluralWords(std::string_view noun) {
  std::string out(noun);
  if (out.ends_with('y')) return out.substr(0, out.size() - 1) + "ies";
  if (out.ends_with('s') || out.ends_with('x')) return out + "es";
  return out + 's';
}

std::string JoinWords(std::span<const std::string> parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += separator;
    out += part;
  }
  return out;
}

std::string ScopeWords(const Labels& scope) {
  std::string out;
  for (const Label& label : scope) {
    if (!out.empty()) out += ", ";
    out += CutValue(label.name) + '=' + CutValue(label.value);
  }
  return out.empty() ? "everything" : out;
}

std::string AlertWords(const Alert& alert) {
  const std::string what = alert.what.empty() ? alert.signal : alert.what;
  const Labels lane = LaneLabels(alert.labels);
  return lane.empty() ? what : what + " of " + ScopeWords(lane);
}

bool IsFlatline(const Alert& alert) {
  return alert.labels.Get("alertname") == alert.signal + std::string(kFlatlineSuffix);
}

std::string StillWords(const Alert& alert) {
  constexpr double kEveryPoint = 2.5;
  const auto usual =
      static_cast<DurationMs>(alert.evidence.n * static_cast<double>(alert.interval_ms));
  return "has not moved for " + DurationWords(alert.starts_at - alert.onset) + " (" +
         ValueWords(alert.evidence.value, alert.unit) + "); it usually changes " +
         (alert.evidence.n < kEveryPoint ? "with every point" : "within " + DurationWords(usual));
}

std::string SeenWords(const Alert& alert) {
  const Evidence& e = alert.evidence;
  if (!alert.received.from.empty()) {
    return alert.received.note.empty() ? "fires" : '(' + alert.received.note + ')';
  }
  if (IsFlatline(alert)) {
    return ValueWords(e.value, alert.unit) + " for " + DurationWords(alert.starts_at - alert.onset);
  }
  if (alert.kind == detectors::SignalKind::kRate && e.expected > 0) {
    const double change = e.value / e.expected - 1;
    if (change > 9) return NumberWords(change + 1) + " times the expected";
    std::string out;
    if (change >= 0) out += '+';
    out += PercentWords(change);
    return out;
  }
  return ValueWords(e.value, alert.unit) + " (expected " + ValueWords(e.expected, alert.unit) + ')';
}

std::string DetectorWords(std::uint8_t agreeing) {
  static constexpr std::array<std::string_view, detectors::kDetectors> kWords = {
      "seasonal baseline", "fast EWMA", "slow EWMA", "isolation forest"};
  std::vector<std::string> parts;
  for (size_t i = 0; i < kWords.size(); ++i) {
    if ((agreeing >> i & 1U) != 0) parts.emplace_back(kWords[i]);
  }
  return JoinWords(parts, ", ");
}

}  // namespace quell::incidents
