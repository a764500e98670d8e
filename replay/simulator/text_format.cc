#include "replay/simulator/text_format.h"

#include <array>
#include <charconv>
#include <cmath>

namespace quell::simulator {
namespace {

bool CutSuffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

template <typename T>
void AppendChars(T value, std::string& out) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
  out.append(text.data(), end.ptr);
}

}  // namespace

Family FamilyOf(std::string_view metric) {
  if (CutSuffix(metric, "_total")) return {std::string(metric), "counter"};
  for (const std::string_view suffix : {"_bucket", "_sum", "_count"}) {
    if (CutSuffix(metric, suffix)) return {std::string(metric), "histogram"};
  }
  return {std::string(metric), "gauge"};
}

std::string SeriesText(const Labels& labels) {
  std::string text(labels.MetricName());
  char separator = '{';
  for (const Label& label : labels) {
    if (label.name == kMetricName) continue;
    text += separator;
    text += label.name + "=\"";
    for (const char c : label.value) {
      if (c == '\\' || c == '"') text += '\\';
      if (c == '\n')
        text += "\\n";
      else
        text += c;
    }
    text += '"';
    separator = ',';
  }
  if (separator == ',') text += '}';
  return text;
}

void AppendNumber(double value, std::string& out) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else if (value == std::floor(value) && std::abs(value) < 1e15) {
    AppendChars(static_cast<std::int64_t>(value), out);
  } else {
    AppendChars(value, out);
  }
}

void AppendSeconds(std::int64_t time_ms, std::string& out) {
  AppendChars(time_ms / 1000, out);
  const auto rest = static_cast<int>(time_ms % 1000);
  if (rest == 0) return;
  out += '.';
  out += static_cast<char>('0' + rest / 100);
  out += static_cast<char>('0' + rest / 10 % 10);
  out += static_cast<char>('0' + rest % 10);
}

}  // namespace quell::simulator
