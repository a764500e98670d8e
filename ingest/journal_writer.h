// Opens a journal on given file operations: what Journal::Open does, with a disk that tests can
// break.
#pragma once

#include <memory>

#include "ingest/file_ops.h"
#include "ingest/journal.h"

namespace quell::ingest {

// `clock` and `ops` must outlive the journal.
Result<std::unique_ptr<Journal>> OpenJournalOn(const JournalOptions& options, Clock& clock,
                                               FileOps& ops);

}  // namespace quell::ingest
