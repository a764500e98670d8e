#include "engine/backfill/backfill.h"

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <system_error>

#include "core/file.h"
#include "core/log.h"
#include "engine/backfill/relearn.h"
#include "engine/backfill/staged_journal.h"
#include "ingest/sensitive.h"
#include "ingest/window_size.h"

namespace quell::backfill {
namespace {

constexpr DurationMs kWindowMinMs = kMinuteMs;
constexpr DurationMs kWindowMaxMs = kDayMs;
// A window grows while it holds fewer samples than this: what is in memory stays small.
constexpr std::uint64_t kRoomySamples = 1U << 20U;
// A record is received this long after its slice: as long as a sender takes.
constexpr DurationMs kReceivedAfterMs = kSecondMs;
// What the whole will need is estimated from this share of the time on.
constexpr double kEstimateFrom = 0.02;
constexpr std::uint64_t kEstimateWindows = 3;
constexpr double kEstimateSlack = 1.2;  // the rest may hold less than what came first

class Backfill {
 public:
  Backfill(const Options& options, Source& source, Clock& clock, const ProgressCall& progress)
      : options_(options),
        source_(source),
        clock_(clock),
        report_progress_(progress),
        staging_(StagingFolder(options.data_dir)),
        journal_(options.data_dir + "/journal"),
        window_(kHourMs, kWindowMinMs, kHourMs) {}

  Result<Report> All() {
    QUELL_TRY(CheckPace(options_.pace));
    QUELL_ASSIGN(const auto data_dir, TakeDataDir(options_.data_dir));
    QUELL_TRY(FinishSwap(options_.data_dir, options_.checkpoint));
    QUELL_ASSIGN(const auto journal, TakeJournal());
    QUELL_TRY(OpenRedactor());
    begun_ms_ = clock_.MonotonicMs();
    QUELL_TRY(Begin());
    if (done_.from >= done_.to) {
      QUELL_TRY(Discard());
      return Report{Outcome::kNothing, StateNow()};
    }
    if (done_.phase == Phase::kHistory) {
      QUELL_TRY(ReadHistory());
      if (done_.samples == 0) {
        QUELL_TRY(Discard());
        if (clipped_) return Report{Outcome::kNothing, StateNow()};
        return MakeError(ErrorCode::kNotFound,
                         source_.Name() + " has no sample of a series that a signal uses in [" +
                             FormatRfc3339(done_.from) + ", " + FormatRfc3339(done_.to) + ")");
      }
      done_.phase = Phase::kMerge;
      QUELL_TRY(WriteProgress(staging_, done_));
      QUELL_TRY(Pass(options_.checkpoint, "history done"));
    }
    QUELL_TRY(PutInPlace());
    return Report{Outcome::kDone, StateNow()};
  }

 private:
  Result<std::unique_ptr<ingest::FolderLock>> TakeJournal() const {
    QUELL_TRY(MakeFolders(journal_));
    auto lock = std::make_unique<ingest::FolderLock>();
    const Status taken = lock->Take(journal_);
    if (taken.ok()) return lock;
    if (taken.error().code != ErrorCode::kUnavailable) return taken.error();
    return MakeError(ErrorCode::kUnavailable, "a server is running on data_dir " +
                                                  options_.data_dir +
                                                  "; stop it, backfill, and start it again");
  }

  Status OpenRedactor() {
    QUELL_ASSIGN(std::string key,
                 ingest::LoadOrMakeRedactionKey(options_.data_dir + "/redaction.key"));
    QUELL_ASSIGN(ingest::Redactor made,
                 ingest::Redactor::Create(options_.redaction, std::move(key)));
    redactor_ = std::make_unique<const ingest::Redactor>(std::move(made));
    return Ok{};
  }

  Status Discard() const {
    std::error_code error;
    std::filesystem::remove_all(staging_, error);
    if (error)
      return MakeError(ErrorCode::kIo, "cannot remove " + staging_ + ": " + error.message());
    return Ok{};
  }

  // Goes on with what is there, or begins.
  Status Begin() {
    if (options_.restart) QUELL_TRY(Discard());
    QUELL_TRY(MakeFolders(staging_));
    const Identity identity{source_.Name(), options_.from, options_.to, options_.configuration};
    QUELL_ASSIGN(const auto former, ReadProgress(staging_));
    QUELL_ASSIGN(const TimeMs first_live, FirstSampleTime(journal_));
    if (former) {
      QUELL_TRY(GoOn(*former, identity, first_live));
    } else {
      done_.identity = identity;
      QUELL_ASSIGN(const Plan plan, source_.Prepare(options_.from, options_.to, nullptr));
      done_.selector = plan.selector;
      done_.from = done_.next = plan.from;
      done_.to = first_live == 0 ? plan.to : std::min(plan.to, first_live);
      done_.slice_ms = options_.slices.slice_ms;
      done_.segment_bytes_max = options_.journal.segment_bytes_max;
      if (done_.to < plan.to) {
        Log(LogLevel::kInfo, "the journal begins within the range; history is read up to there",
            {{"to", FormatRfc3339(done_.to)}});
      }
    }
    clipped_ = first_live != 0 && done_.to == first_live;
    WarnOfAge();
    begun_at_ = done_.next;
    samples_before_ = done_.samples;
    QUELL_ASSIGN(existing_bytes_, JournalBytes(journal_));
    const DurationMs first = std::max(kWindowMinMs, source_.WindowMs());
    window_ = ingest::WindowSize(first, kWindowMinMs, std::max(first, kWindowMaxMs));
    return Ok{};
  }

  void WarnOfAge() const {
    const DurationMs age_max = options_.journal.age_max_ms;
    if (age_max == 0 || done_.from >= clock_.WallMs() - age_max) return;
    Log(LogLevel::kWarn,
        "history older than journal.age_max is learned once and then deleted; signals that are "
        "added later learn from what is kept",
        {{"age_max", FormatDuration(age_max)}, {"from", FormatRfc3339(done_.from)}});
  }

  Status GoOn(const Progress& former, const Identity& identity, TimeMs first_live) {
    if (former.identity != identity) {
      return MakeError(ErrorCode::kInvalidArgument,
                       staging_ + " holds another backfill (" + former.identity.source + ", " +
                           FormatRfc3339(former.from) + " to " + FormatRfc3339(former.to) +
                           ", done up to " + FormatRfc3339(former.next) +
                           "): give the same options to go on with it, or --restart to discard it");
    }
    if (first_live != 0 && first_live < former.next) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "the journal has samples from " + FormatRfc3339(first_live) +
                           " on by now, and " + staging_ + " holds history up to " +
                           FormatRfc3339(former.next) + ": use --restart");
    }
    done_ = former;
    if (first_live != 0) done_.to = std::min(done_.to, first_live);
    const Plan plan{done_.selector, done_.from, done_.to};
    QUELL_ASSIGN(const Plan same, source_.Prepare(options_.from, options_.to, &plan));
    done_.selector = same.selector;
    Log(LogLevel::kInfo, "going on with a backfill",
        {{"from", FormatRfc3339(done_.from)},
         {"next", FormatRfc3339(done_.next)},
         {"to", FormatRfc3339(done_.to)},
         {"samples", done_.samples}});
    return Ok{};
  }

  Status ReadHistory() {
    QUELL_ASSIGN(
        const auto staged,
        StagedJournal::Open(staging_ + "/journal", done_.segment_bytes_max,
                            {done_.segment, done_.segment_bytes, done_.last_sequence}, clock_));
    // A crash before the first window leaves something to go on with, too.
    QUELL_ASSIGN(const StagedJournal::End end, staged->Sync());
    Keep(end, *staged);
    QUELL_TRY(WriteProgress(staging_, done_));
    while (done_.next < done_.to) {
      const DurationMs slice = done_.slice_ms;
      const TimeMs aligned = (done_.next + window_.get()) / slice * slice;
      const TimeMs until = std::min(done_.to, aligned);
      auto batch = Fetch(until);
      if (!batch.ok()) {
        if (batch.error().code != ErrorCode::kResourceExhausted) return batch.error();
        if (window_.Halve(until - done_.next)) continue;
        return WithContext(batch.error(), FormatDuration(until - done_.next) + " from " +
                                              FormatRfc3339(done_.next) + " on");
      }
      QUELL_TRY(TakeWindow(*batch, until, *staged));
      window_.Succeeded(batch->samples.size() < kRoomySamples);
      QUELL_TRY(CheckRoom(*staged));
      if (report_progress_) report_progress_(StateNow());
    }
    return Ok{};
  }

  // Waits as the pace asks, then reads [next, until), again and again while the source is away.
  Result<ingest::SampleBatch> Fetch(TimeMs until) {
    for (int failures = 0;;) {
      Wait(next_request_ms_ - clock_.MonotonicMs());
      const DurationMs asked = clock_.MonotonicMs();
      auto batch = source_.Window(done_.next, until);
      const DurationMs answered = clock_.MonotonicMs();
      requests_ms_ += answered - asked;
      const std::uint64_t samples = batch.ok() ? batch->samples.size() : 0;
      next_request_ms_ = answered + WaitAfter(options_.pace, answered - asked, samples);
      const bool away = !batch.ok() && batch.error().code == ErrorCode::kUnavailable;
      if (!away) return batch;
      if (++failures > options_.pace.retries_max) {
        return WithContext(batch.error(),
                           "after " + std::to_string(options_.pace.retries_max) + " retries");
      }
      ++retries_;
      const DurationMs pause = WaitAfterFailure(options_.pace, failures);
      Log(LogLevel::kWarn, "the source does not answer; trying again",
          {{"in", FormatDuration(pause)}, {"error", ingest::MaskSensitive(batch.error().message)}});
      next_request_ms_ = std::max(next_request_ms_, answered + pause);
    }
  }

  void Wait(DurationMs duration) {
    if (duration <= 0) return;
    const DurationMs until = clock_.MonotonicMs() + duration;
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock lock(mutex);
    for (DurationMs left = duration; left > 0; left = until - clock_.MonotonicMs()) {
      clock_.WaitFor(never, lock, left);
    }
    waited_ms_ += duration;
  }

  Status TakeWindow(ingest::SampleBatch& batch, TimeMs until, StagedJournal& staged) {
    for (auto& series : batch.series) redactor_->Apply(series.labels, redacted_);
    SortWindow(batch);
    staged.BeginWindow(batch);
    SliceOptions slices = options_.slices;
    slices.slice_ms = done_.slice_ms;
    std::uint64_t records = 0;
    const RecordCall append = [&](TimeMs slice_end, std::span<const SeriesRun> runs) -> Status {
      QUELL_TRY(staged.Append(slice_end + kReceivedAfterMs, runs));
      ++records;
      const bool fits = existing_bytes_ + staged.bytes() <= options_.journal.total_bytes_max;
      if (!fits) return Full(staged);
      return Pass(options_.checkpoint, "record");
    };
    const Status appended = ForEachRecord(batch, slices, append);
    if (!appended.ok()) return appended;
    QUELL_ASSIGN(const StagedJournal::End end, staged.Sync());
    QUELL_TRY(Pass(options_.checkpoint, "synced"));
    done_.next = until;
    done_.samples += batch.samples.size();
    done_.records += records;
    done_.windows += 1;
    done_.series_max = std::max<std::uint64_t>(done_.series_max, batch.series.size());
    done_.histogram_chunks += source_.HistogramChunks() - histogram_chunks_seen_;
    histogram_chunks_seen_ = source_.HistogramChunks();
    Keep(end, staged);
    QUELL_TRY(WriteProgress(staging_, done_));
    return Pass(options_.checkpoint, "progress");
  }

  void Keep(const StagedJournal::End& end, const StagedJournal& staged) {
    done_.segment = end.segment;
    done_.segment_bytes = end.segment_bytes;
    done_.last_sequence = end.last_sequence;
    done_.journal_bytes = staged.bytes();
  }

  [[nodiscard]] Error Full(const StagedJournal& staged) const {
    return MakeError(ErrorCode::kResourceExhausted,
                     "the journal would be larger than journal.total_bytes_max (" +
                         std::to_string(options_.journal.total_bytes_max) +
                         " bytes): " + std::to_string(staged.bytes()) + " bytes of history up to " +
                         FormatRfc3339(done_.next) + " and " + std::to_string(existing_bytes_) +
                         " that are there; raise it and run this again, or begin later with "
                         "--from and --restart");
  }

  // Before all of it is read: will it fit?
  [[nodiscard]] Status CheckRoom(const StagedJournal& staged) const {
    const auto share =
        static_cast<double>(done_.next - done_.from) / static_cast<double>(done_.to - done_.from);
    if (share < kEstimateFrom || done_.windows < kEstimateWindows) return Ok{};
    const double whole = static_cast<double>(staged.bytes()) / share;
    const double room = static_cast<double>(options_.journal.total_bytes_max) -
                        static_cast<double>(existing_bytes_);
    if (whole <= room * kEstimateSlack) return Ok{};
    return MakeError(ErrorCode::kResourceExhausted,
                     "the whole history will need about " +
                         std::to_string(static_cast<std::uint64_t>(whole)) +
                         " bytes of journal, besides " + std::to_string(existing_bytes_) +
                         " that are there, and journal.total_bytes_max is " +
                         std::to_string(options_.journal.total_bytes_max) +
                         ": raise it and run this again, or begin later with --from and --restart");
  }

  Status PutInPlace() {
    const std::string staged = staging_ + "/journal";
    QUELL_TRY(PutBehind(staged, done_.last_sequence, journal_));
    QUELL_TRY(Pass(options_.checkpoint, "merged"));
    QUELL_TRY(WriteRelearnNote(options_.data_dir,
                               {"backfilled from " + source_.Name(), done_.from, done_.to}));
    QUELL_TRY(Pass(options_.checkpoint, "note written"));
    QUELL_TRY(DecideSwap(options_.data_dir));
    QUELL_TRY(Pass(options_.checkpoint, "decided"));
    return FinishSwap(options_.data_dir, options_.checkpoint);
  }

  [[nodiscard]] State StateNow() const {
    State state;
    state.from = done_.from;
    state.to = done_.to;
    state.next = done_.next;
    state.samples = done_.samples;
    state.records = done_.records;
    state.windows = done_.windows;
    state.journal_bytes = done_.journal_bytes;
    state.series_max = done_.series_max;
    state.histogram_chunks = done_.histogram_chunks;
    state.samples_now = done_.samples - samples_before_;
    state.retries = retries_;
    state.begun_at = begun_at_;
    state.elapsed_ms = clock_.MonotonicMs() - begun_ms_;
    state.requests_ms = requests_ms_;
    state.waited_ms = waited_ms_;
    return state;
  }

  const Options& options_;
  Source& source_;
  Clock& clock_;
  const ProgressCall& report_progress_;
  const std::string staging_;
  const std::string journal_;
  std::unique_ptr<const ingest::Redactor> redactor_;
  ingest::RedactionCounters redacted_;
  ingest::WindowSize window_;
  Progress done_;
  bool clipped_ = false;  // the existing journal begins where this ends
  std::uint64_t existing_bytes_ = 0;
  std::uint64_t samples_before_ = 0;
  std::uint64_t histogram_chunks_seen_ = 0;
  std::uint64_t retries_ = 0;
  TimeMs begun_at_ = 0;
  DurationMs begun_ms_ = 0;
  DurationMs next_request_ms_ = 0;
  DurationMs requests_ms_ = 0;
  DurationMs waited_ms_ = 0;
};

}  // namespace

Result<Report> RunBackfill(const Options& options, Source& source, Clock& clock,
                           const ProgressCall& progress) {
  return Backfill(options, source, clock, progress).All();
}

}  // namespace quell::backfill
