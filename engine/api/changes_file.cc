#include "engine/api/changes_file.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "engine/incidents/change_json.h"

namespace quell::api {
namespace {

using Json = nlohmann::ordered_json;
using incidents::Change;

constexpr size_t kFileBytesMax = 4U << 20U;

Error Bad(const std::string& where, const std::string& what) {
  return MakeError(ErrorCode::kInvalidArgument, where + ": " + what);
}

Result<std::vector<Json>> Entries(const std::string& path, const std::string& text) {
  Json all = Json::parse(text, nullptr, false);
  if (all.is_array()) return std::vector<Json>(all.begin(), all.end());
  std::vector<Json> out;
  size_t number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    out.push_back(Json::parse(line, nullptr, false));
    if (!out.back().is_object()) {
      return Bad(path + ":" + std::to_string(number), "is not a JSON object");
    }
  }
  return out;
}

bool Same(const Change& a, const Change& b) {
  return a.kind == b.kind && a.start == b.start && a.end == b.end && a.scope == b.scope &&
         a.note == b.note;
}

std::string EndedJson(const Change& change, TimeMs now) {
  // One that has not begun is put into the past: it never was.
  const TimeMs start = change.start <= now ? change.start : kSecondMs;
  Json json = {{"id", change.id},
               {"kind", incidents::ChangeKindName(change.kind)},
               {"start", FormatRfc3339(start)},
               {"end", FormatRfc3339(std::max(start, std::min(change.end, now)))},
               {"note", change.note}};
  if (start == kSecondMs) json["end"] = json["start"];
  for (const Label& label : change.scope) json[label.name] = label.value;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Result<std::vector<FileChange>> ReadChangesFile(const std::string& path) {
  std::vector<FileChange> out;
  if (path.empty()) return out;
  QUELL_ASSIGN(const std::string text, ReadFile(path));
  if (text.size() > kFileBytesMax) return Bad(path, "is larger than 4 MiB");
  QUELL_ASSIGN(std::vector<Json> entries, Entries(path, text));
  if (entries.size() > kFileChangesMax) return Bad(path, "holds more than 5000 changes");
  std::map<std::string, size_t> ids;
  for (size_t i = 0; i < entries.size(); ++i) {
    const std::string where = path + ": entry " + std::to_string(i + 1);
    if (!entries[i].is_object()) return Bad(where, "is not a JSON object");
    const auto id = entries[i].find("id");
    if (id == entries[i].end() || !id->is_string() || id->get_ref<std::string&>().empty()) {
      return Bad(where, "id: must be a text");
    }
    if (!ids.emplace(id->get<std::string>(), i).second) {
      return Bad(where, "id: \"" + id->get<std::string>() + "\" is used twice");
    }
    *id = std::string(kFileChangePrefix) + id->get<std::string>();
    FileChange change;
    change.json = entries[i].dump(-1, ' ', false, Json::error_handler_t::replace);
    QUELL_ASSIGN(change.change, incidents::ParseChangeJson(change.json, where));
    out.push_back(std::move(change));
  }
  return out;
}

std::vector<std::string> ChangesToPost(std::span<const FileChange> file,
                                       std::span<const Change> known, TimeMs now) {
  std::map<std::string_view, const Change*> by_id;
  for (const Change& change : known) {
    if (change.id.starts_with(kFileChangePrefix)) by_id[change.id] = &change;
  }
  std::vector<std::string> out;
  for (const FileChange& entry : file) {
    const auto at = by_id.find(entry.change.id);
    const bool same = at != by_id.end() && Same(*at->second, entry.change);
    if (at != by_id.end()) by_id.erase(at);
    // Of what is long over nothing is left to say.
    if (!same && std::max(entry.change.start, entry.change.end) > now - 2 * kDayMs) {
      out.push_back(entry.json);
    }
  }
  for (const auto& [id, change] : by_id) {
    if (change->end > now || change->start > now) out.push_back(EndedJson(*change, now));
  }
  return out;
}

}  // namespace quell::api
