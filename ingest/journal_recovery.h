// Where the last segment of a journal ends after a crash.
#pragma once

#include <cstdint>
#include <optional>

#include "core/result.h"
#include "ingest/journal_format.h"

namespace quell::ingest {

struct SegmentTail {
  SegmentStart start = SegmentStart::kShort;  // never kForeign
  std::uint64_t whole_bytes = 0;    // up to the end of the last whole record; 0 where kShort
  std::uint64_t torn_bytes = 0;     // behind that; no whole record is among them
  std::uint64_t next_sequence = 0;  // the number of the record to come
};

// kCorrupt naming file and offset if a whole record stands behind something that is none. Holds
// the segment in memory.
Result<SegmentTail> FindTail(const Segment& last);

// When its first record was received, by that record's header alone; nullopt without one, or if
// the file cannot be read.
std::optional<TimeMs> FirstReceived(const Segment& segment);

}  // namespace quell::ingest
