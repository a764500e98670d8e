#include "ingest/journal_recovery.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string>

#include "core/file.h"
#include "ingest/descriptor.h"

namespace quell::ingest {

Result<SegmentTail> FindTail(const Segment& last) {
  QUELL_ASSIGN(const std::string file, ReadFile(last.path));
  const std::string_view bytes = file;
  SegmentTail tail;
  tail.start = ReadSegmentStart(bytes);
  tail.next_sequence = last.first_sequence;
  if (tail.start == SegmentStart::kForeign) {
    return MakeError(ErrorCode::kCorrupt,
                     last.path + ": offset 0: not a journal segment of version 1 or 2");
  }
  if (tail.start == SegmentStart::kShort) {  // the crash came before the first record
    tail.torn_bytes = bytes.size();
    return tail;
  }
  tail.whole_bytes = kSegmentMagic.size();
  for (;;) {
    const FrameView frame = ReadFrame(bytes.substr(tail.whole_bytes));
    if (frame.state != FrameState::kWhole) break;
    tail.whole_bytes += frame.frame_bytes;
    ++tail.next_sequence;
  }
  if (HasWholeFrame(bytes.substr(tail.whole_bytes))) {
    return MakeError(ErrorCode::kCorrupt, last.path + ": offset " +
                                              std::to_string(tail.whole_bytes) +
                                              ": the record does not match its checksum or length");
  }
  tail.torn_bytes = bytes.size() - tail.whole_bytes;
  return tail;
}

std::optional<TimeMs> FirstReceived(const Segment& segment) {
  std::array<char, kSegmentMagic.size() + kFrameHeaderBytes> start{};
  const Descriptor file(::open(segment.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return std::nullopt;
  const ssize_t count = ::pread(file.get(), start.data(), start.size(), 0);
  if (count != static_cast<ssize_t>(start.size())) return std::nullopt;
  return FrameReceived(std::string_view(start.data(), start.size()).substr(kSegmentMagic.size()));
}

}  // namespace quell::ingest
