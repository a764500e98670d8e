// RelearnNote: the file DATA_DIR/relearn, by which a data directory tells its next start that the
// journal holds a past that no snapshot knows. The engine then learns the journal from its first
// record, takes a snapshot, and removes the note; a crash in between leaves the note.
//
// Functions of the file alone; one process per data directory.
#pragma once

#include <optional>
#include <string>

#include "core/result.h"
#include "core/time.h"

namespace quell::backfill {

struct RelearnNote {
  std::string reason;  // for people
  TimeMs from = 0;     // the history that was put in: [from, to)
  TimeMs to = 0;
};

Status WriteRelearnNote(const std::string& data_dir, const RelearnNote& note);  // atomic, durable
// Nothing where there is no note. A note that does not decode counts, with that as its reason.
Result<std::optional<RelearnNote>> ReadRelearnNote(const std::string& data_dir);
Status RemoveRelearnNote(const std::string& data_dir);

}  // namespace quell::backfill
