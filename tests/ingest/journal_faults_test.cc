#include "tests/ingest/journal_support.h"

namespace quell::ingest {
namespace {

std::vector<std::string> Payloads(const TempFolder& folder) {
  const ReadBack all = ReadAll(folder.path());
  CHECK(all.error.empty());
  std::vector<std::string> out;
  for (const JournalRecord& record : all.records) out.push_back(record.payload);
  return out;
}

}  // namespace

TEST_CASE("Journal faults: a full disk at any byte of a record keeps nothing of it") {
  for (std::int64_t room = 0; room < 17 + 9; ++room) {
    CAPTURE(room);
    const TempFolder folder;
    ManualClock clock;
    FaultyDisk disk;
    const auto journal = MustOpen(OptionsFor(folder), clock, disk);
    MustAppend(*journal, "before");
    disk.write_room = room;
    const Result<std::uint64_t> failed = journal->Append(RecordKind::kSamples, 1, "too much!");
    REQUIRE_FALSE(failed.ok());
    CHECK(failed.error().code == ErrorCode::kIo);
    CHECK_THAT(failed.error().message,
               Catch::Contains("00000000000000000001.qj") && Catch::Contains("No space left"));
    CHECK(journal->LastSequence() == 1);
    CHECK(Payloads(folder) == std::vector<std::string>{"before"});
    disk.write_room = -1;
    CHECK(MustAppend(*journal, "after") == 2);
    CHECK(Payloads(folder) == std::vector<std::string>{"before", "after"});
  }
}

TEST_CASE("Journal faults: while a broken tail cannot be cut, nothing is appended behind it") {
  const TempFolder folder;
  ManualClock clock;
  FaultyDisk disk;
  const auto journal = MustOpen(OptionsFor(folder), clock, disk);
  MustAppend(*journal, "before");
  disk.write_room = 5;
  disk.fail_truncate = true;
  CHECK_FALSE(journal->Append(RecordKind::kSamples, 1, "half").ok());
  disk.write_room = -1;
  CHECK(journal->Append(RecordKind::kSamples, 1, "refused").error().code == ErrorCode::kIo);
  CHECK(Payloads(folder) == std::vector<std::string>{"before"});
  disk.fail_truncate = false;
  CHECK(MustAppend(*journal, "after") == 2);
  CHECK(Payloads(folder) == std::vector<std::string>{"before", "after"});
}

TEST_CASE("Journal faults: a failed sync takes back what it covered and says so") {
  const auto policy = GENERATE(FsyncPolicy::kAlways, FsyncPolicy::kInterval);
  const TempFolder folder;
  ManualClock clock;
  FaultyDisk disk;
  JournalOptions options = OptionsFor(folder);
  options.fsync = policy;
  const auto journal = MustOpen(options, clock, disk);
  MustAppend(*journal, "before");
  disk.fail_syncs = 1;
  const Result<std::uint64_t> failed = journal->Append(RecordKind::kSamples, 1, "lost");
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().code == ErrorCode::kIo);
  CHECK(Payloads(folder) == std::vector<std::string>{"before"});
  CHECK(MustAppend(*journal, "after") == 2);
  CHECK(Payloads(folder) == std::vector<std::string>{"before", "after"});
}

TEST_CASE("Journal faults: a segment that cannot be begun is tried again by the next append") {
  const TempFolder folder;
  ManualClock clock;
  FaultyDisk disk;
  JournalOptions options = OptionsFor(folder);
  options.segment_bytes_max = 4096;
  const auto journal = MustOpen(options, clock, disk);
  const std::string payload(3000, 'x');
  MustAppend(*journal, payload);
  disk.fail_create = true;
  CHECK_FALSE(journal->Append(RecordKind::kSamples, 1, payload).ok());
  disk.fail_create = false;
  disk.write_room = 3;  // not even the magic fits
  CHECK_FALSE(journal->Append(RecordKind::kSamples, 1, payload).ok());
  disk.write_room = -1;
  disk.fail_syncs = 1;  // the old segment's seal
  CHECK_FALSE(journal->Append(RecordKind::kSamples, 1, payload).ok());
  CHECK(MustAppend(*journal, payload) == 2);
  CHECK(Payloads(folder) == std::vector<std::string>{payload, payload});
}

TEST_CASE("Journal faults: an input or output error reads as one, too") {
  const TempFolder folder;
  ManualClock clock;
  FaultyDisk disk;
  const auto journal = MustOpen(OptionsFor(folder), clock, disk);
  disk.write_error = EIO;
  disk.write_room = 0;
  CHECK_THAT(journal->Append(RecordKind::kTick, 1, "").error().message,
             Catch::Contains("Input/output error"));
}

}  // namespace quell::ingest
