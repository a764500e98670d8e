#include "engine/backfill/relearn.h"

#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "core/file.h"

namespace quell::backfill {
namespace {

constexpr size_t kNoteBytesMax = 64U << 10U;

std::string PathIn(const std::string& data_dir) { return data_dir + "/relearn"; }

TimeMs TimeOf(const nlohmann::json& json, const char* key) {
  const auto at = json.find(key);
  if (at == json.end() || !at->is_string()) return 0;
  const auto time = ParseTime(at->get_ref<const std::string&>());
  return time.ok() ? *time : 0;
}

}  // namespace

Status WriteRelearnNote(const std::string& data_dir, const RelearnNote& note) {
  const nlohmann::ordered_json json = {
      {"reason", note.reason}, {"from", FormatRfc3339(note.from)}, {"to", FormatRfc3339(note.to)}};
  using Json = nlohmann::ordered_json;
  return WriteFileAtomic(PathIn(data_dir),
                         json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
}

Result<std::optional<RelearnNote>> ReadRelearnNote(const std::string& data_dir) {
  const auto text = ReadFile(PathIn(data_dir), kNoteBytesMax);
  if (!text.ok()) {
    if (text.error().code == ErrorCode::kNotFound) return std::optional<RelearnNote>();
    return text.error();
  }
  const auto json = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  RelearnNote note;
  if (json.is_object()) {
    note.from = TimeOf(json, "from");
    note.to = TimeOf(json, "to");
    const auto reason = json.find("reason");
    if (reason != json.end() && reason->is_string()) note.reason = reason->get<std::string>();
  }
  if (note.reason.empty()) note.reason = PathIn(data_dir) + " does not say why";
  return std::optional<RelearnNote>(std::move(note));
}

Status RemoveRelearnNote(const std::string& data_dir) {
  const std::string path = PathIn(data_dir);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return SystemError("cannot remove", path);
  return SyncPath(data_dir);
}

}  // namespace quell::backfill
