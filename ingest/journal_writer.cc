// The embedded journal's writer.
//
// Group commit: an append writes its frame under the mutex and then waits until the sync thread
// has synced past it; all who wait share one sync. A failed write is cut back to the last whole
// record. A failed sync is cut back to the last synced record, and everyone who waited for it is
// told: nobody was promised what is gone. The next append tries again, in a new segment: after a
// failed sync the kernel may call pages clean that never reached the disk, and a later sync of
// the same pages would say nothing of it.

#include "ingest/journal_writer.h"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/file.h"
#include "core/log.h"
#include "ingest/folder_lock.h"
#include "ingest/journal_format.h"
#include "ingest/journal_recovery.h"
#include "ingest/journal_sealed.h"
#include "ingest/segment_file.h"

namespace quell::ingest {
namespace {

constexpr std::uint64_t kSegmentBytesMin = 4096;
constexpr DurationMs kAgeCheckMs = kHourMs;
constexpr std::uint64_t kBytesPerDefinitionByte = 4;  // before a segment ends, within its bounds
constexpr size_t kBufferBytesKept = 64U << 20U;  // a larger buffer is given back after its append

// An append that waits for its sync. Lives on the appender's stack.
struct Waiter {
  std::uint64_t sequence = 0;
  bool settled = false;
  std::optional<Error> error;
};

Status CheckPayload(std::string_view payload) {
  if (payload.size() <= kPayloadBytesMax) return Ok{};
  return MakeError(ErrorCode::kInvalidArgument,
                   "a journal record of " + std::to_string(payload.size()) +
                       " bytes is larger than " + std::to_string(kPayloadBytesMax));
}

void ShrinkBuffer(std::string& buffer) {
  if (buffer.capacity() > kBufferBytesKept) std::string().swap(buffer);
}

class SegmentsJournal final : public Journal {
 public:
  SegmentsJournal(const JournalOptions& options, Clock& clock, FileOps& ops)
      : options_(options), clock_(clock), ops_(ops), file_(ops) {}
  ~SegmentsJournal() override;

  Status Start();
  Result<std::uint64_t> Append(RecordKind kind, TimeMs received_ms,
                               std::string_view payload) override;
  Result<std::uint64_t> AppendBatch(TimeMs received_ms, const EncodeBatchCall& encode) override;
  std::uint64_t LastSequence() const override;
  std::uint64_t TornBytes() const override { return torn_bytes_; }
  void AllowDeleteBelow(std::uint64_t sequence) override;

 private:
  Status Recover(const Segment& last);
  [[nodiscard]] std::uint64_t SegmentBytesMax() const;
  Status MakeRoom(std::unique_lock<std::mutex>& lock, std::uint64_t bytes);
  Status EncodeForRoom(std::unique_lock<std::mutex>& lock, const EncodeBatchCall& encode);
  Result<std::uint64_t> Commit(std::unique_lock<std::mutex>& lock, std::uint64_t records);
  void DeleteAged();
  Status BeginSegment(std::uint64_t first_sequence);
  Status SyncNow();
  Status AwaitSync(std::unique_lock<std::mutex>& lock, std::uint64_t sequence);
  void MarkSynced(std::uint64_t sequence, std::uint64_t bytes);
  void SyncLoop();
  void SyncOnce(std::unique_lock<std::mutex>& lock);
  void DropUnsynced(Error error);
  std::uint64_t LastSequenceLocked() const {
    return options_.fsync == FsyncPolicy::kNever ? written_sequence_ : synced_sequence_;
  }

  const JournalOptions options_;
  Clock& clock_;
  FileOps& ops_;
  FolderLock folder_lock_;
  std::uint64_t torn_bytes_ = 0;

  mutable std::mutex mutex_;         // guards everything below
  std::condition_variable work_;     // for the sync thread: something to sync, or the end
  std::condition_variable pause_;    // for the sync thread between two syncs: the end
  std::condition_variable settled_;  // for appenders: a sync has ended
  std::vector<Waiter*> waiters_;
  SegmentFile file_;
  SealedSegments sealed_;
  std::uint64_t epoch_ = 0;             // of EncodeBatchCall
  std::uint64_t definition_bytes_ = 0;  // in the current segment, by this process
  std::uint64_t written_sequence_ = 0;
  std::uint64_t synced_sequence_ = 0;
  std::uint64_t synced_bytes_ = 0;  // of the current segment
  std::uint64_t delete_below_ = 0;
  DurationMs age_checked_at_ = 0;
  bool seal_pending_ = false;  // nothing more into the current segment: the next append begins one
  bool syncing_ = false;
  bool stopping_ = false;
  std::string frames_, series_, batch_;  // kept between appends
  std::thread sync_thread_;
};

SegmentsJournal::~SegmentsJournal() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  pause_.notify_all();
  if (sync_thread_.joinable()) sync_thread_.join();
  if (!file_.IsOpen() || synced_sequence_ >= written_sequence_) return;
  const Status synced = file_.Sync();
  if (!synced.ok()) {
    Log(LogLevel::kError, "the journal's last sync failed", {{"error", synced.error().message}});
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
  QUELL_ASSIGN(std::vector<Segment> segments, ListSegments(options_.folder));
  if (segments.empty()) {
    QUELL_TRY(BeginSegment(1));
  } else {
    for (Segment& segment : segments) segment.first_received = FirstReceived(segment);
    for (size_t i = 0; i + 1 < segments.size(); ++i) sealed_.Add(segments[i]);
    QUELL_TRY(Recover(segments.back()));
  }
  epoch_ = 1;
  age_checked_at_ = clock_.MonotonicMs();
  if (options_.fsync != FsyncPolicy::kNever) sync_thread_ = std::thread([this] { SyncLoop(); });
  return Ok{};
}

// Cuts what a crash left behind the last whole record.
Status SegmentsJournal::Recover(const Segment& last) {
  QUELL_ASSIGN(const SegmentTail tail, FindTail(last));
  QUELL_TRY(file_.Resume(last, tail));
  torn_bytes_ = tail.torn_bytes;
  written_sequence_ = synced_sequence_ = tail.next_sequence - 1;
  synced_bytes_ = file_.bytes();
  seal_pending_ = tail.start == SegmentStart::kVersion1;
  if (torn_bytes_ > 0) {
    Log(LogLevel::kWarn, "journal: cut a torn tail",
        {{"file", last.path}, {"offset", tail.whole_bytes}, {"bytes", torn_bytes_}});
  }
  return Ok{};
}

Status SegmentsJournal::BeginSegment(std::uint64_t first_sequence) {
  const Segment former = file_.segment();
  QUELL_TRY(file_.Begin(options_.folder, first_sequence));
  if (!former.path.empty() && former.first_sequence != first_sequence) sealed_.Add(former);
  synced_bytes_ = file_.bytes();
  definition_bytes_ = 0;
  seal_pending_ = false;
  age_checked_at_ -= kAgeCheckMs;  // due now
  ++epoch_;
  return Ok{};
}

// Every segment defines its series anew. Where definitions would fill most of one, it goes on until
// they do not, at most to an eighth of the whole journal.
std::uint64_t SegmentsJournal::SegmentBytesMax() const {
  const std::uint64_t most = std::max(options_.segment_bytes_max, options_.total_bytes_max / 8);
  return std::clamp(kBytesPerDefinitionByte * definition_bytes_, options_.segment_bytes_max, most);
}

// Room for `bytes` more: repairs, rolls and deletes where that is due. Whenever it lets go of the
// mutex, it changes the epoch first.
Status SegmentsJournal::MakeRoom(std::unique_lock<std::mutex>& lock, std::uint64_t bytes) {
  for (;;) {
    const bool full = file_.HoldsRecords() && file_.bytes() + bytes > SegmentBytesMax();
    seal_pending_ = seal_pending_ || full;  // for good: nothing follows what is called sealed
    if (!seal_pending_ || !syncing_) break;
    // A roll takes the file away from under a running sync, and its verdict must not get lost.
    ++epoch_;
    settled_.wait(lock, [this] { return !syncing_; });
  }
  if (file_.CutPending()) ++epoch_;
  QUELL_TRY(file_.Repair());
  if (seal_pending_) {
    if (file_.CutUnsynced() || synced_sequence_ < written_sequence_) QUELL_TRY(SyncNow());
    QUELL_TRY(BeginSegment(written_sequence_ + 1));
  }
  DeleteAged();
  const std::uint64_t wanted = file_.bytes() + bytes;
  sealed_.DeleteForRoom(wanted, options_.total_bytes_max, delete_below_, file_.segment());
  if (sealed_.bytes() + wanted <= options_.total_bytes_max) return Ok{};
  return MakeError(ErrorCode::kResourceExhausted,
                   "journal folder " + options_.folder + " holds total_bytes_max (" +
                       std::to_string(options_.total_bytes_max) +
                       " bytes) and no snapshot allows deleting any of it");
}

void SegmentsJournal::DeleteAged() {
  const DurationMs now = clock_.MonotonicMs();
  if (options_.age_max_ms == 0 || now - age_checked_at_ < kAgeCheckMs) return;
  age_checked_at_ = now;
  sealed_.DeleteForAge(clock_.WallMs() - options_.age_max_ms, delete_below_, file_.segment());
}

Result<std::uint64_t> SegmentsJournal::Append(RecordKind kind, TimeMs received_ms,
                                              std::string_view payload) {
  QUELL_TRY(CheckPayload(payload));
  std::unique_lock<std::mutex> lock(mutex_);
  QUELL_TRY(MakeRoom(lock, kFrameHeaderBytes + payload.size()));
  frames_.clear();
  AppendFrame(frames_, kind, received_ms, payload);
  return Commit(lock, 1);
}

Result<std::uint64_t> SegmentsJournal::AppendBatch(TimeMs received_ms,
                                                   const EncodeBatchCall& encode) {
  std::unique_lock<std::mutex> lock(mutex_);
  QUELL_TRY(EncodeForRoom(lock, encode));
  if (series_.empty() && batch_.empty()) return LastSequenceLocked();
  frames_.clear();
  if (!series_.empty()) AppendFrame(frames_, RecordKind::kSeries, received_ms, series_);
  if (!batch_.empty()) AppendFrame(frames_, RecordKind::kBatch, received_ms, batch_);
  const std::uint64_t records = (series_.empty() ? 0U : 1U) + (batch_.empty() ? 0U : 1U);
  definition_bytes_ += series_.size();
  for (std::string* buffer : {&series_, &batch_}) ShrinkBuffer(*buffer);
  return Commit(lock, records);
}

// Fills series_ and batch_ with what fits the current segment, in which there is room for it. On
// an error the definitions in them will stand nowhere: the epoch changes.
Status SegmentsJournal::EncodeForRoom(std::unique_lock<std::mutex>& lock,
                                      const EncodeBatchCall& encode) {
  std::uint64_t epoch = 0;
  Status made = Ok{};
  do {
    epoch = epoch_;
    encode(epoch, series_, batch_);
    if (series_.empty() && batch_.empty()) return Ok{};
    made = CheckPayload(series_);
    if (made.ok()) made = CheckPayload(batch_);
    const std::uint64_t series_bytes = series_.empty() ? 0 : kFrameHeaderBytes + series_.size();
    const std::uint64_t batch_bytes = batch_.empty() ? 0 : kFrameHeaderBytes + batch_.size();
    if (made.ok()) made = MakeRoom(lock, series_bytes + batch_bytes);
  } while (made.ok() && epoch != epoch_);
  if (!made.ok()) ++epoch_;
  return made;
}

// Writes frames_ and waits for its sync. REQUIRES: room for it.
Result<std::uint64_t> SegmentsJournal::Commit(std::unique_lock<std::mutex>& lock,
                                              std::uint64_t records) {
  const TimeMs received_ms = FrameReceived(frames_);
  const Status appended = file_.Append(frames_);
  ShrinkBuffer(frames_);
  if (!appended.ok()) {
    ++epoch_;
    return appended.error();
  }
  file_.NoteReceived(received_ms);
  const std::uint64_t sequence = written_sequence_ += records;
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
  ++epoch_;
  written_sequence_ = synced_sequence_;
  seal_pending_ = true;
  const Status cut = file_.CutBack(synced_bytes_);
  if (!cut.ok()) error.message += "; " + cut.error().message;
  Log(LogLevel::kError, "journal: a sync failed", {{"error", error.message}});
  for (Waiter* waiter : waiters_) {
    waiter->error = error;
    waiter->settled = true;
  }
  waiters_.clear();
  settled_.notify_all();
}

// With the mutex held and no other sync under way, before a segment is sealed.
Status SegmentsJournal::SyncNow() {
  const Status synced = file_.Sync();
  if (synced.ok()) {
    MarkSynced(written_sequence_, file_.bytes());
  } else if (options_.fsync != FsyncPolicy::kNever) {
    DropUnsynced(synced.error());
  }
  return synced;
}

void SegmentsJournal::SyncOnce(std::unique_lock<std::mutex>& lock) {
  const std::uint64_t sequence = written_sequence_;
  const std::uint64_t bytes = file_.bytes();
  const int fd = file_.fd();  // no roll while syncing_
  syncing_ = true;
  lock.unlock();
  const bool failed = ops_.Sync(fd) != 0;
  const int reason = errno;
  lock.lock();
  syncing_ = false;
  if (failed) {
    errno = reason;
    DropUnsynced(file_.SystemErrorOf("cannot sync"));
  } else {
    MarkSynced(sequence, bytes);
  }
}

void SegmentsJournal::SyncLoop() {
  DurationMs sync_due = clock_.MonotonicMs();
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    work_.wait(lock, [this] { return stopping_ || synced_sequence_ < written_sequence_; });
    if (stopping_) return;
    if (options_.fsync == FsyncPolicy::kInterval) {
      // After a pause the first append is synced at once.
      while (!stopping_) {
        const DurationMs left = sync_due - clock_.MonotonicMs();
        if (left <= 0) break;
        clock_.WaitFor(pause_, lock, left);
      }
      sync_due = clock_.MonotonicMs() + options_.fsync_interval_ms;
    }
    if (synced_sequence_ < written_sequence_) SyncOnce(lock);
  }
}

std::uint64_t SegmentsJournal::LastSequence() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return LastSequenceLocked();
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
