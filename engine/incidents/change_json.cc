#include "engine/incidents/change_json.h"

#include <nlohmann/json.hpp>

namespace quell::incidents {
namespace {

using Json = nlohmann::json;

Result<TimeMs> TimeOf(const Json& value) {
  if (value.is_string()) return ParseTime(value.get_ref<const std::string&>());
  if (value.is_number()) return ParseTime(value.dump());
  return MakeError(ErrorCode::kInvalidArgument, value.dump() + " is not a time");
}

}  // namespace

Result<Change> ParseChangeJson(std::string_view json, std::string_view where) {
  const Json root = Json::parse(json, nullptr, false);
  const auto fail = [&](const std::string& field, const std::string& what) {
    return MakeError(ErrorCode::kInvalidArgument, std::string(where) + ": " + field + ": " + what);
  };
  if (!root.is_object()) return fail("change", "is not a JSON object");
  Change change;
  bool has_end = false;
  for (const auto& [key, value] : root.items()) {
    if (key == kAnnouncedBy) continue;
    if (key == "time" || key == "start" || key == "end") {
      const auto time = TimeOf(value);
      if (!time.ok()) return fail(key, time.error().message);
      (key == "end" ? change.end : change.start) = *time;
      has_end = has_end || key == "end";
    } else if (!value.is_string()) {
      if (key == "id" && value.is_number()) {
        change.id = value.dump();
        continue;
      }
      return fail(key, value.dump() + " is not a string");
    } else if (key == "id") {
      change.id = value.get<std::string>();
    } else if (key == "kind") {
      change.kind = ChangeKindFromName(value.get_ref<const std::string&>());
    } else if (key == "note") {
      change.note = value.get<std::string>();
    } else {
      change.scope.Set(key, value.get_ref<const std::string&>());
    }
  }
  if (change.start == 0) return fail("time", "is missing");
  if (!has_end) change.end = change.start;
  if (change.end < change.start) return fail("end", "lies before start");
  return change;
}

std::string AnnouncerOf(std::string_view json) {
  const Json root = Json::parse(json, nullptr, false);
  if (!root.is_object()) return "";
  const Json by = root.value(kAnnouncedBy, Json());
  return by.is_string() ? by.get<std::string>() : "";
}

}  // namespace quell::incidents
