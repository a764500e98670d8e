// The point of it all: what is learned from a backfill is what living through it would have taught.
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>

#include "core/file.h"
#include "engine/api/engine.h"
#include "engine/backfill/relearn.h"
#include "tests/engine/backfill/history.h"
#include "tests/ingest/temp_folder.h"

namespace quell::backfill {
namespace {

constexpr DurationMs kDays = 4 * kDayMs;

std::vector<ScrapedSeries> History() { return MakeHistory(3, kDays, kMinuteMs); }

void BackfillInto(const std::string& data_dir, TimeMs from, TimeMs to) {
  Options options;
  options.data_dir = data_dir;
  options.from = from;
  options.to = to;
  options.journal.segment_bytes_max = 256U << 10U;
  MemorySource source(History());
  ManualClock clock(kMonday + kWeekMs);
  const auto report = RunBackfill(options, source, clock, nullptr);
  if (!report.ok()) FAIL(report.error().message);
}

std::unique_ptr<pipeline::Pipeline> Fed(const std::vector<ingest::JournalRecord>& records) {
  auto made = pipeline::Pipeline::Create({}, nullptr);
  REQUIRE(made.ok());
  for (const auto& record : records) {
    (*made)->Apply(record);
    (*made)->TakeEffects();
  }
  return *std::move(made);
}

config::Config ConfigIn(const std::string& data_dir) {
  config::Config config = config::DefaultConfig();
  config.data_dir = data_dir;
  return config;
}

// Stands still however long an engine idles: no tick falls due. Waiting really waits.
class StillClock final : public Clock {
 public:
  explicit StillClock(TimeMs now) : now_(now) {}
  TimeMs WallMs() override { return now_; }
  DurationMs MonotonicMs() override { return now_; }
  void WaitFor(std::condition_variable& signal, std::unique_lock<std::mutex>& lock,
               DurationMs) override {
    signal.wait_for(lock, std::chrono::milliseconds(1));
  }

 private:
  TimeMs now_;
};

size_t Outbox(api::Engine& engine) {
  const auto pending = engine.store().CountOutbox(store::OutboxState::kPending);
  REQUIRE(pending.ok());
  return *pending;
}

}  // namespace

TEST_CASE("Learning: a pipeline fed by a backfill is, byte for byte, one that was there") {
  const ingest::TempFolder folder;
  BackfillInto(folder.path(), kMonday, kMonday + kDays);
  const auto lived = Fed(LiveRecords(History()));
  const auto learned = Fed(ReadAll(folder.path() + "/journal"));
  REQUIRE(lived->counters().points > 10000);
  REQUIRE(lived->counters().pages >= 1);  // the outage on the last day, in both
  CHECK(learned->counters().bad_records == 0);
  CHECK(learned->samples() == lived->samples());
  // Signals, detectors, alarms, incidents and counters, numbers of alerts and effects included.
  CHECK(learned->Save() == lived->Save());
}

TEST_CASE("Learning: history before a journal that has begun teaches what the whole would have") {
  const ingest::TempFolder folder;
  const TimeMs begun = kMonday + 3 * kDayMs;
  {
    ManualClock clock;
    ingest::JournalOptions options;
    options.folder = folder.path() + "/journal";
    options.fsync = ingest::FsyncPolicy::kNever;
    auto journal = ingest::Journal::Open(options, clock);
    REQUIRE(journal.ok());
    for (const auto& record : LiveRecords(History())) {
      if (record.received_ms < begun) continue;
      REQUIRE((*journal)->Append(record.kind, record.received_ms, record.payload).ok());
    }
  }
  BackfillInto(folder.path(), kMonday, kMonday + kDays);
  const auto learned = Fed(ReadAll(folder.path() + "/journal"));
  CHECK(learned->Save() == Fed(LiveRecords(History()))->Save());
}

TEST_CASE("Learning: the next start learns, pages nothing of the past, and does it once") {
  const ingest::TempFolder folder;
  BackfillInto(folder.path(), kMonday, kMonday + kDays);
  StillClock clock(kMonday + kDays + 10 * kMinuteMs);
  const config::Config config = ConfigIn(folder.path());
  {
    auto engine = api::Engine::Create(config, clock);
    if (!engine.ok()) FAIL(engine.error().message);
    CHECK(Outbox(**engine) == 0);
    CHECK((*engine)->status().snapshots == 1);
  }
  CHECK_FALSE(ReadRelearnNote(folder.path())->has_value());
  const std::string snapshot = *ReadFile(folder.path() + "/snapshot.quell");
  auto engine = api::Engine::Create(config, clock);
  REQUIRE(engine.ok());
  CHECK((*engine)->status().snapshots == 0);  // it had only to load
  const auto rows = (*engine)->Signals({}).rows;
  CHECK(rows.size() == 9);  // ratio, volume and queue of three lanes
  (*engine)->Start();
  (*engine)->Stop(0);
  CHECK(Outbox(**engine) == 0);
  CHECK(*ReadFile(folder.path() + "/snapshot.quell") == snapshot);
}

TEST_CASE("Learning: a crash before the snapshot, or before the note is gone, learns again") {
  const ingest::TempFolder folder;
  BackfillInto(folder.path(), kMonday + 3 * kDayMs, kMonday + kDays);
  ManualClock clock(kMonday + kDays + kHourMs);
  const config::Config config = ConfigIn(folder.path());
  REQUIRE(api::Engine::Create(config, clock).ok());
  const std::string snapshot = *ReadFile(folder.path() + "/snapshot.quell");
  // As after a crash between snapshot and note; and a snapshot of another past is not believed.
  for (const std::string& found : {snapshot, std::string("of another past")}) {
    REQUIRE(WriteRelearnNote(folder.path(), {"again", 0, 0}).ok());
    REQUIRE(WriteFileAtomic(folder.path() + "/snapshot.quell", found).ok());
    REQUIRE(api::Engine::Create(config, clock).ok());
    CHECK(*ReadFile(folder.path() + "/snapshot.quell") == snapshot);
    CHECK_FALSE(ReadRelearnNote(folder.path())->has_value());
  }
}

TEST_CASE("Learning: a start finishes a swap that was decided, and is refused beside a backfill") {
  const ingest::TempFolder folder;
  ManualClock clock(kMonday + kWeekMs);
  Options options;
  options.data_dir = folder.path();
  options.from = kMonday;
  options.to = kMonday + kDayMs;
  options.checkpoint = [](const char* step) { return std::string(step) != "old aside"; };
  MemorySource source(History());
  REQUIRE_FALSE(RunBackfill(options, source, clock, nullptr).ok());
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/journal"));
  const config::Config config = ConfigIn(folder.path());
  {
    const auto held = TakeDataDir(folder.path());
    REQUIRE(held.ok());
    CHECK_THAT(api::Engine::Create(config, clock).error().message,
               Catch::Contains("a backfill is at work"));
  }
  auto engine = api::Engine::Create(config, clock);
  if (!engine.ok()) FAIL(engine.error().message);
  CHECK((*engine)->Signals({}).rows.size() == 9);
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/backfill"));
}

}  // namespace quell::backfill
