#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "core/bytes.h"
#include "core/file.h"
#include "ingest/journal.h"
#include "ingest/journal_format.h"
#include "ingest/journal_inspect.h"

namespace quell::ingest {
namespace {

constexpr size_t kBlockBytes = 1U << 20U;
constexpr size_t kFirstReadBytes = 4096;

// Sealed segments are read in large blocks. Of the last one nothing is kept behind the frame that
// was asked for: a reader that follows a writer must not hold bytes that a failed sync cuts back.
class SegmentsReader final : public JournalReader {
 public:
  SegmentsReader(std::string folder, std::vector<Segment> segments, std::uint64_t from_sequence)
      : folder_(std::move(folder)), segments_(std::move(segments)), from_(from_sequence) {}
  ~SegmentsReader() override { Close(); }

  Result<std::optional<JournalRecord>> Next() override {
    for (;;) {
      if (fd_ < 0) {
        QUELL_ASSIGN(const bool there, Open());
        if (!there) return std::optional<JournalRecord>();
      }
      QUELL_ASSIGN(const FrameView frame, FrameAt());
      if (frame.state != FrameState::kWhole) {
        QUELL_ASSIGN(const bool more, GoOn());
        if (!more) return std::optional<JournalRecord>();
        continue;
      }
      const std::uint64_t sequence = sequence_++;
      at_ += frame.frame_bytes;
      const bool before = sequence < from_;
      if (before && frame.kind != RecordKind::kSeries) continue;
      return std::optional<JournalRecord>(JournalRecord{sequence, frame.kind, frame.received_ms,
                                                        std::string(frame.payload), before});
    }
  }

 private:
  [[nodiscard]] bool OnLast() const { return index_ + 1 >= segments_.size(); }

  Error Damaged(std::string_view what) const {
    return MakeError(ErrorCode::kCorrupt, segments_[index_].path + ": offset " +
                                              std::to_string(at_) + ": " + std::string(what));
  }

  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  // False where the segment is not there yet, or has no first record.
  Result<bool> Open() {
    if (segments_.empty()) QUELL_TRY(LookForMore());
    if (index_ >= segments_.size()) return false;
    const std::string& path = segments_[index_].path;
    fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0) return SystemError("cannot open", path);
    at_ = 0;
    sequence_ = segments_[index_].first_sequence;
    buffered_ = 0;
    QUELL_ASSIGN(const std::string_view magic, Window(kSegmentMagic.size()));
    const SegmentStart start = ReadSegmentStart(magic);
    if (start == SegmentStart::kForeign || (start == SegmentStart::kShort && !OnLast())) {
      return Damaged("not a journal segment of version 1 or 2");
    }
    if (start == SegmentStart::kShort) {
      Close();
      return false;
    }
    at_ = kSegmentMagic.size();
    return true;
  }

  // At least `count` bytes from at_ on, or all up to the file's end. They live until the next call.
  Result<std::string_view> Window(size_t count) {
    const auto buffered = [this] {
      return std::string_view(buffer_.data(), buffered_).substr(at_ - buffer_at_);
    };
    const bool inside = at_ >= buffer_at_ && at_ - buffer_at_ <= buffered_;
    if (inside && buffered().size() >= count) return buffered();
    const size_t wanted = std::max(count, OnLast() ? last_frame_bytes_ : kBlockBytes);
    if (buffer_.size() < wanted) buffer_.resize(wanted);
    buffer_at_ = at_;
    buffered_ = 0;
    while (buffered_ < count) {
      const ssize_t part = ::pread(fd_, buffer_.data() + buffered_, wanted - buffered_,
                                   static_cast<off_t>(at_ + buffered_));
      if (part < 0 && errno == EINTR) continue;
      if (part < 0) return SystemError("cannot read", segments_[index_].path);
      if (part == 0) break;
      buffered_ += static_cast<size_t>(part);
    }
    return buffered();
  }

  Result<std::uint64_t> BytesLeft() const {
    struct stat file {};
    if (::fstat(fd_, &file) != 0) return SystemError("cannot stat", segments_[index_].path);
    return static_cast<std::uint64_t>(file.st_size) - std::min<std::uint64_t>(at_, file.st_size);
  }

  // The frame at at_; its payload lives until the next call.
  Result<FrameView> FrameAt() {
    if (OnLast()) buffered_ = 0;
    QUELL_ASSIGN(std::string_view bytes, Window(kFrameHeaderBytes));
    if (bytes.size() < kFrameHeaderBytes) return FrameView{};
    const std::uint64_t frame_bytes = kFrameHeaderBytes + ByteReader(bytes).Get<std::uint32_t>();
    if (frame_bytes > bytes.size()) {
      QUELL_ASSIGN(const std::uint64_t left, BytesLeft());
      if (frame_bytes > left) return FrameView{};
      QUELL_ASSIGN(bytes, Window(frame_bytes));
      if (bytes.size() < frame_bytes) return FrameView{};
    }
    last_frame_bytes_ = std::clamp(frame_bytes, kFirstReadBytes, kBlockBytes);
    return ReadFrame(bytes.substr(0, frame_bytes));
  }

  // At the end, or at something that is no record. True: there is more to read.
  Result<bool> GoOn() {
    if (OnLast()) {
      QUELL_TRY(LookForMore());
      buffered_ = 0;
      if (!OnLast()) return true;  // sealed now: what came before that is read first
    }
    QUELL_ASSIGN(const std::uint64_t left, BytesLeft());
    if (OnLast()) {
      QUELL_ASSIGN(const std::string_view bytes, Window(left));
      if (ReadFrame(bytes).state == FrameState::kWhole) return true;  // written meanwhile
      if (HasWholeFrame(bytes)) return Mismatch();
      return false;
    }
    if (left > 0) return Mismatch();
    const std::uint64_t next = segments_[index_ + 1].first_sequence;
    if (next != sequence_ && !GapIsKnown(folder_, sequence_, next)) {
      return Damaged("record " + std::to_string(sequence_) +
                     " should follow, the next segment is " + segments_[index_ + 1].path);
    }
    Close();
    ++index_;
    return true;
  }

  Error Mismatch() const { return Damaged("the record does not match its checksum or length"); }

  // Segments that were begun since.
  Status LookForMore() {
    QUELL_ASSIGN(std::vector<Segment> now, ListSegments(folder_));
    const std::uint64_t last = segments_.empty() ? 0 : segments_.back().first_sequence;
    for (Segment& segment : now) {
      if (segment.first_sequence > last) segments_.push_back(std::move(segment));
    }
    return Ok{};
  }

  std::string folder_;
  std::vector<Segment> segments_;
  std::uint64_t from_;
  size_t index_ = 0;
  int fd_ = -1;  // of segments_[index_]
  std::uint64_t at_ = 0;
  std::string buffer_;  // its first buffered_ bytes are the file's from buffer_at_ on
  size_t buffered_ = 0;
  std::uint64_t buffer_at_ = 0;
  size_t last_frame_bytes_ = kFirstReadBytes;  // what a read of the last segment asks for
  std::uint64_t sequence_ = 0;
};

}  // namespace

Result<std::unique_ptr<JournalReader>> JournalReader::Open(const std::string& folder,
                                                           std::uint64_t from_sequence) {
  if (from_sequence == 0) {
    return MakeError(ErrorCode::kInvalidArgument, "journal sequences begin at 1, not 0");
  }
  QUELL_ASSIGN(std::vector<Segment> segments, ListSegments(folder));
  size_t first = 0;
  while (first + 1 < segments.size() && segments[first + 1].first_sequence <= from_sequence) {
    ++first;
  }
  segments.erase(segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(first));
  return std::unique_ptr<JournalReader>(
      std::make_unique<SegmentsReader>(folder, std::move(segments), from_sequence));
}

}  // namespace quell::ingest
