#include "ingest/journal_inspect.h"

#include "ingest/journal_repair.h"
#include "tests/ingest/fault_disk.h"
#include "tests/ingest/journal_support.h"

namespace quell::ingest {
namespace {

constexpr auto kFirst = "00000000000000000001.qj";   // records 1 to 4
constexpr auto kSecond = "00000000000000000005.qj";  // 5 to 8
constexpr auto kThird = "00000000000000000009.qj";   // 9 and 10
constexpr size_t kFrame = 17 + 1000;

JournalOptions SmallSegments(const TempFolder& folder) {
  JournalOptions options = OptionsFor(folder);
  options.segment_bytes_max = 4096;
  options.fsync = FsyncPolicy::kNever;
  return options;
}

void WriteTen(const TempFolder& folder) {
  ManualClock clock;
  const auto journal = MustOpen(SmallSegments(folder), clock);
  for (int i = 1; i <= 10; ++i) MustAppend(*journal, std::string(1000, 'x'), 1000 + i);
}

// Flips a byte in the payload of the `record`-th of a segment.
void Damage(const TempFolder& folder, const char* name, size_t record) {
  std::string bytes = folder.Read(name);
  bytes[kSegmentMagic.size() + record * kFrame + 500] ^= 1;
  folder.Write(name, bytes);
}

JournalReport MustInspect(const TempFolder& folder) {
  Result<JournalReport> report = InspectJournal(folder.path());
  if (!report.ok()) FAIL(report.error().message);
  return *std::move(report);
}

RepairReport MustRepair(const TempFolder& folder, bool dry_run = false) {
  Result<RepairReport> report = RepairJournal(folder.path(), dry_run);
  if (!report.ok()) FAIL(report.error().message);
  return *std::move(report);
}

std::vector<std::uint64_t> Sequences(const TempFolder& folder) {
  const ReadBack all = ReadAll(folder.path());
  CHECK(all.error.empty());
  std::vector<std::uint64_t> out;
  for (const JournalRecord& record : all.records) out.push_back(record.sequence);
  return out;
}

using Numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("Journal inspect: counts records by kind, bytes and times, on a live folder") {
  const TempFolder folder(FastBase());
  WriteTen(folder);
  ManualClock clock;
  const auto live = MustOpen(SmallSegments(folder), clock);
  REQUIRE(live->Append(RecordKind::kTick, 2000, "").ok());
  size_t seen = 0;
  const auto report = InspectJournal(
      folder.path(),
      [&](const Segment&, std::uint64_t offset, std::uint64_t sequence, const FrameView& frame) {
        CHECK(sequence == ++seen);
        CHECK(offset == kSegmentMagic.size() + (sequence - 1) % 4 * kFrame);
        CHECK(frame.payload.size() == (sequence == 11 ? 0 : 1000));
      });
  REQUIRE(report.ok());
  CHECK(seen == 11);
  CHECK(report->problems.empty());
  REQUIRE(report->segments.size() == 3);
  const SegmentReport& last = report->segments[2];
  CHECK(last.version == 2);
  CHECK(last.records[0] == 2);
  CHECK(last.records[1] == 1);
  CHECK(*last.first_received == 1009);
  CHECK(*last.last_received == 2000);
  CHECK(last.segment.bytes == kSegmentMagic.size() + 2 * kFrame + 17);
  CHECK(RepairJournal(folder.path(), true).error().code == ErrorCode::kUnavailable);
}

TEST_CASE("Journal inspect: every problem is named with its file and offset") {
  const TempFolder folder(FastBase());
  WriteTen(folder);
  Damage(folder, kFirst, 1);
  std::filesystem::remove(folder.File(kSecond));
  folder.Write(kThird, "not a journal");
  folder.Write("00000000000000000020.qj", std::string(kSegmentMagic) + "torn");
  const JournalReport report = MustInspect(folder);
  REQUIRE(report.problems.size() == 2);  // what is missing behind damage is no news
  CHECK(report.problems[0].path == folder.File(kFirst));
  CHECK(report.problems[0].offset == kSegmentMagic.size() + kFrame);
  CHECK_THAT(report.problems[0].what, Catch::Contains("2 whole records among them"));
  CHECK(report.problems[1].path == folder.File(kThird));
  CHECK(report.problems[1].offset == 0);
  CHECK(report.segments.back().torn_bytes == 4);
  std::filesystem::remove(folder.File(kFirst));
  std::filesystem::remove(folder.File(kThird));
  folder.Write("00000000000000000009.qj", kSegmentMagic);
  const JournalReport missing = MustInspect(folder);
  REQUIRE(missing.problems.size() == 1);
  CHECK_THAT(missing.problems[0].what, Catch::Contains("records 9 to 19 are missing"));
}

TEST_CASE("Journal repair: nothing is done to what is whole, and nothing by a dry run") {
  const TempFolder folder(FastBase());
  WriteTen(folder);
  CHECK(MustRepair(folder).cuts.empty());
  Damage(folder, kSecond, 2);
  const std::string before = folder.Read(kSecond);
  const RepairReport plan = MustRepair(folder, true);
  REQUIRE(plan.cuts.size() == 1);
  CHECK(folder.Read(kSecond) == before);
  CHECK_FALSE(std::filesystem::exists(folder.File("damaged")));
  CHECK_FALSE(GapIsKnown(folder.path(), 7, 9));
  CHECK_FALSE(RepairJournal(folder.File("nowhere"), false).ok());
  CHECK_FALSE(std::filesystem::exists(folder.File("nowhere")));
}

TEST_CASE("Journal repair: damage in the middle costs its segment's rest and leaves a known gap") {
  const TempFolder folder(FastBase());
  WriteTen(folder);
  Damage(folder, kSecond, 2);
  const std::string before = folder.Read(kSecond);
  const RepairReport done = MustRepair(folder);
  const size_t offset = kSegmentMagic.size() + 2 * kFrame;
  REQUIRE(done.cuts.size() == 1);
  CHECK(done.cuts[0].offset == offset);
  CHECK(done.cuts[0].bytes == 2 * kFrame);
  CHECK(done.cuts[0].whole_records == 1);
  REQUIRE(done.gaps.size() == 1);
  CHECK(done.gaps[0].first_missing == 7);
  CHECK(done.gaps[0].next == 9);
  CHECK(folder.Read("damaged/" + std::string(kSecond) + '@' + std::to_string(offset)) ==
        before.substr(offset));
  CHECK(Sequences(folder) == Numbers{1, 2, 3, 4, 5, 6, 9, 10});
  CHECK(MustInspect(folder).problems.empty());
  CHECK(MustRepair(folder).gaps.empty());  // once is enough
  ManualClock clock;
  CHECK(MustAppend(*MustOpen(SmallSegments(folder), clock), "goes on") == 11);
  std::filesystem::remove(GapPath(folder.path(), 7, 9));
  CHECK_THAT(ReadAll(folder.path()).error, Catch::Contains("record 7 should follow"));
}

TEST_CASE("Journal repair: behind a damaged last segment no number is used twice") {
  const TempFolder folder(FastBase());
  WriteTen(folder);
  ManualClock clock;
  Damage(folder, kThird, 0);
  CHECK_FALSE(Journal::Open(SmallSegments(folder), clock).ok());
  const RepairReport done = MustRepair(folder);
  CHECK(done.new_segment > 10);
  const auto journal = MustOpen(SmallSegments(folder), clock);
  CHECK(MustAppend(*journal, "goes on") == done.new_segment);
  CHECK(Sequences(folder) == Numbers{1, 2, 3, 4, 5, 6, 7, 8, done.new_segment});
  CHECK(ReadAll(folder.path(), 11).records.size() == 1);
}

TEST_CASE("Journal repair: a missing, a foreign and an overlapping segment") {
  const TempFolder folder(FastBase());
  WriteTen(folder);
  const std::string second = folder.Read(kSecond);
  std::filesystem::remove(folder.File(kSecond));
  CHECK(MustRepair(folder).gaps.size() == 1);
  CHECK(Sequences(folder) == Numbers{1, 2, 3, 4, 9, 10});
  folder.Write(kThird, "something else");
  const RepairReport done = MustRepair(folder);
  REQUIRE(done.gaps.size() == 1);
  CHECK(done.gaps[0].first_missing == 5);
  CHECK(folder.Read("damaged/" + std::string(kThird) + "@0") == "something else");
  CHECK(Sequences(folder) == Numbers{1, 2, 3, 4});
  folder.Write("00000000000000000003.qj", second);
  CHECK(RepairJournal(folder.path(), false).error().code == ErrorCode::kUnsupported);
}

}  // namespace quell::ingest
