// SegmentFile: the one journal segment that is written to. Knows where its last whole record ends
// and keeps the file from holding more than that.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "ingest/descriptor.h"
#include "ingest/file_ops.h"
#include "ingest/journal_format.h"
#include "ingest/journal_recovery.h"

namespace quell::ingest {

// Thread-compatible, but fd() may be synced while others write. `ops` must outlive it. Errors are
// kIo and name the file.
class SegmentFile {
 public:
  explicit SegmentFile(FileOps& ops) : ops_(ops) {}

  // Goes on with a segment of a former process: cuts what is torn, writes what the start lacks,
  // syncs.
  Status Resume(const Segment& segment, const SegmentTail& tail);

  // A new segment, synced with its name. On failure the former one stays, and what was made of the
  // new one is written over by the next attempt: a reader may have it open already. Where the
  // former one has the same first sequence (it holds no record), it is begun again.
  Status Begin(const std::string& folder, std::uint64_t first_sequence);

  // All of it, or it is cut back to what was there before.
  Status Append(std::string_view frames);
  // Kept with the segment's first record.
  void NoteReceived(TimeMs received_ms) {
    if (!segment_.first_received) segment_.first_received = received_ms;
  }
  Status CutBack(std::uint64_t bytes);
  // Cuts what could not be cut when that was due.
  Status Repair() { return cut_pending_ ? CutBack(segment_.bytes) : Status(Ok{}); }
  Status Sync();  // with nobody else syncing

  [[nodiscard]] bool IsOpen() const { return file_.get() >= 0; }
  [[nodiscard]] int fd() const { return file_.get(); }
  [[nodiscard]] const Segment& segment() const { return segment_; }
  [[nodiscard]] std::uint64_t bytes() const { return segment_.bytes; }  // written and whole
  [[nodiscard]] bool HoldsRecords() const { return bytes() > kSegmentMagic.size(); }
  [[nodiscard]] bool CutPending() const { return cut_pending_; }
  // Something was cut, and no Sync() since has covered that.
  [[nodiscard]] bool CutUnsynced() const { return cut_unsynced_; }
  [[nodiscard]] Error SystemErrorOf(std::string_view what) const;

 private:
  bool WriteAll(int fd, std::string_view bytes);  // false: errno says why, some may be written

  FileOps& ops_;
  Descriptor file_;
  Segment segment_;
  bool cut_pending_ = false;
  bool cut_unsynced_ = false;
};

}  // namespace quell::ingest
