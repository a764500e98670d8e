#include "ingest/segment_file.h"

#include <cerrno>
#include <utility>

#include "core/file.h"

namespace quell::ingest {

Error SegmentFile::SystemErrorOf(std::string_view what) const {
  Error error = SystemError(what, segment_.path);
  error.code = ErrorCode::kIo;
  return error;
}

Status SegmentFile::Resume(const Segment& segment, const SegmentTail& tail) {
  segment_ = segment;
  segment_.bytes = tail.whole_bytes;
  file_.Reset(ops_.Create(segment.path));
  if (!IsOpen()) return SystemErrorOf("cannot open");
  if (tail.torn_bytes > 0) QUELL_TRY(CutBack(tail.whole_bytes));
  if (tail.start == SegmentStart::kShort) QUELL_TRY(Append(kSegmentMagic));
  return Sync();
}

Status SegmentFile::Begin(const std::string& folder, std::uint64_t first_sequence) {
  Segment fresh;
  fresh.path = SegmentPath(folder, first_sequence);
  fresh.first_sequence = first_sequence;
  fresh.bytes = kSegmentMagic.size();
  const int fd = ops_.Create(fresh.path);
  if (fd < 0 || ops_.Truncate(fd, 0) != 0 || !WriteAll(fd, kSegmentMagic) || ops_.Sync(fd) != 0 ||
      ops_.SyncFolder(folder) != 0) {
    Error error = SystemError("cannot begin segment", fresh.path);
    error.code = ErrorCode::kIo;
    if (fd >= 0) ::close(fd);
    return error;
  }
  file_.Reset(fd);
  segment_ = std::move(fresh);
  cut_pending_ = cut_unsynced_ = false;
  return Ok{};
}

bool SegmentFile::WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::ptrdiff_t count = ops_.Write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) errno = EIO;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

Status SegmentFile::Append(std::string_view frames) {
  if (!WriteAll(fd(), frames)) {
    Error error = SystemErrorOf("cannot append to");
    const Status cut = CutBack(segment_.bytes);
    if (!cut.ok()) error.message += "; " + cut.error().message;
    return error;
  }
  segment_.bytes += frames.size();
  return Ok{};
}

Status SegmentFile::CutBack(std::uint64_t bytes) {
  segment_.bytes = bytes;
  cut_unsynced_ = true;
  cut_pending_ = ops_.Truncate(fd(), bytes) != 0;
  if (cut_pending_) return SystemErrorOf("cannot cut back");
  return Ok{};
}

Status SegmentFile::Sync() {
  if (ops_.Sync(fd()) != 0) return SystemErrorOf("cannot sync");
  cut_unsynced_ = false;
  return Ok{};
}

}  // namespace quell::ingest
