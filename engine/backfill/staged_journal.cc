#include "engine/backfill/staged_journal.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <limits>
#include <system_error>

#include "core/file.h"
#include "ingest/journal_format.h"
#include "ingest/remote_write.h"
#include "ingest/series_records.h"

namespace quell::backfill {
namespace {

constexpr std::uint32_t kUnknown = 0xFFFFFFFFU;
constexpr DurationMs kFirstRecordsMs = kMinuteMs;

Error Differs(const std::string& folder, const std::string& what) {
  return MakeError(ErrorCode::kCorrupt,
                   folder + " is not as the last run left it (" + what + "); use --restart");
}

// Labels of series by number.
class Definitions final : public ingest::BatchVisitor {
 public:
  explicit Definitions(std::unordered_map<Labels, std::uint32_t, LabelsHash>& numbers)
      : numbers_(numbers) {}
  void OnSeries(std::uint32_t id, ingest::SeriesType, Labels labels) override {
    numbers_.emplace(std::move(labels), id);
  }
  void OnSample(std::uint32_t, TimeMs, double) override {}
  void OnHistogram(std::uint32_t, const ingest::HistogramSample&) override {}

 private:
  std::unordered_map<Labels, std::uint32_t, LabelsHash>& numbers_;
};

class Earliest final : public ingest::BatchVisitor {
 public:
  void OnSeries(std::uint32_t, ingest::SeriesType, Labels) override {}
  void OnSample(std::uint32_t, TimeMs at, double) override { time = std::min(time, at); }
  void OnHistogram(std::uint32_t, const ingest::HistogramSample& histogram) override {
    time = std::min(time, histogram.time);
  }
  TimeMs time = std::numeric_limits<TimeMs>::max();
};

Status Remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return SystemError("cannot remove", path);
  return Ok{};
}

}  // namespace

Result<std::unique_ptr<StagedJournal>> StagedJournal::Open(const std::string& folder,
                                                           std::uint64_t segment_bytes_max,
                                                           const End& end, Clock& clock) {
  std::unique_ptr<StagedJournal> staged(new StagedJournal(folder));
  QUELL_TRY(MakeFolders(folder));
  QUELL_TRY(staged->CutBack(end));
  ingest::JournalOptions options;
  options.folder = folder;
  options.fsync = ingest::FsyncPolicy::kNever;  // Sync() is what makes it durable
  options.segment_bytes_max = segment_bytes_max;
  options.age_max_ms = 0;
  options.total_bytes_max = std::numeric_limits<std::uint64_t>::max() / 2;  // the run looks at it
  QUELL_ASSIGN(staged->journal_, ingest::Journal::Open(options, clock));
  if (staged->journal_->LastSequence() != end.last_sequence) {
    return Differs(folder, "its last record is " +
                               std::to_string(staged->journal_->LastSequence()) + ", not " +
                               std::to_string(end.last_sequence));
  }
  if (end.segment != 0) QUELL_TRY(staged->Recall(end));
  QUELL_ASSIGN(staged->bytes_, JournalBytes(folder));
  return staged;
}

StagedJournal::~StagedJournal() = default;

Status StagedJournal::CutBack(const End& end) const {
  QUELL_ASSIGN(const auto segments, ingest::ListSegments(folder_));
  bool found = end.segment == 0;
  for (const ingest::Segment& segment : segments) {
    if (segment.first_sequence > end.segment) {
      QUELL_TRY(Remove(segment.path));
    } else if (segment.first_sequence == end.segment) {
      found = segment.bytes >= end.segment_bytes;
      if (found && ::truncate(segment.path.c_str(), static_cast<off_t>(end.segment_bytes)) != 0) {
        return SystemError("cannot truncate", segment.path);
      }
    }
  }
  if (!found) return Differs(folder_, "segment " + std::to_string(end.segment) + " is cut short");
  return SyncPath(folder_);
}

// The definitions that stand in the last segment, as if this had written them.
Status StagedJournal::Recall(const End& end) {
  QUELL_ASSIGN(auto reader, ingest::JournalReader::Open(folder_, end.last_sequence + 1));
  Definitions definitions(numbers_);
  for (;;) {
    QUELL_ASSIGN(const auto record, reader->Next());
    if (!record) return Ok{};
    if (record->kind != ingest::RecordKind::kSeries) continue;
    QUELL_TRY(ingest::ReadDefinitions(record->payload, definitions));
  }
}

void StagedJournal::BeginWindow(const ingest::SampleBatch& window) {
  window_ = &window;
  window_numbers_.assign(window.series.size(), kUnknown);
}

std::uint32_t StagedJournal::NumberOf(std::uint32_t series, std::string& definitions) {
  std::uint32_t& number = window_numbers_[series];
  if (number != kUnknown) return number;
  const Labels& labels = window_->series[series].labels;
  const auto [at, added] = numbers_.emplace(labels, static_cast<std::uint32_t>(numbers_.size()));
  number = at->second;
  if (added) {
    ingest::AppendDefinition(number, ingest::SeriesType::kFloat, labels, definitions);
  }
  return number;
}

void StagedJournal::Encode(std::uint64_t epoch, std::span<const SeriesRun> runs,
                           std::string& series, std::string& batch) {
  series.clear();
  if (epoch_ != epoch) {
    // The first epoch that an opened journal names goes on with the segment that was there.
    if (epoch_ != 0) {
      numbers_.clear();
      std::fill(window_numbers_.begin(), window_numbers_.end(), kUnknown);
    }
    epoch_ = epoch;
  }
  std::uint64_t samples = 0;
  for (const SeriesRun& run : runs) samples += run.end - run.begin;
  ingest::BatchWriter writer(batch, samples);
  for (const SeriesRun& run : runs) {
    const std::uint32_t number = NumberOf(run.series, series);
    for (std::uint32_t i = run.begin; i < run.end; ++i) {
      const ingest::Sample& sample = window_->samples[i];
      writer.Sample(number, sample.time, sample.value);
    }
  }
  writer.Histograms(0);
}

Status StagedJournal::Append(TimeMs received_ms, std::span<const SeriesRun> runs) {
  std::uint64_t written = 0;
  const auto encode = [&](std::uint64_t epoch, std::string& series, std::string& batch) {
    Encode(epoch, runs, series, batch);
    written = series.size() + batch.size() +
              (series.empty() ? 1 : 2) * std::uint64_t{ingest::kFrameHeaderBytes};
  };
  const auto appended = journal_->AppendBatch(received_ms, std::ref(encode));
  if (!appended.ok()) return appended.error();
  bytes_ += written;
  return Ok{};
}

Result<StagedJournal::End> StagedJournal::Sync() {
  QUELL_ASSIGN(const auto segments, ingest::ListSegments(folder_));
  const ingest::Segment& last = segments.back();  // earlier ones were synced when they were sealed
  QUELL_TRY(SyncPath(last.path));
  QUELL_TRY(SyncPath(folder_));
  return End{last.first_sequence, last.bytes, journal_->LastSequence()};
}

Status PutBehind(const std::string& folder, std::uint64_t last_sequence,
                 const std::string& journal) {
  QUELL_ASSIGN(const auto staged, ingest::ListSegments(folder));
  for (const ingest::Segment& segment : staged) {
    if (segment.first_sequence > last_sequence) QUELL_TRY(Remove(segment.path));
  }
  QUELL_ASSIGN(const auto segments, ingest::ListSegments(journal));
  std::error_code error;
  for (const ingest::Segment& segment : segments) {
    const std::uint64_t first =
        last_sequence + 1 + (segment.first_sequence - segments.front().first_sequence);
    const std::string path = ingest::SegmentPath(folder, first);
    std::filesystem::create_hard_link(segment.path, path, error);
    if (error) std::filesystem::copy_file(segment.path, path, error);
    if (error) {
      return MakeError(ErrorCode::kIo,
                       "cannot put " + segment.path + " at " + path + ": " + error.message());
    }
    QUELL_TRY(SyncPath(path));
  }
  return SyncPath(folder);
}

Result<TimeMs> FirstSampleTime(const std::string& journal) {
  QUELL_ASSIGN(auto reader, ingest::JournalReader::Open(journal, 1));
  Earliest earliest;
  TimeMs first_received = 0;
  for (;;) {
    QUELL_ASSIGN(const auto record, reader->Next());
    if (!record) break;
    const bool found = earliest.time != std::numeric_limits<TimeMs>::max();
    if (found && record->received_ms > first_received + kFirstRecordsMs) break;
    if (record->kind == ingest::RecordKind::kSamples) {
      QUELL_ASSIGN(const auto batch, ingest::DecodeBatch(record->payload));
      for (const auto& sample : batch.samples) earliest.OnSample(0, sample.time, sample.value);
    } else if (record->kind == ingest::RecordKind::kBatch) {
      QUELL_TRY(ingest::ReadBatch(record->payload, earliest));
    }
    if (!found) first_received = record->received_ms;
  }
  return earliest.time == std::numeric_limits<TimeMs>::max() ? 0 : earliest.time;
}

Result<std::uint64_t> JournalBytes(const std::string& journal) {
  const auto segments = ingest::ListSegments(journal);
  if (!segments.ok()) {
    if (segments.error().code == ErrorCode::kNotFound) return std::uint64_t{0};
    return segments.error();
  }
  std::uint64_t bytes = 0;
  for (const ingest::Segment& segment : *segments) bytes += segment.bytes;
  return bytes;
}

}  // namespace quell::backfill
