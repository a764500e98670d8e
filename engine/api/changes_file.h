// The file of announced changes that an operator keeps (`changes.file`).
//
// The objects of POST /api/v1/changes, as a JSON array or one a line, each with an id. Read at the
// start and on a reload: what is new or was edited goes into the journal as if it had been posted,
// what was taken out ends.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "engine/incidents/change.h"

namespace quell::api {

inline constexpr std::string_view kFileChangePrefix = "file:";  // of their ids
inline constexpr size_t kFileChangesMax = 5000;

struct FileChange {
  incidents::Change change;
  std::string json;  // as posted
};

// Errors name the file and the entry. "" = no file, no changes.
Result<std::vector<FileChange>> ReadChangesFile(const std::string& path);

// What to post so that `known` (all that the engine knows of) becomes what the file says.
std::vector<std::string> ChangesToPost(std::span<const FileChange> file,
                                       std::span<const incidents::Change> known, TimeMs now);

}  // namespace quell::api
