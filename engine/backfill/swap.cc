#include "engine/backfill/swap.h"

#include <filesystem>
#include <system_error>

#include "core/file.h"
#include "core/log.h"

namespace quell::backfill {
namespace {

bool Exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

Status RemoveAll(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) return MakeError(ErrorCode::kIo, "cannot remove " + path + ": " + error.message());
  return Ok{};
}

std::string MarkerIn(const std::string& data_dir) { return StagingFolder(data_dir) + "/swap"; }

}  // namespace

Status Pass(const Checkpoint& checkpoint, const char* step) {
  if (!checkpoint || checkpoint(step)) return Ok{};
  return MakeError(ErrorCode::kUnavailable, kStoppedText);
}

Result<std::unique_ptr<ingest::FolderLock>> TakeDataDir(const std::string& data_dir) {
  QUELL_TRY(MakeFolders(data_dir));
  auto lock = std::make_unique<ingest::FolderLock>();
  const Status taken = lock->Take(data_dir);
  if (taken.ok()) return lock;
  if (taken.error().code != ErrorCode::kUnavailable) return taken.error();
  return MakeError(ErrorCode::kUnavailable, "data_dir " + data_dir +
                                                ": a backfill is at work there, or a server is "
                                                "starting; wait for it or stop it");
}

Status DecideSwap(const std::string& data_dir) {
  return WriteFileAtomic(MarkerIn(data_dir), "the staged journal is whole\n");
}

Status FinishSwap(const std::string& data_dir, const Checkpoint& checkpoint) {
  const std::string staging = StagingFolder(data_dir);
  if (!Exists(MarkerIn(data_dir))) return Ok{};
  const std::string staged = staging + "/journal";
  const std::string journal = data_dir + "/journal";
  const std::string old = data_dir + "/journal.old";
  if (Exists(staged)) {
    if (Exists(journal)) {
      if (Exists(old)) {  // no crash of ours leaves this
        return MakeError(ErrorCode::kCorrupt, "both " + journal + " and " + old +
                                                  " are there, and a backfill waits to take their "
                                                  "place; move the one away that is not wanted");
      }
      QUELL_TRY(RenameDurably(journal, old));
    }
    QUELL_TRY(Pass(checkpoint, "old aside"));
    QUELL_TRY(RenameDurably(staged, journal));
  }
  QUELL_TRY(Pass(checkpoint, "new in place"));
  QUELL_TRY(RemoveAll(old));
  QUELL_TRY(Pass(checkpoint, "old removed"));
  // The marker goes last of what has a meaning.
  QUELL_TRY(RemoveAll(staging + "/progress.json"));
  QUELL_TRY(SyncPath(staging));
  QUELL_TRY(RemoveAll(MarkerIn(data_dir)));
  QUELL_TRY(SyncPath(staging));
  QUELL_TRY(Pass(checkpoint, "marker removed"));
  QUELL_TRY(RemoveAll(staging));
  Log(LogLevel::kInfo, "the journal with its history is in place", {{"folder", journal}});
  return SyncPath(data_dir);
}

}  // namespace quell::backfill
