#include "ingest/journal.h"

#include "tests/ingest/journal_support.h"

namespace quell::ingest {

TEST_CASE("Journal: records come back in order with kind, time and bytes, under every policy") {
  const auto policy = GENERATE(FsyncPolicy::kAlways, FsyncPolicy::kInterval, FsyncPolicy::kNever);
  const TempFolder folder;
  ManualClock clock;
  JournalOptions options = OptionsFor(folder);
  options.fsync = policy;
  {
    const auto journal = MustOpen(options, clock);
    CHECK(journal->LastSequence() == 0);
    CHECK(MustAppend(*journal, "one", 5) == 1);
    CHECK(*journal->Append(RecordKind::kTick, 6, "") == 2);
    CHECK(*journal->Append(RecordKind::kChange, 7, std::string("\0\xff{}", 4)) == 3);
    CHECK(journal->LastSequence() == 3);
  }
  const ReadBack all = ReadAll(folder.path());
  CHECK(all.error.empty());
  REQUIRE(all.records.size() == 3);
  CHECK(all.records[0].payload == "one");
  CHECK(all.records[0].received_ms == 5);
  CHECK(all.records[1].kind == RecordKind::kTick);
  CHECK(all.records[2].sequence == 3);
  CHECK(all.records[2].payload == std::string("\0\xff{}", 4));
}

TEST_CASE("Journal: goes on counting after it is opened again") {
  const TempFolder folder;
  ManualClock clock;
  MustAppend(*MustOpen(OptionsFor(folder), clock), "one");
  const auto journal = MustOpen(OptionsFor(folder), clock);
  CHECK(journal->LastSequence() == 1);
  CHECK(journal->TornBytes() == 0);
  CHECK(MustAppend(*journal, "two") == 2);
}

TEST_CASE("Journal: the bytes on disk are those of the format page") {
  const TempFolder folder;
  ManualClock clock;
  MustAppend(*MustOpen(OptionsFor(folder), clock), "hello", 0x0102);
  // CRC-32C computed independently (Python, bitwise, polynomial 0x82F63B78).
  const std::string expected = std::string("QUELLJ02") + std::string("\x05\0\0\0", 4) +
                               std::string("\x34\x0b\xba\xad", 4) + std::string("\x01", 1) +
                               std::string("\x02\x01\0\0\0\0\0\0", 8) + "hello";
  CHECK(folder.Read("00000000000000000001.qj") == expected);
}

TEST_CASE("Journal: segments roll at their limit and a record larger than one stands alone") {
  const TempFolder folder;
  ManualClock clock;
  JournalOptions options = OptionsFor(folder);
  options.segment_bytes_max = 4096;
  {
    const auto journal = MustOpen(options, clock);
    for (int i = 0; i < 10; ++i) MustAppend(*journal, std::string(1000, 'x'));
    MustAppend(*journal, std::string(10000, 'y'));
    MustAppend(*journal, "last");
  }
  CHECK(std::filesystem::exists(folder.File("00000000000000000005.qj")));
  CHECK(std::filesystem::exists(folder.File("00000000000000000012.qj")));
  const ReadBack all = ReadAll(folder.path());
  CHECK(all.error.empty());
  REQUIRE(all.records.size() == 12);
  CHECK(all.records[10].payload.size() == 10000);
  for (const std::uint64_t from : {1, 4, 5, 6, 12, 13}) {
    const ReadBack rest = ReadAll(folder.path(), from);
    CHECK(rest.error.empty());
    REQUIRE(rest.records.size() == 13 - from);
    if (!rest.records.empty()) CHECK(rest.records[0].sequence == from);
  }
}

TEST_CASE("Journal: records larger and smaller than a block of reading come back the same") {
  const TempFolder folder;
  ManualClock clock;
  JournalOptions options = OptionsFor(folder);
  options.fsync = FsyncPolicy::kNever;
  options.segment_bytes_max = 5U << 20U;
  std::vector<size_t> sizes = {0, 1, 4095, 4096, (1U << 20U) - 17, 1U << 20U, (1U << 20U) + 1};
  for (size_t i = 0; i < 300; ++i) sizes.push_back(i * 331 % 40000);
  sizes.push_back(3U << 20U);
  {
    const auto journal = MustOpen(options, clock);
    for (const size_t size : sizes)
      MustAppend(*journal, std::string(size, static_cast<char>('a' + size % 26)));
  }
  const ReadBack all = ReadAll(folder.path());
  CHECK(all.error.empty());
  REQUIRE(all.records.size() == sizes.size());
  for (size_t i = 0; i < sizes.size(); ++i) {
    REQUIRE(all.records[i].payload ==
            std::string(sizes[i], static_cast<char>('a' + sizes[i] % 26)));
  }
}

TEST_CASE("Journal: deletes the oldest segments for room, but none above the allowed sequence") {
  const TempFolder folder;
  ManualClock clock;
  JournalOptions options = OptionsFor(folder);
  options.segment_bytes_max = 4096;
  options.total_bytes_max = 3 * 4096;
  const auto journal = MustOpen(options, clock);
  const std::string payload(1000, 'x');
  std::uint64_t kept = 0;
  for (;;) {
    const Result<std::uint64_t> sequence = journal->Append(RecordKind::kSamples, 1, payload);
    if (!sequence.ok()) {
      CHECK(sequence.error().code == ErrorCode::kResourceExhausted);
      CHECK_THAT(sequence.error().message, Catch::Contains(folder.path()));
      break;
    }
    kept = *sequence;
    REQUIRE(kept < 100);
  }
  CHECK(ReadAll(folder.path()).records.size() == kept);
  journal->AllowDeleteBelow(6);  // the first segment ends at 4
  CHECK(MustAppend(*journal, payload) == kept + 1);
  const ReadBack rest = ReadAll(folder.path());
  CHECK(rest.error.empty());
  CHECK(rest.records.front().sequence == 5);
  CHECK(rest.records.back().sequence == kept + 1);
}

TEST_CASE(
    "Journal: deletes what is older than age_max, at rolls and hourly, if snapshots cover it") {
  const TempFolder folder;
  ManualClock clock(1000 * kDayMs);
  JournalOptions options = OptionsFor(folder);
  options.fsync = FsyncPolicy::kNever;  // the group commit would move the clock
  options.segment_bytes_max = 4096;
  options.age_max_ms = 10 * kDayMs;
  const std::string payload(1900, 'x');  // two a segment
  auto journal = MustOpen(options, clock);
  for (int day = 0; day < 10; ++day) {
    MustAppend(*journal, payload, clock.WallMs());
    clock.Advance(kDayMs);
  }
  const auto first = [&] { return ReadAll(folder.path()).records.front().sequence; };
  // Day 1010: nothing is older than ten days. Day 1013: segments 1 and 3 end with days 1001, 1003.
  MustAppend(*journal, "small", clock.WallMs());
  CHECK(first() == 1);
  clock.Advance(3 * kDayMs);
  MustAppend(*journal, "small", clock.WallMs());
  CHECK(first() == 1);  // no snapshot allows it
  journal->AllowDeleteBelow(11);
  clock.Advance(kHourMs - 1);
  MustAppend(*journal, "small", clock.WallMs());
  CHECK(first() == 1);  // not looked at yet
  clock.Advance(1);
  MustAppend(*journal, "small", clock.WallMs());
  CHECK(first() == 3);  // segment 3 holds day 1003, which ten days cover still

  // Opened again it still knows how old segments are; a roll looks at once.
  journal.reset();
  journal = MustOpen(options, clock);
  clock.Advance(2 * kDayMs);
  journal->AllowDeleteBelow(6);
  MustAppend(*journal, payload + payload, clock.WallMs());
  CHECK(first() == 5);
  journal->AllowDeleteBelow(100);
  clock.Advance(1000 * kDayMs);
  MustAppend(*journal, payload, clock.WallMs());
  const ReadBack rest = ReadAll(folder.path());
  CHECK(rest.error.empty());
  CHECK(rest.records.front().sequence == 15);  // the last sealed segment waits for the next record
}

TEST_CASE("Journal: however old, a segment stays where age_max is 0") {
  const TempFolder folder;
  ManualClock clock(kDayMs);
  JournalOptions options = OptionsFor(folder);
  options.fsync = FsyncPolicy::kNever;
  options.segment_bytes_max = 4096;
  options.age_max_ms = 0;
  const auto journal = MustOpen(options, clock);
  journal->AllowDeleteBelow(100);
  for (int i = 0; i < 8; ++i) {
    MustAppend(*journal, std::string(3000, 'x'), clock.WallMs());
    clock.Advance(1000 * kDayMs);
  }
  CHECK(ReadAll(folder.path()).records.size() == 8);
}

TEST_CASE("Journal: a second writer on the folder is refused by name") {
  const TempFolder folder;
  ManualClock clock;
  {
    const auto journal = MustOpen(OptionsFor(folder), clock);
    const auto second = Journal::Open(OptionsFor(folder), clock);
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().code == ErrorCode::kUnavailable);
    CHECK_THAT(second.error().message, Catch::Contains(folder.path()));
  }
  CHECK(Journal::Open(OptionsFor(folder), clock).ok());
}

TEST_CASE("Journal: impossible limits, payloads and folders are refused with their names") {
  const TempFolder folder;
  ManualClock clock;
  JournalOptions options = OptionsFor(folder);
  options.total_bytes_max = options.segment_bytes_max;
  CHECK_THAT(Journal::Open(options, clock).error().message, Catch::Contains("total_bytes_max"));
  CHECK(JournalReader::Open(folder.File("nowhere"), 1).error().code == ErrorCode::kNotFound);
  CHECK_FALSE(JournalReader::Open(folder.path(), 0).ok());
  CHECK(ReadAll(folder.path()).records.empty());
  folder.Write("7.qj", "");
  CHECK_THAT(Journal::Open(OptionsFor(folder), clock).error().message, Catch::Contains("7.qj"));
}

TEST_CASE("Journal: a reader at the end goes on with what is appended since, over segments") {
  const TempFolder folder;
  ManualClock clock;
  JournalOptions options = OptionsFor(folder);
  options.fsync = FsyncPolicy::kAlways;
  options.segment_bytes_max = 4096;
  const auto journal = MustOpen(options, clock);
  const auto reader = JournalReader::Open(folder.path(), 1);
  REQUIRE(reader.ok());
  for (std::uint64_t round = 1; round <= 20; ++round) {
    const auto end = (*reader)->Next();
    REQUIRE(end.ok());
    CHECK_FALSE(end->has_value());
    const std::string payload(1500, static_cast<char>('a' + round));
    CHECK(MustAppend(*journal, payload) == round);
    const auto next = (*reader)->Next();
    if (!next.ok()) FAIL(next.error().message);
    REQUIRE(next->has_value());
    CHECK((*next)->sequence == round);
    CHECK((*next)->payload == payload);
  }
}

}  // namespace quell::ingest
