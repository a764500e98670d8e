// The embedded journal's writer.
//
// Group commit: an append writes its frame under the mutex and then waits until the sync thread
// has synced past it; all who wait share one sync. A failed write is cut back to the last whole
// record. A failed sync is cut back to the last synced record, and everyone who waited for it is
// told: nobody was promised what is gone. The next append tries again.

#include "ingest/journal_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/file.h"
#include "core/log.h"
#include "ingest/descriptor.h"
#include "ingest/folder_lock.h"
#include "ingest/journal_format.h"

namespace quell::ingest {
namespace {

constexpr std::uint64_t kSegmentBytesMin = 4096;

// An append that waits for its sync. Lives on the appender's stack.
struct Waiter {
  std::uint64_t sequence = 0;
  bool settled = false;
  std::optional<Error> error;
};

class SegmentsJournal final : public Journal {
 public:
  SegmentsJournal(const JournalOptions& options, Clock& clock, FileOps& ops)
      : options_(options), clock_(clock), ops_(ops) {}
  ~SegmentsJournal() override;

  Status Start();
  Result<std::uint64_t> Append(RecordKind kind, TimeMs received_ms,
                               std::string_view payload) override;
  std::uint64_t LastSequence() const override;
  std::uint64_t TornBytes() const override { return torn_bytes_; }
  void AllowDeleteBelow(std::uint64_t sequence) override;

 private:
  Status Recover(const Segment& last);
  Status MakeRoom(std::unique_lock<std::mutex>& lock, std::uint64_t frame_bytes);
  Status BeginSegment(std::uint64_t first_sequence);
  void DeleteOld(std::uint64_t incoming_bytes);
  Status WriteFrame(std::string_view frame);
  Status CutBack(std::uint64_t size);
  Status SyncNow();
  Status AwaitSync(std::unique_lock<std::mutex>& lock, std::uint64_t sequence);
  void MarkSynced(std::uint64_t sequence, std::uint64_t bytes);
  void SyncLoop();
  void SyncOnce(std::unique_lock<std::mutex>& lock);
  void DropUnsynced(Error error);
  Error WriteError(std::string_view what) const { return SystemError(what, current_.path); }

  const JournalOptions options_;
  Clock& clock_;
  FileOps& ops_;
  FolderLock folder_lock_;
  std::uint64_t torn_bytes_ = 0;

  mutable std::mutex mutex_;         // guards everything below
  std::condition_variable work_;     // for the sync thread: something to sync, or the end
  std::condition_variable settled_;  // for appenders: a sync has ended
  std::vector<Waiter*> waiters_;
  Descriptor file_;
  Segment current_;             // bytes: what is written and whole
  std::deque<Segment> sealed_;  // oldest first
  std::uint64_t sealed_bytes_ = 0;
  std::uint64_t written_sequence_ = 0;
  std::uint64_t synced_sequence_ = 0;
  std::uint64_t synced_bytes_ = 0;  // of the current segment
  std::uint64_t delete_below_ = 0;
  bool cut_pending_ = false;  // bytes behind the last whole record could not be cut yet
  bool syncing_ = false;
  bool stopping_ = false;
  std::string frame_;
  std::thread sync_thread_;
};

SegmentsJournal::~SegmentsJournal() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  if (sync_thread_.joinable()) sync_thread_.join();
  if (file_.get() >= 0 && synced_sequence_ < written_sequence_ && ops_.Sync(file_.get()) != 0) {
    Log(LogLevel::kError, "the journal's last sync failed",
        {{"error", WriteError("cannot sync").message}});
  }
}

Status SegmentsJournal::Start() {
  if (options_.segment_bytes_max < kSegmentBytesMin ||
      options_.total_bytes_max < 2 * options_.segment_bytes_max) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "journal: segment_bytes_max is at least " + std::to_string(kSegmentBytesMin) +
                         " and total_bytes_max at least twice that segment size");
  }
  QUELL_TRY(MakeFolders(options_.folder));
  QUELL_TRY(folder_lock_.Take(options_.folder));
  QUELL_ASSIGN(const std::vector<Segment> segments, ListSegments(options_.folder));
  if (segments.empty()) {
    QUELL_TRY(BeginSegment(1));
  } else {
    for (size_t i = 0; i + 1 < segments.size(); ++i) {
      sealed_.push_back(segments[i]);
      sealed_bytes_ += segments[i].bytes;
    }
    QUELL_TRY(Recover(segments.back()));
  }
  if (options_.fsync != FsyncPolicy::kNever) sync_thread_ = std::thread([this] { SyncLoop(); });
  return Ok{};
}

// Finds the end of the last whole record and cuts what a crash left behind it.
Status SegmentsJournal::Recover(const Segment& last) {
  QUELL_ASSIGN(const std::string bytes, ReadFile(last.path));
  const std::string_view magic = std::string_view(bytes).substr(0, kSegmentMagic.size());
  if (magic != kSegmentMagic.substr(0, magic.size())) {
    return MakeError(ErrorCode::kCorrupt,
                     last.path + ": offset 0: not a journal segment of version 1");
  }
  size_t whole = magic.size();
  std::uint64_t next = last.first_sequence;
  for (;;) {
    const FrameView frame = ReadFrame(std::string_view(bytes).substr(whole));
    if (frame.state != FrameState::kWhole) break;
    whole += frame.frame_bytes;
    ++next;
  }
  if (HasWholeFrame(std::string_view(bytes).substr(whole))) {
    return MakeError(ErrorCode::kCorrupt, last.path + ": offset " + std::to_string(whole) +
                                              ": the record does not match its checksum or length");
  }
  current_ = last;
  file_.Reset(ops_.Create(last.path));
  if (file_.get() < 0) return WriteError("cannot open");
  if (magic.size() < kSegmentMagic.size()) {  // the crash came before the first record
    torn_bytes_ = bytes.size();
    whole = 0;
  } else {
    torn_bytes_ = bytes.size() - whole;
  }
  written_sequence_ = synced_sequence_ = next - 1;
  if (torn_bytes_ > 0 || whole == 0) QUELL_TRY(CutBack(whole));
  current_.bytes = whole;
  if (whole == 0) QUELL_TRY(WriteFrame(kSegmentMagic));
  if (ops_.Sync(file_.get()) != 0) return WriteError("cannot sync");
  synced_bytes_ = current_.bytes;
  if (torn_bytes_ > 0) {
    Log(LogLevel::kWarn, "journal: cut a torn tail",
        {{"file", last.path}, {"offset", whole}, {"bytes", torn_bytes_}});
  }
  return Ok{};
}

// On failure the former segment stays current.
Status SegmentsJournal::BeginSegment(std::uint64_t first_sequence) {
  Segment fresh;
  fresh.path = SegmentPath(options_.folder, first_sequence);
  fresh.first_sequence = first_sequence;
  const int fd = ops_.Create(fresh.path);
  if (fd < 0) return SystemError("cannot create", fresh.path);
  const auto magic_bytes = static_cast<std::ptrdiff_t>(kSegmentMagic.size());
  const bool written = ops_.Truncate(fd, 0) == 0 &&
                       ops_.Write(fd, kSegmentMagic.data(), kSegmentMagic.size()) == magic_bytes &&
                       ops_.Sync(fd) == 0;
  const Descriptor folder(::open(options_.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!written || folder.get() < 0 || ::fsync(folder.get()) != 0) {
    Error error = SystemError("cannot begin segment", fresh.path);
    ::close(fd);
    ::unlink(fresh.path.c_str());
    return error;
  }
  if (file_.get() >= 0) {
    sealed_.push_back(current_);
    sealed_bytes_ += current_.bytes;
  }
  file_.Reset(fd);
  current_ = std::move(fresh);
  current_.bytes = synced_bytes_ = kSegmentMagic.size();
  return Ok{};
}

Status SegmentsJournal::CutBack(std::uint64_t size) {
  cut_pending_ = ops_.Truncate(file_.get(), size) != 0;
  if (cut_pending_) return WriteError("cannot cut back");
  return Ok{};
}

Status SegmentsJournal::WriteFrame(std::string_view frame) {
  std::string_view rest = frame;
  while (!rest.empty()) {
    const std::ptrdiff_t count = ops_.Write(file_.get(), rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      if (count == 0) errno = EIO;
      Error error = WriteError("cannot append to");
      error.code = ErrorCode::kIo;
      const Status cut = CutBack(current_.bytes);
      if (!cut.ok()) error.message += "; " + cut.error().message;
      return error;
    }
    rest.remove_prefix(static_cast<size_t>(count));
  }
  current_.bytes += frame.size();
  return Ok{};
}

// Oldest first, whole segments, only what every snapshot has passed.
void SegmentsJournal::DeleteOld(std::uint64_t incoming_bytes) {
  while (!sealed_.empty() &&
         sealed_bytes_ + current_.bytes + incoming_bytes > options_.total_bytes_max) {
    const std::uint64_t next_first =
        sealed_.size() > 1 ? sealed_[1].first_sequence : current_.first_sequence;
    if (next_first > delete_below_) return;
    if (::unlink(sealed_.front().path.c_str()) != 0 && errno != ENOENT) {
      Log(LogLevel::kWarn, "journal: cannot delete an old segment",
          {{"error", SystemError("cannot delete", sealed_.front().path).message}});
      return;
    }
    sealed_bytes_ -= sealed_.front().bytes;
    sealed_.pop_front();
  }
}

// Room for one more frame: repairs, rolls and deletes where that is due.
Status SegmentsJournal::MakeRoom(std::unique_lock<std::mutex>& lock, std::uint64_t frame_bytes) {
  const auto is_full = [&] {
    return current_.bytes > kSegmentMagic.size() &&
           current_.bytes + frame_bytes > options_.segment_bytes_max;
  };
  // A roll takes the file away from under a running sync, and its verdict must not get lost.
  if (is_full()) settled_.wait(lock, [this] { return !syncing_; });
  if (cut_pending_) QUELL_TRY(CutBack(current_.bytes));
  if (is_full()) {
    QUELL_TRY(SyncNow());
    QUELL_TRY(BeginSegment(written_sequence_ + 1));
  }
  DeleteOld(frame_bytes);
  if (sealed_bytes_ + current_.bytes + frame_bytes <= options_.total_bytes_max) return Ok{};
  return MakeError(ErrorCode::kResourceExhausted,
                   "journal folder " + options_.folder + " holds total_bytes_max (" +
                       std::to_string(options_.total_bytes_max) +
                       " bytes) and no snapshot allows deleting any of it");
}

Result<std::uint64_t> SegmentsJournal::Append(RecordKind kind, TimeMs received_ms,
                                              std::string_view payload) {
  if (payload.size() > kPayloadBytesMax) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "a journal record of " + std::to_string(payload.size()) +
                         " bytes is larger than " + std::to_string(kPayloadBytesMax));
  }
  std::unique_lock<std::mutex> lock(mutex_);
  QUELL_TRY(MakeRoom(lock, kFrameHeaderBytes + payload.size()));
  frame_.clear();
  AppendFrame(frame_, kind, received_ms, payload);
  QUELL_TRY(WriteFrame(frame_));
  const std::uint64_t sequence = ++written_sequence_;
  if (options_.fsync != FsyncPolicy::kNever) QUELL_TRY(AwaitSync(lock, sequence));
  return sequence;
}

Status SegmentsJournal::AwaitSync(std::unique_lock<std::mutex>& lock, std::uint64_t sequence) {
  Waiter waiter;
  waiter.sequence = sequence;
  waiters_.push_back(&waiter);
  work_.notify_all();
  settled_.wait(lock, [&waiter] { return waiter.settled; });
  if (waiter.error) return *std::move(waiter.error);
  return Ok{};
}

void SegmentsJournal::MarkSynced(std::uint64_t sequence, std::uint64_t bytes) {
  synced_sequence_ = sequence;
  synced_bytes_ = bytes;
  std::erase_if(waiters_, [sequence](Waiter* waiter) {
    if (waiter->sequence <= sequence) waiter->settled = true;
    return waiter->sequence <= sequence;
  });
  settled_.notify_all();
}

// Cuts off what no sync covered and tells who waited for it. REQUIRES: the mutex, a failed sync.
void SegmentsJournal::DropUnsynced(Error error) {
  error.code = ErrorCode::kIo;
  current_.bytes = synced_bytes_;
  written_sequence_ = synced_sequence_;
  const Status cut = CutBack(synced_bytes_);
  if (!cut.ok()) error.message += "; " + cut.error().message;
  Log(LogLevel::kError, "journal: a sync failed", {{"error", error.message}});
  for (Waiter* waiter : waiters_) {
    waiter->error = error;
    waiter->settled = true;
  }
  waiters_.clear();
  settled_.notify_all();
}

// With the mutex held, before a segment is sealed.
Status SegmentsJournal::SyncNow() {
  if (ops_.Sync(file_.get()) == 0) {
    MarkSynced(written_sequence_, current_.bytes);
    return Ok{};
  }
  Error error = WriteError("cannot sync");
  if (options_.fsync != FsyncPolicy::kNever) DropUnsynced(error);
  return error;
}

void SegmentsJournal::SyncOnce(std::unique_lock<std::mutex>& lock) {
  const std::uint64_t sequence = written_sequence_;
  const std::uint64_t bytes = current_.bytes;
  const int fd = file_.get();  // no roll while syncing_
  syncing_ = true;
  lock.unlock();
  const bool failed = ops_.Sync(fd) != 0;
  const int reason = errno;
  lock.lock();
  syncing_ = false;
  if (failed) {
    errno = reason;
    DropUnsynced(WriteError("cannot sync"));
  } else {
    MarkSynced(sequence, bytes);
  }
}

void SegmentsJournal::SyncLoop() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    work_.wait(lock, [this] { return stopping_ || synced_sequence_ < written_sequence_; });
    if (stopping_) return;
    if (options_.fsync == FsyncPolicy::kInterval) {
      const DurationMs until = clock_.MonotonicMs() + options_.fsync_interval_ms;
      while (!stopping_) {
        const DurationMs left = until - clock_.MonotonicMs();
        if (left <= 0) break;
        clock_.WaitFor(work_, lock, left);  // appends wake it up too
      }
    }
    if (synced_sequence_ < written_sequence_) SyncOnce(lock);
  }
}

std::uint64_t SegmentsJournal::LastSequence() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return options_.fsync == FsyncPolicy::kNever ? written_sequence_ : synced_sequence_;
}

void SegmentsJournal::AllowDeleteBelow(std::uint64_t sequence) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (sequence > delete_below_) delete_below_ = sequence;
}

}  // namespace

Result<std::unique_ptr<Journal>> OpenJournalOn(const JournalOptions& options, Clock& clock,
                                               FileOps& ops) {
  auto journal = std::make_unique<SegmentsJournal>(options, clock, ops);
  QUELL_TRY(journal->Start());
  return std::unique_ptr<Journal>(std::move(journal));
}

Result<std::unique_ptr<Journal>> Journal::Open(const JournalOptions& options, Clock& clock) {
  return OpenJournalOn(options, clock, SystemFileOps());
}

}  // namespace quell::ingest
