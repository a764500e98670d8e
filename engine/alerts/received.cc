#include "engine/alerts/received.h"

#include <algorithm>
#include <array>

namespace quell::alerts {
namespace {

using incidents::Severity;

constexpr size_t kNoteBytesMax = 300;
constexpr std::string_view kUnnamed = "alert";

// The annotation that says most in one line.
std::string_view NoteOf(const Labels& annotations) {
  for (const std::string_view name : {"summary", "title", "description", "message"}) {
    if (const std::string_view text = annotations.Get(name); !text.empty()) return text;
  }
  return {};
}

// One line, cut between characters.
std::string OneLine(std::string_view text) {
  std::string out(text.substr(0, kNoteBytesMax));
  if (text.size() > kNoteBytesMax) {
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0U) == 0x80U) {
      out.pop_back();
    }
    if (!out.empty() && (static_cast<unsigned char>(out.back()) & 0x80U) != 0) out.pop_back();
    out += "...";
  }
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  while (out.ends_with(' ') || out.ends_with('.')) out.pop_back();
  return out;
}

}  // namespace

Severity SeverityOf(const Labels& labels) {
  static constexpr std::array<std::pair<std::string_view, Severity>, 17> kWords = {{
      {"critical", Severity::kCritical},
      {"page", Severity::kCritical},
      {"emergency", Severity::kCritical},
      {"fatal", Severity::kCritical},
      {"error", Severity::kError},
      {"major", Severity::kError},
      {"high", Severity::kError},
      {"warning", Severity::kWarning},
      {"warn", Severity::kWarning},
      {"minor", Severity::kWarning},
      {"medium", Severity::kWarning},
      {"info", Severity::kInfo},
      {"informational", Severity::kInfo},
      {"none", Severity::kInfo},
      {"low", Severity::kInfo},
      {"ok", Severity::kInfo},
      {"debug", Severity::kInfo},
  }};
  std::string word(labels.Get("severity"));
  std::transform(word.begin(), word.end(), word.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  for (const auto& [name, severity] : kWords) {
    if (word == name) return severity;
  }
  return Severity::kError;
}

incidents::Alert MakeAlert(const LiveAlert& live) {
  ingest::AlertText text = ingest::DecodeAlertText(*live.text);
  incidents::Alert alert;
  alert.id = live.id;
  alert.fingerprint = live.fingerprint;
  const std::string_view name = text.labels.Get("alertname");
  alert.signal = name.empty() ? kUnnamed : name;
  alert.what = alert.signal;
  alert.labels = std::move(text.labels);
  alert.slot = incidents::kNoSlot;
  alert.severity = live.severity;
  alert.starts_at = live.taken_at;
  alert.onset = std::min(live.starts_at, live.taken_at);
  if (!live.firing) alert.ends_at = std::max(live.taken_at, live.ends_at);
  alert.received.from = "api";
  alert.received.note = OneLine(NoteOf(text.annotations));
  alert.received.url = std::move(text.generator_url);
  return alert;
}

}  // namespace quell::alerts
