// Swap: a staged journal takes the place of DATA_DIR/journal, so that a crash at any point leaves
// the old or the new one usable.
//
//   DATA_DIR/backfill/journal   the staged one, whole and synced
//   DATA_DIR/backfill/swap      decided: from here on every start goes forward
//   DATA_DIR/journal.old        the former one, while it is put aside
//
// Not thread-safe; the caller holds the data directory (TakeDataDir).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/result.h"
#include "ingest/folder_lock.h"

namespace quell::backfill {

// Asked after every step with its name; false = stop here, as if the process were killed. For
// tests; null = never stop.
using Checkpoint = std::function<bool(const char* step)>;
inline constexpr const char* kStoppedText = "stopped at a checkpoint";
Status Pass(const Checkpoint& checkpoint, const char* step);

inline std::string StagingFolder(const std::string& data_dir) { return data_dir + "/backfill"; }

// kUnavailable, saying what to do, if a backfill runs or a server is just starting there.
Result<std::unique_ptr<ingest::FolderLock>> TakeDataDir(const std::string& data_dir);

// Decides for the staged journal: nothing undoes it from here on.
Status DecideSwap(const std::string& data_dir);
// Does what is left of a swap that was decided; nothing if none was. May be repeated.
Status FinishSwap(const std::string& data_dir, const Checkpoint& checkpoint);

}  // namespace quell::backfill
