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
  // that holds a record from `delete_below` on. `current` is the segment after the sealed ones. A
  // file that cannot be deleted is logged and tried again next time.
  void DeleteForRoom(std::uint64_t wanted_bytes, std::uint64_t bytes_max,
                     std::uint64_t delete_below, const Segment& current);
  // The same for what was received before `oldest`: a segment goes if the one after it began then.
  void DeleteForAge(TimeMs oldest, std::uint64_t delete_below, const Segment& current);

 private:
  [[nodiscard]] const Segment& AfterOldest(const Segment& current) const {
    return segments_.size() > 1 ? segments_[1] : current;
  }
  bool DeleteOldest();

  std::deque<Segment> segments_;
  std::uint64_t bytes_ = 0;
};

}  // namespace quell::ingest
