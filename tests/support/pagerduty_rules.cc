#include "tests/support/pagerduty_rules.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "core/time.h"

namespace quell::test {
namespace {

using nlohmann::json;
using Errors = std::vector<std::string>;

constexpr size_t kSummaryMax = 1024;
constexpr size_t kDedupKeyMax = 255;
constexpr size_t kRoutingKeyLength = 32;

size_t CodePoints(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

void CheckKeys(const json& object, const std::string& where, const std::set<std::string>& known,
               Errors& errors) {
  for (const auto& [key, value] : object.items()) {
    if (known.count(key) == 0) errors.push_back("'" + where + key + "' is not a known field");
  }
}

enum class Need { kRequired, kOptional };

// The text at `key`; nullptr (and an error, where one is due) if it is missing or no text.
const std::string* Text(const json& object, const std::string& where, const char* key, Need need,
                        Errors& errors) {
  const auto it = object.find(key);
  const std::string name = "'" + where + key + "'";
  if (it == object.end()) {
    if (need == Need::kRequired) errors.push_back(name + " is missing");
    return nullptr;
  }
  if (!it->is_string()) {
    errors.push_back(name + " is not a string");
    return nullptr;
  }
  const auto& text = it->get_ref<const std::string&>();
  if (need == Need::kRequired && text.empty()) {
    errors.push_back(name + " is blank");
    return nullptr;
  }
  return &text;
}

void CheckRoutingKey(const json& event, Errors& errors) {
  const std::string* key = Text(event, "", "routing_key", Need::kRequired, errors);
  if (key == nullptr) return;
  const bool plain = std::all_of(key->begin(), key->end(), [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  if (key->size() != kRoutingKeyLength || !plain) {
    errors.emplace_back("'routing_key' is not a 32-character integration key");
  }
}

void CheckDedupKey(const json& event, Need need, Errors& errors) {
  const std::string* key = Text(event, "", "dedup_key", need, errors);
  if (key != nullptr && CodePoints(*key) > kDedupKeyMax) {
    errors.emplace_back("'dedup_key' is longer than 255 characters");
  }
}

void CheckTimestamp(const json& payload, Errors& errors) {
  const std::string* text = Text(payload, "payload.", "timestamp", Need::kOptional, errors);
  if (text == nullptr) return;
  const bool dated = text->size() >= 20 && (*text)[4] == '-' && (*text)[10] == 'T';
  if (!dated || !ParseTime(*text).ok()) {
    errors.emplace_back("'payload.timestamp' is not an ISO 8601 time");
  }
}

void CheckPayload(const json& event, bool required, Errors& errors) {
  const auto it = event.find("payload");
  if (it == event.end()) {
    if (required) errors.emplace_back("'payload' is missing");
    return;
  }
  if (!it->is_object()) {
    errors.emplace_back("'payload' is not an object");
    return;
  }
  CheckKeys(*it, "payload.",
            {"summary", "source", "severity", "timestamp", "component", "group", "class",
             "custom_details"},
            errors);
  const std::string* summary = Text(*it, "payload.", "summary", Need::kRequired, errors);
  if (summary != nullptr && CodePoints(*summary) > kSummaryMax) {
    errors.emplace_back("'payload.summary' is longer than 1024 characters");
  }
  Text(*it, "payload.", "source", Need::kRequired, errors);
  const std::string* severity = Text(*it, "payload.", "severity", Need::kRequired, errors);
  constexpr std::array<std::string_view, 4> kSeverities = {"critical", "error", "warning", "info"};
  if (severity != nullptr &&
      std::find(kSeverities.begin(), kSeverities.end(), *severity) == kSeverities.end()) {
    errors.emplace_back("'payload.severity' is not one of critical, error, warning, info");
  }
  CheckTimestamp(*it, errors);
  for (const char* key : {"component", "group", "class"}) {
    Text(*it, "payload.", key, Need::kOptional, errors);
  }
  const auto details = it->find("custom_details");
  if (details != it->end() && !details->is_object()) {
    errors.emplace_back("'payload.custom_details' is not an object");
  }
}

// images (src required and https) or links (href required).
void CheckList(const json& event, const std::string& list, const char* required,
               const std::set<std::string>& known, bool https, Errors& errors) {
  const auto it = event.find(list);
  if (it == event.end()) return;
  if (!it->is_array()) {
    errors.push_back("'" + list + "' is not an array");
    return;
  }
  for (size_t i = 0; i < it->size(); ++i) {
    const json& item = (*it)[i];
    const std::string where = list + "[" + std::to_string(i) + "]";
    if (!item.is_object()) {
      errors.push_back("'" + where + "' is not an object");
      continue;
    }
    CheckKeys(item, where + ".", known, errors);
    for (const std::string& key : known) {
      const Need need = key == required ? Need::kRequired : Need::kOptional;
      const std::string* text = Text(item, where + ".", key.c_str(), need, errors);
      if (text != nullptr && https && key == required && text->rfind("https://", 0) != 0) {
        errors.push_back("'" + where + "." + key + "' is not an https address");
      }
    }
  }
}

bool IsJson(std::string content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (!content_type.empty() && content_type.back() == ' ') content_type.pop_back();
  return content_type == "application/json";
}

void CheckEvent(const json& event, Errors& errors) {
  CheckKeys(event, "",
            {"routing_key", "event_action", "dedup_key", "payload", "images", "links", "client",
             "client_url"},
            errors);
  CheckRoutingKey(event, errors);
  const std::string* action = Text(event, "", "event_action", Need::kRequired, errors);
  const bool trigger = action != nullptr && *action == "trigger";
  if (action != nullptr && !trigger && *action != "acknowledge" && *action != "resolve") {
    errors.emplace_back("'event_action' is not one of trigger, acknowledge, resolve");
  }
  CheckDedupKey(event, trigger ? Need::kOptional : Need::kRequired, errors);
  CheckPayload(event, trigger, errors);
  CheckList(event, "images", "src", {"src", "href", "alt"}, true, errors);
  CheckList(event, "links", "href", {"href", "text"}, false, errors);
  Text(event, "", "client", Need::kOptional, errors);
  Text(event, "", "client_url", Need::kOptional, errors);
}

void CheckChange(const json& event, Errors& errors) {
  CheckKeys(event, "", {"routing_key", "payload", "links", "images"}, errors);
  CheckRoutingKey(event, errors);
  const std::string* key = Text(event, "", "routing_key", Need::kRequired, errors);
  if (key != nullptr && key->rfind('R', 0) == 0) {
    errors.emplace_back("'routing_key' is a ruleset's");
  }
  const auto payload = event.find("payload");
  if (payload == event.end() || !payload->is_object()) {
    errors.emplace_back("'payload' is missing or not an object");
    return;
  }
  CheckKeys(*payload, "payload.", {"summary", "timestamp", "source", "custom_details"}, errors);
  const std::string* summary = Text(*payload, "payload.", "summary", Need::kRequired, errors);
  if (summary != nullptr && CodePoints(*summary) > kSummaryMax) {
    errors.emplace_back("'payload.summary' is longer than 1024 characters");
  }
  CheckTimestamp(*payload, errors);
  Text(*payload, "payload.", "source", Need::kOptional, errors);
  const auto details = payload->find("custom_details");
  if (details != payload->end() && !details->is_object()) {
    errors.emplace_back("'payload.custom_details' is not an object");
  }
}

RuleCheck Check(const std::string& content_type, const std::string& body,
                void (*check_event)(const json&, Errors&)) {
  RuleCheck check;
  if (body.size() > kEventBytesMax) {
    check.status = 413;
    check.errors.push_back("the event has " + std::to_string(body.size()) +
                           " bytes; the limit is 512000");
    return check;
  }
  if (!IsJson(content_type)) check.errors.emplace_back("Content-Type is not application/json");
  check.event = json::parse(body, nullptr, false);
  if (check.event.is_discarded()) {
    check.event = nullptr;
    check.errors.emplace_back("JSON parse error");
  } else if (!check.event.is_object()) {
    check.errors.emplace_back("the event is not an object");
  } else {
    check_event(check.event, check.errors);
  }
  if (!check.errors.empty()) check.status = 400;
  return check;
}

}  // namespace

RuleCheck CheckPagerDutyRequest(const std::string& content_type, const std::string& body) {
  return Check(content_type, body, CheckEvent);
}

RuleCheck CheckPagerDutyChange(const std::string& content_type, const std::string& body) {
  return Check(content_type, body, CheckChange);
}

}  // namespace quell::test
