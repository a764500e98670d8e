#include "tests/support/pagerduty_print.h"

#include <algorithm>
#include <cctype>

namespace quell::test {
namespace {

using nlohmann::json;

constexpr size_t kWidth = 96;
constexpr size_t kIndent = 11;  // of what stands behind a heading
constexpr const char* kRed = "\033[1;31m";
constexpr const char* kYellow = "\033[1;33m";
constexpr const char* kGreen = "\033[1;32m";
constexpr const char* kGrey = "\033[90m";

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string Harmless(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return text;
}

// `text` broken at spaces behind `lead`, later lines indented by `indent`; each behind the block's
// edge.
std::string Wrapped(const std::string& lead, size_t indent, const std::string& text) {
  std::string out;
  std::string line = lead;
  bool fresh = true;
  for (size_t pos = 0; pos < text.size();) {
    const size_t end = std::min(text.find(' ', pos), text.size());
    const std::string word = text.substr(pos, end - pos);
    pos = end + 1;
    if (word.empty()) continue;
    if (!fresh && line.size() + 1 + word.size() > kWidth) {
      out += "\u2502 " + line + "\n";
      line.assign(indent, ' ');
      fresh = true;
    }
    line += (fresh ? "" : " ") + word;
    fresh = false;
  }
  return out + "\u2502 " + line + "\n";
}

std::string Padded(std::string heading) {
  heading.resize(std::max(kIndent, heading.size()), ' ');
  return heading;
}

std::string OneValue(const json& value) {
  if (value.is_string()) return Harmless(value.get<std::string>());
  if (!value.is_object()) return value.dump(-1, ' ', false, json::error_handler_t::replace);
  std::string words;
  for (const auto& [key, inner] : value.items()) {
    words += (words.empty() ? "" : ", ") + Harmless(key) + "=" + OneValue(inner);
  }
  return words.empty() ? "everything" : words;
}

std::string Detail(const std::string& heading, const json& value) {
  if (!value.is_array()) return Wrapped(Padded(heading), kIndent, OneValue(value));
  std::string out;
  for (size_t i = 0; i < value.size(); ++i) {
    out += Wrapped(Padded(i == 0 ? heading : "") + "- ", kIndent + 2, OneValue(value[i]));
  }
  return out;
}

std::string TriggerDetails(const json& event) {
  const json& payload = event["payload"];
  std::string out = "\u2502\n" + Detail("source", payload.value("source", json("")));
  const json details = payload.value("custom_details", json::object());
  for (const char* key : {"scope", "started", "evidence", "members", "changes"}) {
    if (details.contains(key)) out += Detail(key, details[key]);
  }
  for (const json& link : event.value("links", json::array())) {
    out += Detail("link", link.value("href", json("")));
  }
  return out;
}

std::string Rule(const char* corner) {
  std::string rule = corner;
  for (size_t i = 0; i < kWidth; ++i) rule += "\u2500";
  return rule + "\n";
}

}  // namespace

std::string PagePrinter::Paint(const char* colour, const std::string& text) const {
  return colours_ ? colour + text + "\033[0m" : text;
}

std::string PagePrinter::Block(const AcceptedEvent& event) {
  const std::string action = event.event.value("event_action", "");
  const std::string number = "#" + std::to_string(event.number);
  const std::string shown_key =
      event.dedup_key.size() > 24 ? event.dedup_key.substr(0, 18) + "..." : event.dedup_key;
  std::string out = Rule("\u250c");
  if (action == "trigger") {
    const json& payload = event.event["payload"];
    const std::string severity = payload.value("severity", "");
    const std::string summary = Harmless(payload.value("summary", ""));
    const bool opened = event.effect == Effect::kOpened;
    if (opened) pages_[event.dedup_key] = {event.number, summary};
    const std::string title = (opened ? "PAGE  " : "PAGE (already open)  ") + Upper(severity);
    out += "\u2502 " + Paint(severity == "critical" ? kRed : kYellow, title) + "   " + number +
           "   " + payload.value("timestamp", "") + "\n";
    out += Wrapped("", 0, summary);
    if (opened) out += TriggerDetails(event.event);
  } else {
    const auto page = pages_.find(event.dedup_key);
    const std::string of =
        page == pages_.end() ? "" : "   (page #" + std::to_string(page->second.number) + ")";
    std::string title = action == "resolve" ? "RESOLVED" : "ACKNOWLEDGED";
    if (event.effect == Effect::kDropped) title += " (no open page: dropped)";
    out += "\u2502 " + Paint(kGreen, title) + "   " + number + of + "\n";
    if (page != pages_.end()) out += Wrapped("", 0, page->second.summary);
  }
  out += Paint(kGrey, Detail("key", shown_key));
  return out + Rule("\u2514");
}

std::string PagePrinter::Refused(const ReceivedRequest& request) const {
  std::string line = request.status == 0 ? "no answer (as scripted)"
                                         : "refused with " + std::to_string(request.status);
  for (const std::string& error : request.errors) line += "; " + Harmless(error);
  return Paint(kYellow, line) + "\n";
}

}  // namespace quell::test
