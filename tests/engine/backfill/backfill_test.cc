#include "engine/backfill/backfill.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/file.h"
#include "engine/backfill/relearn.h"
#include "ingest/remote_write.h"
#include "tests/engine/backfill/history.h"
#include "tests/ingest/temp_folder.h"

namespace quell::backfill {
namespace {

constexpr DurationMs kLong = 12 * kHourMs;

Options OptionsIn(const std::string& data_dir) {
  Options options;
  options.data_dir = data_dir;
  options.from = kMonday;
  options.to = kMonday + kLong;
  options.configuration = "c1";
  options.journal.segment_bytes_max = 64U << 10U;  // some segments, even of little
  options.slices.record_samples_max = 4;
  return options;
}

MemorySource SmallSource() { return MemorySource(MakeHistory(2, kLong, 3 * kMinuteMs)); }

// A data directory whose journal holds live samples from `start` on, of both forms, and a tick.
std::string MakeLive(const std::string& data_dir, TimeMs start) {
  ManualClock clock;
  ingest::JournalOptions options;
  options.folder = data_dir + "/journal";
  options.fsync = ingest::FsyncPolicy::kNever;
  auto journal = ingest::Journal::Open(options, clock);
  REQUIRE(journal.ok());
  REQUIRE((*journal)->Append(ingest::RecordKind::kTick, start, "").ok());
  for (auto& series : MakeHistory(1, kHourMs, kMinuteMs)) {
    for (auto& sample : series.samples) sample.time += start - kMonday;
    for (const auto& record : LiveRecords({series})) {
      REQUIRE((*journal)->Append(record.kind, record.received_ms, record.payload).ok());
    }
  }
  journal->reset();
  return Bytes(ReadAll(options.folder));
}

std::string WithoutNumbers(std::vector<ingest::JournalRecord> records) {
  for (auto& record : records) record.sequence = 0;
  return Bytes(records);
}

Report MustRun(const Options& options, Source& source) {
  ManualClock clock(kMonday + kWeekMs);
  auto report = RunBackfill(options, source, clock, nullptr);
  if (!report.ok()) FAIL(report.error().message);
  return *std::move(report);
}

}  // namespace

TEST_CASE("Backfill: every sample of the range is journaled once, in order of time") {
  const ingest::TempFolder folder;
  MemorySource source = SmallSource();
  Options options = OptionsIn(folder.path());
  options.from += kHourMs;
  const Report report = MustRun(options, source);
  CHECK(report.outcome == Outcome::kDone);
  CHECK(report.state.samples == 2 * 3 * 11 * 20);
  CHECK(report.state.series_max == 6);
  const auto records = ReadAll(folder.path() + "/journal");
  TimeMs before = 0;
  for (const auto& record : records) {
    CHECK(record.received_ms >= before);
    before = record.received_ms;
  }
  CHECK(before > kMonday + kLong - 3 * kMinuteMs);
  const auto note = ReadRelearnNote(folder.path());
  REQUIRE((note.ok() && note->has_value()));
  CHECK((*note)->from == options.from);
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/backfill"));
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/journal.old"));
}

TEST_CASE("Backfill: stopped at any step and run again, the journal is the same to the byte") {
  const ingest::TempFolder whole;
  const std::string live = MakeLive(whole.path(), kMonday + kLong);
  MemorySource source = SmallSource();
  int steps = 0;
  Options options = OptionsIn(whole.path());
  options.checkpoint = [&](const char*) { return ++steps > 0; };
  MustRun(options, source);
  const std::string expected = Bytes(ReadAll(whole.path() + "/journal"));
  REQUIRE(steps > 100);
  std::vector<int> stops;
  for (int stop = 1; stop <= steps; stop += stop < steps - 12 ? 43 : 1) stops.push_back(stop);
  for (const int stop : stops) {
    CAPTURE(stop);
    const ingest::TempFolder folder;
    MakeLive(folder.path(), kMonday + kLong);
    Options interrupted = OptionsIn(folder.path());
    int at = 0;
    interrupted.checkpoint = [&](const char*) { return ++at != stop; };
    ManualClock clock(kMonday + kWeekMs);
    MemorySource again = SmallSource();
    REQUIRE_FALSE(RunBackfill(interrupted, again, clock, nullptr).ok());
    // Killed, the journal in use is the old one or, once that is decided, about to be the new one.
    if (!std::filesystem::exists(folder.path() + "/backfill/swap") &&
        std::filesystem::exists(folder.path() + "/backfill/progress.json")) {
      CHECK(Bytes(ReadAll(folder.path() + "/journal")) == live);
    }
    interrupted.checkpoint = nullptr;
    again.samples_max = 500;  // and with other windows
    MustRun(interrupted, again);
    CHECK(Bytes(ReadAll(folder.path() + "/journal")) == expected);
    CHECK(ReadRelearnNote(folder.path())->has_value());
  }
}

TEST_CASE("Backfill: comes before what the journal holds, without overlap, nothing of it changed") {
  const ingest::TempFolder folder;
  const TimeMs live_from = kMonday + 5 * kHourMs;
  MakeLive(folder.path(), live_from);
  const auto before = ReadAll(folder.path() + "/journal");
  MemorySource source = SmallSource();
  const Report report = MustRun(OptionsIn(folder.path()), source);
  CHECK(report.state.to >= live_from);
  CHECK(report.state.to < live_from + kMinuteMs);
  auto records = ReadAll(folder.path() + "/journal");
  REQUIRE(records.size() > before.size());
  const std::vector<ingest::JournalRecord> tail(
      records.end() - static_cast<std::ptrdiff_t>(before.size()), records.end());
  CHECK(WithoutNumbers(tail) == WithoutNumbers(before));
  CHECK(records.back().sequence == records.size());
  records.resize(records.size() - before.size());
  CHECK(records.back().received_ms <= live_from + kMinuteMs);
  // Once more: the journal begins with the range already.
  MemorySource again = SmallSource();
  CHECK(MustRun(OptionsIn(folder.path()), again).outcome == Outcome::kNothing);
  CHECK(again.windows <= 1);  // up to its first sample
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/backfill"));
}

TEST_CASE("Backfill: refuses beside a server, and beside another backfill's leavings") {
  const ingest::TempFolder folder;
  ManualClock clock(kMonday + kWeekMs);
  MemorySource source = SmallSource();
  Options options = OptionsIn(folder.path());
  {
    ingest::JournalOptions server;
    server.folder = folder.path() + "/journal";
    auto journal = ingest::Journal::Open(server, clock);
    REQUIRE(journal.ok());
    const auto refused = RunBackfill(options, source, clock, nullptr);
    CHECK_THAT(refused.error().message, Catch::Contains("a server is running on data_dir"));
  }
  int steps = 0;
  options.checkpoint = [&](const char* step) {
    return std::string(step) != "progress" || ++steps < 3;
  };
  REQUIRE_FALSE(RunBackfill(options, source, clock, nullptr).ok());
  Options other = OptionsIn(folder.path());
  other.from += kHourMs;
  CHECK_THAT(RunBackfill(other, source, clock, nullptr).error().message,
             Catch::Contains("another backfill") && Catch::Contains("--restart"));
  other.restart = true;
  CHECK(RunBackfill(other, source, clock, nullptr).ok());
}

TEST_CASE("Backfill: a history that will not fit is refused early, and at the limit") {
  const ingest::TempFolder roomy;
  MemorySource first = SmallSource();
  const std::uint64_t whole = MustRun(OptionsIn(roomy.path()), first).state.journal_bytes;
  const ingest::TempFolder folder;
  ManualClock clock(kMonday + kWeekMs);
  Options options = OptionsIn(folder.path());
  options.journal.total_bytes_max = whole * 3 / 5;
  MemorySource source = SmallSource();
  const Error early = RunBackfill(options, source, clock, nullptr).error();
  CHECK(early.code == ErrorCode::kResourceExhausted);
  CHECK_THAT(early.message,
             Catch::Contains("journal.total_bytes_max is " + std::to_string(whole * 3 / 5)) &&
                 Catch::Contains("will need about"));
  CHECK(source.windows == 3);
  options.journal.total_bytes_max = 4000;  // less than three windows
  options.restart = true;
  MemorySource second = SmallSource();
  CHECK_THAT(RunBackfill(options, second, clock, nullptr).error().message,
             Catch::Contains("would be larger than journal.total_bytes_max (4000 bytes)"));
  options.journal.total_bytes_max = 1U << 30U;
  options.restart = false;
  CHECK(RunBackfill(options, second, clock, nullptr).ok());
}

TEST_CASE("Backfill: a source that is away is asked again, with growing pauses, not for ever") {
  const ingest::TempFolder folder;
  ManualClock clock(kMonday + kWeekMs);
  Options options = OptionsIn(folder.path());
  MemorySource source = SmallSource();
  int calls = 0;
  source.before_window = [&]() -> Status {
    clock.Advance(100);  // how long an answer takes
    if (++calls <= 3) return MakeError(ErrorCode::kUnavailable, "status 503");
    return Ok{};
  };
  auto report = RunBackfill(options, source, clock, nullptr);
  REQUIRE(report.ok());
  CHECK(report->state.retries == 3);
  CHECK(report->state.waited_ms >= 1000 + 2000 + 4000);
  // Half of the time at most is spent querying.
  CHECK(report->state.requests_ms * 2 <= report->state.elapsed_ms + 100);
  source.before_window = [] { return Status(MakeError(ErrorCode::kUnavailable, "status 503")); };
  const ingest::TempFolder other;
  options.data_dir = other.path();
  const Error error = RunBackfill(options, source, clock, nullptr).error();
  CHECK(error.code == ErrorCode::kUnavailable);
  CHECK_THAT(error.message, Catch::Contains("after 8 retries") && Catch::Contains("503"));
}

TEST_CASE("Backfill: too much at once is asked for in smaller windows, down to a minute") {
  const ingest::TempFolder folder;
  ManualClock clock(kMonday + kWeekMs);
  MemorySource source = SmallSource();
  source.samples_max = 60;
  REQUIRE(RunBackfill(OptionsIn(folder.path()), source, clock, nullptr).ok());
  CHECK(source.windows > 24);
  const ingest::TempFolder other;
  source.samples_max = 1;
  const Error error = RunBackfill(OptionsIn(other.path()), source, clock, nullptr).error();
  CHECK(error.code == ErrorCode::kResourceExhausted);
  CHECK_THAT(error.message, Catch::Contains("2026-08-24T"));
}

TEST_CASE("Backfill: labels are redacted before anything is written; nothing found is an error") {
  const ingest::TempFolder folder;
  ManualClock clock(kMonday + kWeekMs);
  Options options = OptionsIn(folder.path());
  options.redaction.rules = {{"psp", ingest::RedactAction::kDrop}};
  MemorySource source = SmallSource();
  const Report report = MustRun(options, source);
  CHECK(report.state.series_max == 3);  // two lanes became one
  for (const auto& record : ReadAll(folder.path() + "/journal")) {
    CHECK(record.payload.find("psp0") == std::string::npos);
  }
  const ingest::TempFolder other;
  MemorySource empty({});
  const auto nothing = RunBackfill(OptionsIn(other.path()), empty, clock, nullptr);
  CHECK(nothing.error().code == ErrorCode::kNotFound);
  CHECK_FALSE(std::filesystem::exists(other.path() + "/backfill"));
}

}  // namespace quell::backfill
