#include "ingest/journal_sealed.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/file.h"
#include "core/log.h"

namespace quell::ingest {

void SealedSegments::Add(Segment segment) {
  bytes_ += segment.bytes;
  segments_.push_back(std::move(segment));
}

void SealedSegments::DeleteForRoom(std::uint64_t wanted_bytes, std::uint64_t bytes_max,
                                   std::uint64_t delete_below, std::uint64_t current_first) {
  while (!segments_.empty() && bytes_ + wanted_bytes > bytes_max) {
    const std::uint64_t next = segments_.size() > 1 ? segments_[1].first_sequence : current_first;
    if (next > delete_below || !DeleteOldest()) return;
  }
}

bool SealedSegments::DeleteOldest() {
  const Segment& oldest = segments_.front();
  if (::unlink(oldest.path.c_str()) != 0 && errno != ENOENT) {
    Log(LogLevel::kWarn, "journal: cannot delete an old segment",
        {{"error", SystemError("cannot delete", oldest.path).message}});
    return false;
  }
  bytes_ -= oldest.bytes;
  segments_.pop_front();
  return true;
}

}  // namespace quell::ingest
