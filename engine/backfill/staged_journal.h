// StagedJournal: the journal that a backfill writes beside the one in use, cut back to what is
// known to be whole when a run goes on, and at last followed by the segments of the existing
// journal.
//
// Series are defined once a segment and numbered in order of use in it, so that what is written is
// a function of the records alone, however often the run was interrupted. Thread-compatible.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "engine/backfill/slices.h"
#include "ingest/journal.h"

namespace quell::backfill {

class StagedJournal {
 public:
  // Where its bytes end: the last segment (by the sequence in its name; 0 = begin anew), how many
  // bytes of it, and its last record.
  struct End {
    std::uint64_t segment = 0, segment_bytes = 0, last_sequence = 0;
  };

  // Cuts back to `end`. kCorrupt if the folder does not hold what `end` says.
  static Result<std::unique_ptr<StagedJournal>> Open(const std::string& folder,
                                                     std::uint64_t segment_bytes_max,
                                                     const End& end, Clock& clock);
  ~StagedJournal();
  StagedJournal(const StagedJournal&) = delete;
  StagedJournal& operator=(const StagedJournal&) = delete;

  // The runs are of this window until the next call. REQUIRES: it stays where it is.
  void BeginWindow(const ingest::SampleBatch& window);
  // One record of samples (and one of definitions, where series are new to the segment).
  Status Append(TimeMs received_ms, std::span<const SeriesRun> runs);
  // What was appended is on disk on return.
  Result<End> Sync();
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  explicit StagedJournal(std::string folder) : folder_(std::move(folder)) {}
  Status CutBack(const End& end) const;
  Status Recall(const End& end);
  void Encode(std::uint64_t epoch, std::span<const SeriesRun> runs, std::string& series,
              std::string& batch);
  std::uint32_t NumberOf(std::uint32_t series, std::string& definitions);

  std::string folder_;
  std::unique_ptr<ingest::Journal> journal_;
  std::uint64_t bytes_ = 0;
  std::uint64_t epoch_ = 0;  // that the numbers are of; 0 = none seen yet
  std::unordered_map<Labels, std::uint32_t, LabelsHash> numbers_;
  const ingest::SampleBatch* window_ = nullptr;
  std::vector<std::uint32_t> window_numbers_;  // by series of the window; kUnknown = look it up
};

// Puts the segments of `journal` behind the record `last_sequence` of the staged one in `folder`,
// by links to the same bytes: records of every kind stay as they are. May be repeated.
Status PutBehind(const std::string& folder, std::uint64_t last_sequence,
                 const std::string& journal);

// The time of the first sample that a journal holds, as far as its first minute of records tells;
// 0 where it holds none.
Result<TimeMs> FirstSampleTime(const std::string& journal);

// Bytes of all segments; 0 without the folder.
Result<std::uint64_t> JournalBytes(const std::string& journal);

}  // namespace quell::backfill
