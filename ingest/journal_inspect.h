// What a journal folder holds, segment by segment and frame by frame, and what is wrong with it:
// for `quell journal inspect` and `verify`. Needs no lock and changes nothing; a live folder may
// grow meanwhile. Holds one segment in memory.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "ingest/journal_format.h"

namespace quell::ingest {

inline constexpr size_t kRecordKinds = 9;  // RecordKind counts from 1

struct JournalProblem {
  std::string path;
  std::uint64_t offset = 0;
  std::string what;
};

struct SegmentReport {
  Segment segment;
  int version = 0;  // 0: no segment of ours, or one whose first bytes never came
  std::array<std::uint64_t, kRecordKinds> records{};  // by kind - 1; up to the damage, if any
  std::uint64_t next_sequence = 0;                    // the number after its last good record
  std::uint64_t whole_bytes = 0;                      // up to the end of its last good record
  std::uint64_t torn_bytes = 0;   // of the last segment: behind that, with no whole record in it
  bool damaged = false;           // what stands behind whole_bytes is neither record nor torn tail
  std::uint64_t whole_after = 0;  // records behind the damage that are whole
  std::optional<TimeMs> first_received, last_received;
};

struct JournalReport {
  std::vector<SegmentReport> segments;
  std::vector<JournalProblem> problems;  // in order; a torn tail is none
};

// Called for each good record before a segment's damage.
using RecordCall = std::function<void(const Segment& segment, std::uint64_t offset,
                                      std::uint64_t sequence, const FrameView& frame)>;

// kNotFound, kIo and kCorrupt (a segment's name) as errors; damage is in the report.
Result<JournalReport> InspectJournal(const std::string& folder, const RecordCall& on_record = {});

// A gap that a repair left, on purpose: records `first_missing` to `next` - 1 are given up, and
// readers go on. Without its file a gap is an error.
std::string GapPath(const std::string& folder, std::uint64_t first_missing, std::uint64_t next);
bool GapIsKnown(const std::string& folder, std::uint64_t first_missing, std::uint64_t next);

}  // namespace quell::ingest
