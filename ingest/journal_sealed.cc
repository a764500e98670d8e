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
                                   std::uint64_t delete_below, const Segment& current) {
  while (!segments_.empty() && bytes_ + wanted_bytes > bytes_max) {
    if (AfterOldest(current).first_sequence > delete_below || !DeleteOldest()) return;
  }
}

void SealedSegments::DeleteForAge(TimeMs oldest, std::uint64_t delete_below,
                                  const Segment& current) {
  while (!segments_.empty()) {
    const Segment& next = AfterOldest(current);
    if (!next.first_received || *next.first_received >= oldest) return;
    if (next.first_sequence > delete_below || !DeleteOldest()) return;
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
