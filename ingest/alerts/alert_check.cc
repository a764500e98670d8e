#include "ingest/alerts/alert_check.h"

#include <algorithm>

#include "ingest/ascii.h"

namespace quell::ingest {
namespace {

constexpr size_t kReasonsMax = 20;  // named in one answer

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool IsLabelName(std::string_view name) {
  return !name.empty() && IsLetter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return IsLetter(c) || (c >= '0' && c <= '9'); });
}

// What Go's url.ParseRequestURI takes: an absolute path or a scheme, no control characters.
bool IsRequestUri(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == ' ') return false;
  }
  if (text.front() == '/') return true;
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view scheme = text.substr(0, colon);
  if (!IsLetter(scheme.front()) || scheme.front() == '_') return false;
  return std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return (IsLetter(c) && c != '_') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

void Default(ReceivedAlert& alert, TimeMs now, DurationMs resolve_timeout_ms) {
  if (alert.starts_at == 0) alert.starts_at = alert.ends_at == 0 ? now : alert.ends_at;
  if (alert.ends_at == 0) {
    alert.timeout = true;
    alert.ends_at = now + resolve_timeout_ms;
  }
}

// Sorted by name; of equal names the last wins.
void Sort(std::vector<Label>& pairs) {
  const auto by_name = [](const Label& a, const Label& b) { return a.name < b.name; };
  if (!std::is_sorted(pairs.begin(), pairs.end(), by_name)) {
    std::stable_sort(pairs.begin(), pairs.end(), by_name);
  }
  size_t kept = 0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (i + 1 < pairs.size() && pairs[i + 1].name == pairs[i].name) continue;
    if (kept != i) std::swap(pairs[kept], pairs[i]);
    ++kept;
  }
  pairs.resize(kept);
}

std::string WhyBadNames(const std::vector<Label>& pairs, const char* what) {
  for (const Label& pair : pairs) {
    if (!IsLabelName(pair.name)) {
      return std::string("invalid ") + what + ": invalid name " + GoQuoted(pair.name);
    }
  }
  return "";
}

std::string WhyTooLarge(const std::vector<Label>& pairs, const char* what, size_t value_max,
                        const AlertLimits& limits) {
  if (pairs.size() > limits.labels_max) {
    return "more than " + std::to_string(limits.labels_max) + ' ' + what + " (alerts.labels_max)";
  }
  for (const Label& pair : pairs) {
    if (pair.name.size() > limits.name_bytes_max || pair.value.size() > value_max) {
      return std::string("one of the ") + what + " is too long (alerts.name_bytes_max, " +
             "alerts.value_bytes_max, alerts.annotation_bytes_max)";
    }
  }
  return "";
}

// In Alertmanager's order, then our own limits. "" = valid.
std::string WhyInvalid(const ReceivedAlert& alert, const AlertLimits& limits) {
  if (alert.ends_at < alert.starts_at) return "start time must be before end time";
  std::string why = WhyBadNames(alert.labels, "label set");
  if (!why.empty()) return why;
  if (alert.labels.empty()) return "at least one label pair required";
  why = WhyBadNames(alert.annotations, "annotations");
  if (why.empty()) why = WhyTooLarge(alert.labels, "labels", limits.value_bytes_max, limits);
  if (why.empty()) {
    why = WhyTooLarge(alert.annotations, "annotations", limits.annotation_bytes_max, limits);
  }
  if (why.empty() && alert.generator_url.size() > limits.annotation_bytes_max) {
    why = "generatorURL is too long (alerts.annotation_bytes_max)";
  }
  return why;
}

void Redact(ReceivedAlert& alert, const Redactor& redactor, RedactionCounters& redacted) {
  redactor.Apply(alert.labels, redacted);
  for (Label& annotation : alert.annotations) {
    annotation.value = redactor.Text(annotation.value, redacted);
  }
  if (!alert.generator_url.empty()) {
    alert.generator_url = redactor.Text(alert.generator_url, redacted);
  }
}

}  // namespace

ApiAnswer CheckRequired(std::span<const ReceivedAlert> alerts) {
  for (size_t i = 0; i < alerts.size(); ++i) {
    const std::string at = std::to_string(i);
    if (!alerts[i].has_labels) return CodedAnswer(602, at + ".labels in body is required");
    const std::string& url = alerts[i].generator_url;
    if (!url.empty() && !IsRequestUri(url)) {
      return CodedAnswer(601, at + ".generatorURL in body must be of type uri: " + GoQuoted(url));
    }
  }
  return {};
}

CheckedAlerts CheckAlerts(std::span<ReceivedAlert> alerts, TimeMs now,
                          DurationMs resolve_timeout_ms, const AlertLimits& limits,
                          const Redactor& redactor, RedactionCounters& redacted) {
  CheckedAlerts out;
  std::string reasons;
  out.valid.reserve(alerts.size());
  for (ReceivedAlert& alert : alerts) {
    Default(alert, now, resolve_timeout_ms);
    std::erase_if(alert.labels, [](const Label& label) { return label.value.empty(); });
    Sort(alert.labels);
    Sort(alert.annotations);
    std::string why = WhyInvalid(alert, limits);
    if (why.empty()) {
      Redact(alert, redactor, redacted);
      if (alert.labels.empty()) why = "redaction leaves no label";
    }
    if (why.empty()) {
      out.valid.push_back(&alert);
      continue;
    }
    if (++out.invalid <= kReasonsMax) reasons += (reasons.empty() ? "" : "; ") + why;
  }
  if (out.invalid > kReasonsMax) {
    reasons += "; and " + std::to_string(out.invalid - kReasonsMax) + " more";
  }
  if (out.invalid > 0) out.answer = TextAnswer(400, reasons);
  return out;
}

}  // namespace quell::ingest
