// Announced changes from a file: read at the start and on a reload, posted like any other.
#include "engine/api/changes_file.h"
#include "engine/api/engine.h"

namespace quell::api {

Status Engine::CheckChangesFile(const config::Config& config) {
  const auto read = ReadChangesFile(config.changes_file);
  return read.ok() ? Status(Ok{}) : Status(read.error());
}

// What the engine knows may lag behind the journal: a change that is posted twice is one.
void Engine::TakeChangesFile() {
  const auto file = ReadChangesFile(config_.changes_file);
  if (!file.ok()) {
    Log(LogLevel::kError, "the file of changes is not used", {{"error", file.error().message}});
    return;
  }
  std::vector<incidents::Change> known;
  {
    const std::lock_guard lock(pipeline_mutex_);
    known = pipeline_->incidents().Changes();
  }
  for (const std::string& json : ChangesToPost(*file, known, clock_.WallMs())) {
    const Status added = AddChange(json, "changes.file");
    if (!added.ok()) {
      Log(LogLevel::kError, "a change of the file is not taken",
          {{"error", added.error().message}});
    }
  }
}

}  // namespace quell::api
