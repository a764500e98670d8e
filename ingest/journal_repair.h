// Makes a damaged journal readable again, by giving up what cannot be read: for
// `quell journal repair`. Everything it takes away is kept in FOLDER/damaged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"

namespace quell::ingest {

// One cut: from `offset` of the segment on, or, with no bytes, a gap that was there already.
struct RepairStep {
  std::string path;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint64_t whole_records = 0;  // among them, by checksum
  std::string saved_as;             // "" without bytes
};

// Records first_missing to next - 1 are given up; a file says so to readers.
struct RepairGap {
  std::uint64_t first_missing = 0;
  std::uint64_t next = 0;
};

struct RepairReport {
  std::vector<RepairStep> cuts;
  std::vector<RepairGap> gaps;
  std::uint64_t new_segment = 0;  // begun behind a damaged last one; 0 = none
};

// Each damaged segment is cut where its damage begins, and what is behind goes with it, whole
// records too: without the definitions between they could be misread. Record numbers are never used
// twice: behind a damaged last segment a new one begins above any number that may have been in it.
// `dry_run`: says what would be done. kUnavailable if a writer has the folder, kUnsupported if
// segments overlap. A repair that was broken off is to be repeated.
Result<RepairReport> RepairJournal(const std::string& folder, bool dry_run);

}  // namespace quell::ingest
