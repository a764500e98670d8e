#include <nlohmann/json.hpp>

#include "ingest/alerts/alert_parser.h"
#include "ingest/alerts/silence.h"

namespace quell::ingest {
namespace {

using Json = nlohmann::json;

ApiAnswer NotParsed(const std::string& why) {
  return CodedAnswer(400, "parsing silence body from \"\" failed, because " + why);
}
ApiAnswer Required(const std::string& field) {
  return CodedAnswer(602, field + " in body is required");
}

// Whether the field is there; a wrong type is told in `answer`.
bool ReadText(const Json& json, const std::string& key, std::string& out, ApiAnswer& answer) {
  const auto at = json.find(key);
  if (at == json.end() || at->is_null()) return false;
  if (!at->is_string()) {
    answer = NotParsed(key + " is no string");
    return true;
  }
  out = at->get<std::string>();
  if (out.size() > SilenceLimits::kTextBytesMax) answer = TextAnswer(400, key + " is too long");
  return true;
}

bool ReadFlag(const Json& json, const char* key, bool& out, ApiAnswer& answer) {
  const auto at = json.find(key);
  if (at == json.end() || at->is_null()) return false;
  if (at->is_boolean()) {
    out = at->get<bool>();
  } else {
    answer = NotParsed(std::string(key) + " is no boolean");
  }
  return true;
}

ApiAnswer ReadTime(const Json& json, const std::string& key, TimeMs& out) {
  std::string text;
  ApiAnswer answer;
  if (!ReadText(json, key, text, answer)) return Required(key);
  if (!answer.ok()) return answer;
  const auto time = ParseApiTime(text);
  if (!time.ok()) return NotParsed(time.error().message);
  out = *time;
  return {};
}

ApiAnswer ReadMatcher(const Json& json, const std::string& path, SilenceMatcher& out) {
  if (!json.is_object()) return NotParsed("a matcher is no object");
  ApiAnswer answer;
  if (!ReadFlag(json, "isRegex", out.is_regex, answer)) return Required(path + ".isRegex");
  if (!ReadText(json, "name", out.name, answer)) return Required(path + ".name");
  if (!ReadText(json, "value", out.value, answer)) return Required(path + ".value");
  ReadFlag(json, "isEqual", out.is_equal, answer);
  return answer;
}

ApiAnswer ReadMatchers(const Json& json, std::vector<SilenceMatcher>& out) {
  const auto list = json.find("matchers");
  if (list == json.end() || list->is_null()) return Required("matchers");
  if (!list->is_array()) return NotParsed("matchers is no list");
  if (list->empty()) return CodedAnswer(612, "matchers in body should have at least 1 items");
  if (list->size() > SilenceLimits::kMatchersMax) {
    return TextAnswer(400,
                      "more than " + std::to_string(SilenceLimits::kMatchersMax) + " matchers");
  }
  for (size_t i = 0; i < list->size(); ++i) {
    const ApiAnswer read =
        ReadMatcher((*list)[i], "matchers." + std::to_string(i), out.emplace_back());
    if (!read.ok()) return read;
  }
  return {};
}

}  // namespace

// In the order in which Alertmanager looks at the fields: by name.
ApiAnswer ParseSilence(std::string_view body, Silence& silence) {
  if (body.empty()) return CodedAnswer(602, "silence in body is required");
  const Json json = Json::parse(body.begin(), body.end(), nullptr, false);
  if (json.is_discarded()) return NotParsed("it is no JSON");
  if (!json.is_object()) return NotParsed("it is no object");
  silence = {};
  ApiAnswer answer;
  ReadText(json, "id", silence.id, answer);
  if (!ReadText(json, "comment", silence.comment, answer)) return Required("comment");
  if (!ReadText(json, "createdBy", silence.created_by, answer)) return Required("createdBy");
  if (answer.ok()) answer = ReadTime(json, "endsAt", silence.ends_at);
  if (answer.ok()) answer = ReadMatchers(json, silence.matchers);
  if (answer.ok()) answer = ReadTime(json, "startsAt", silence.starts_at);
  return answer;
}

}  // namespace quell::ingest
