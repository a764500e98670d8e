// SealedSegments: the journal's segments that are written to no more, and when they may go.
#pragma once

#include <cstdint>
#include <deque>

#include "ingest/journal_format.h"

namespace quell::ingest {

// Thread-compatible. Segments are added in order, oldest first.
class SealedSegments {
 public:
  void Add(Segment segment);
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

  // Deletes whole segments, the oldest first, until they and `wanted_bytes` fit `bytes_max`; none
  // that holds a record from `delete_below` on. `current_first` is the first sequence after all
  // sealed ones. A file that cannot be deleted is logged and tried again next time.
  void DeleteForRoom(std::uint64_t wanted_bytes, std::uint64_t bytes_max,
                     std::uint64_t delete_below, std::uint64_t current_first);

 private:
  bool DeleteOldest();

  std::deque<Segment> segments_;
  std::uint64_t bytes_ = 0;
};

}  // namespace quell::ingest
