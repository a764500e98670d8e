// Journal: the durable sequence of everything that came in. All later stages are functions of it.
//
// Embedded form: segment files "%020llu.qj" (name = sequence of the first record) of frames
//   u32 length | u32 crc32c | u8 kind | i64 received_ms | payload
// (docs/formats/journal.md). A torn tail after a crash is cut at the last whole record and
// counted; a bad record in the middle is an error that names file and offset.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/result.h"
#include "core/time.h"

namespace quell::ingest {

enum class RecordKind : std::uint8_t {
  kSamples = 1,    // payload: EncodeBatch (Remote Write 2.0 request)
  kTick = 2,       // no payload: wall time went on without samples
  kChange = 3,     // payload: change event JSON
  kConfig = 4,     // payload: the configuration text now in force (no secrets)
  kSeries = 5,     // payload: definitions of series by id, for kBatch records of the same segment
  kBatch = 6,      // payload: samples by series id
  kOperation = 7,  // payload: what an operator asked for, JSON
  kAlerts = 8,     // payload: EncodeAlerts; none of them: time went on for received alerts
  kSilence = 9,    // payload: EncodeSilence, as it now stands
};

struct JournalRecord {
  std::uint64_t sequence = 0;  // 1, 2, 3, ...
  RecordKind kind = RecordKind::kSamples;
  TimeMs received_ms = 0;  // wall time at ingest
  std::string payload;
  // A kSeries record from before the reader's `from_sequence`: its definitions count for what
  // follows, nothing else of it.
  bool context = false;
};

enum class FsyncPolicy : std::uint8_t { kAlways, kInterval, kNever };

struct JournalOptions {
  std::string folder;
  FsyncPolicy fsync = FsyncPolicy::kInterval;
  DurationMs fsync_interval_ms = 5;  // group commit: an append waits for the next sync
  std::uint64_t segment_bytes_max = 64U << 20U;
  // At least two segments. The oldest go first, never one that AllowDeleteBelow does not cover:
  // where none may go, appends fail with kResourceExhausted.
  std::uint64_t total_bytes_max = 8ULL << 30U;
  // Whole segments whose records were all received longer ago than this are deleted when a segment
  // is begun and once an hour, if AllowDeleteBelow covers them. 0 = however old. What is deleted
  // can be learned from no more when signal definitions change: keep some weeks of seasons.
  DurationMs age_max_ms = 30 * kDayMs;

  bool operator==(const JournalOptions&) const = default;
};

// Fills both strings (after clearing them) with what is to be appended. `epoch` is a number from 1
// on that changes whenever definitions written before may not stand in the current segment: a new
// segment, a cut-back after a failed write or sync, an append that failed. A journal opened again
// has forgotten everything. Called under the journal's lock: must not call the journal. May be
// called again for the same append, with another epoch. A callable of two pointers allocates
// nothing; larger ones go in by std::ref.
using EncodeBatchCall =
    std::function<void(std::uint64_t epoch, std::string& series, std::string& batch)>;

class Journal {
 public:
  // Recovers the tail. kCorrupt naming file and offset if a record of the last segment before the
  // tail is damaged (older segments: when they are read), kUnavailable if another writer has the
  // folder. `clock` must outlive the journal; it times the group commit and tells the age of
  // segments.
  static Result<std::unique_ptr<Journal>> Open(const JournalOptions& options, Clock& clock);
  virtual ~Journal() = default;

  // Durable per policy on return: kAlways and kInterval wait for the sync that covers the record
  // (kInterval shares one sync among all who wait), kNever returns once the bytes are written.
  // kIo / kResourceExhausted: nothing was kept; later appends may work again. Thread-safe.
  virtual Result<std::uint64_t> Append(RecordKind kind, TimeMs received_ms,
                                       std::string_view payload) = 0;
  // Appends up to two records as one write: kSeries with `series`, then kBatch with `batch`, each
  // unless empty. If both are empty, nothing is appended and the answer is LastSequence(), else the
  // last record's sequence. Durable, failing and thread-safe like Append.
  virtual Result<std::uint64_t> AppendBatch(TimeMs received_ms, const EncodeBatchCall& encode) = 0;
  virtual std::uint64_t LastSequence() const = 0;  // the last durable record; 0 = none yet
  virtual std::uint64_t TornBytes() const = 0;     // cut from the tail by Open()
  // Segments wholly below `sequence` may be deleted when total_bytes_max or age_max_ms ask for it.
  virtual void AllowDeleteBelow(std::uint64_t sequence) = 0;
};

// Reads records in order from `from_sequence` (>= 1) to the end as it is now. Does not need the
// writer; holds one segment in memory. Next() gives nullopt at the end (a torn tail is the end). If
// older records are deleted already, the first one's sequence is above `from_sequence`. Where that
// is in the middle of a segment, the segment's earlier kSeries records come first, as `context`.
class JournalReader {
 public:
  static Result<std::unique_ptr<JournalReader>> Open(const std::string& folder,
                                                     std::uint64_t from_sequence);
  virtual ~JournalReader() = default;
  virtual Result<std::optional<JournalRecord>> Next() = 0;
};

}  // namespace quell::ingest
