// Appending definitions and samples as one, and reading from the middle of a segment.
#include <functional>

#include "tests/ingest/journal_support.h"

namespace quell::ingest {
namespace {

// A registry in small: defines a name the first time an epoch sees it.
struct Definer {
  std::uint64_t epoch = 0;
  std::vector<std::string> known;
  int calls = 0;
  std::string name, samples;

  void operator()(std::uint64_t now, std::string& series, std::string& batch) {
    ++calls;
    if (now != epoch) known.clear();
    epoch = now;
    series.clear();
    batch = samples;
    if (std::find(known.begin(), known.end(), name) != known.end()) return;
    known.push_back(name);
    series = name;
  }
};

Result<std::uint64_t> AppendFor(Journal& journal, Definer& definer, const std::string& name,
                                const std::string& samples = "s") {
  definer.name = name;
  definer.samples = samples;
  return journal.AppendBatch(7, std::ref(definer));
}

// What a reader of whole segments knows at each kBatch record: "name,name:samples".
std::vector<std::string> Resolved(const TempFolder& folder) {
  const ReadBack all = ReadAll(folder.path());
  CHECK(all.error.empty());
  std::vector<std::string> out;
  std::string names;
  for (const JournalRecord& record : all.records) {
    if (record.kind == RecordKind::kSeries) names += record.payload + ',';
    if (record.kind == RecordKind::kBatch) out.push_back(names + ':' + record.payload);
  }
  return out;
}

std::string Written(const TempFolder& folder, std::uint64_t from) {
  const ReadBack all = ReadAll(folder.path(), from);
  CHECK(all.error.empty());
  std::string out;
  for (const JournalRecord& record : all.records) {
    out += std::to_string(record.sequence) + (record.context ? "c" : "") + '=' +
           record.payload.substr(0, 3) + ' ';
  }
  return out;
}

}  // namespace

TEST_CASE("Journal batch: definitions and samples are two records of one write") {
  const TempFolder folder;
  ManualClock clock;
  FaultyDisk disk;
  const auto journal = MustOpen(OptionsFor(folder), clock, disk);
  const int writes = disk.writes;
  Definer definer;
  CHECK(*AppendFor(*journal, definer, "a", "one") == 2);
  CHECK(definer.epoch == 1);
  CHECK(disk.writes == writes + 1);
  CHECK(*AppendFor(*journal, definer, "a", "two") == 3);
  CHECK(definer.calls == 2);
  CHECK(journal->LastSequence() == 3);
  const ReadBack all = ReadAll(folder.path());
  REQUIRE(all.records.size() == 3);
  CHECK(all.records[0].kind == RecordKind::kSeries);
  CHECK(all.records[1].kind == RecordKind::kBatch);
  CHECK(all.records[1].received_ms == 7);
  CHECK(Resolved(folder) == std::vector<std::string>{"a,:one", "a,:two"});
}

TEST_CASE("Journal batch: nothing to append appends nothing, definitions alone are one record") {
  const TempFolder folder;
  ManualClock clock;
  const auto journal = MustOpen(OptionsFor(folder), clock);
  const auto none = [](std::uint64_t, std::string& series, std::string& batch) {
    series.clear();
    batch.clear();
  };
  CHECK(*journal->AppendBatch(1, none) == 0);
  MustAppend(*journal, "x");
  CHECK(*journal->AppendBatch(1, none) == 1);
  Definer definer;
  CHECK(*AppendFor(*journal, definer, "a", "") == 2);
  CHECK(ReadAll(folder.path()).records.size() == 2);
}

TEST_CASE("Journal batch: a new segment is a new epoch and has its own definitions") {
  const TempFolder folder;
  ManualClock clock;
  JournalOptions options = OptionsFor(folder);
  options.segment_bytes_max = 4096;
  const auto journal = MustOpen(options, clock);
  Definer definer;
  for (int i = 0; i < 7; ++i) REQUIRE(AppendFor(*journal, definer, "a", std::string(1000, 'x')));
  CHECK(definer.epoch > 1);
  CHECK(definer.calls == 8);  // one of them twice: it was to be the fifth of the first segment
  const ReadBack all = ReadAll(folder.path());
  REQUIRE(all.records.size() == 9);
  CHECK(all.records[5].kind == RecordKind::kSeries);
  CHECK(std::filesystem::exists(folder.File("00000000000000000006.qj")));
}

TEST_CASE("Journal batch: what failed is defined again, after whichever fault") {
  const auto policy = GENERATE(FsyncPolicy::kAlways, FsyncPolicy::kInterval, FsyncPolicy::kNever);
  const TempFolder folder;
  ManualClock clock;
  FaultyDisk disk;
  JournalOptions options = OptionsFor(folder);
  options.fsync = policy;
  const auto journal = MustOpen(options, clock, disk);
  Definer definer;
  REQUIRE(AppendFor(*journal, definer, "a", "one"));
  disk.write_room = 20;
  CHECK_FALSE(AppendFor(*journal, definer, "b").ok());
  disk.write_room = -1;
  REQUIRE(AppendFor(*journal, definer, "b", "two"));
  CHECK(Resolved(folder).back().ends_with("b,:two"));
  if (policy == FsyncPolicy::kNever) return;
  disk.fail_syncs = 1;
  CHECK_FALSE(AppendFor(*journal, definer, "c").ok());
  REQUIRE(AppendFor(*journal, definer, "c", "three"));
  CHECK(Resolved(folder).back().ends_with("c,:three"));
  // The segment whose sync failed is not written to again.
  CHECK(std::filesystem::exists(SegmentPath(folder.path(), journal->LastSequence() - 1)));
}

TEST_CASE("Journal batch: a reader from the middle gets the segment's definitions as context") {
  const TempFolder folder;
  ManualClock clock;
  JournalOptions options = OptionsFor(folder);
  options.segment_bytes_max = 4096;
  const auto journal = MustOpen(options, clock);
  Definer definer;
  for (const char* name : {"a", "b", "a", "c"}) REQUIRE(AppendFor(*journal, definer, name));
  CHECK(Written(folder, 1) == "1=a 2=s 3=b 4=s 5=s 6=c 7=s ");
  CHECK(Written(folder, 2) == "1c=a 2=s 3=b 4=s 5=s 6=c 7=s ");
  CHECK(Written(folder, 5) == "1c=a 3c=b 5=s 6=c 7=s ");
  CHECK(Written(folder, 8) == "1c=a 3c=b 6c=c ");  // at the end: ready for what is to come
  REQUIRE(AppendFor(*journal, definer, "d", std::string(4000, 'x')));
  REQUIRE(AppendFor(*journal, definer, "d", "last"));
  CHECK(Written(folder, 10) == "8c=d 10=las ");  // nothing of earlier segments
}

TEST_CASE("Journal batch: a segment of version 1 is read, and sealed by the next append") {
  const TempFolder folder;
  ManualClock clock;
  std::string old(kSegmentMagicV1);
  AppendFrame(old, RecordKind::kSamples, 5, "old");
  const bool holds_records = GENERATE(true, false);
  folder.Write("00000000000000000001.qj", holds_records ? old : std::string(kSegmentMagicV1));
  const std::uint64_t before = holds_records ? 1 : 0;
  const auto journal = MustOpen(OptionsFor(folder), clock);
  CHECK(journal->LastSequence() == before);
  CHECK(MustAppend(*journal, "new") == before + 1);
  CHECK(ReadAll(folder.path()).records.size() == before + 1);
  const std::string bytes = folder.Read(holds_records ? "00000000000000000002.qj"  //
                                                      : "00000000000000000001.qj");
  CHECK(bytes.starts_with(kSegmentMagic));
  if (holds_records) CHECK(folder.Read("00000000000000000001.qj") == old);
}

TEST_CASE("Journal batch: what is larger than a record may be is refused, and defined anew") {
  const TempFolder folder;
  ManualClock clock;
  const auto journal = MustOpen(OptionsFor(folder), clock);
  Definer definer;
  CHECK(AppendFor(*journal, definer, "a", std::string(kPayloadBytesMax + 1, 'x')).error().code ==
        ErrorCode::kInvalidArgument);
  REQUIRE(AppendFor(*journal, definer, "a"));
  CHECK(Resolved(folder) == std::vector<std::string>{"a,:s"});
}

TEST_CASE("Journal batch: a segment goes on while definitions fill more than a quarter of it") {
  const TempFolder folder;
  ManualClock clock;
  FaultyDisk disk;
  JournalOptions options = OptionsFor(folder);
  options.segment_bytes_max = 4096;
  options.total_bytes_max = 64 * 4096;
  const auto journal = MustOpen(options, clock, disk);
  Definer definer;
  const auto segments = [&] { return ListSegments(folder.path())->size(); };
  const std::string name(3000, 'n');
  const std::string samples(1000, 's');
  for (int i = 0; i < 8; ++i) REQUIRE(AppendFor(*journal, definer, name, samples).ok());
  CHECK(segments() == 1);  // 11 KB, of which 3 KB are definitions
  for (int i = 0; i < 2; ++i) REQUIRE(AppendFor(*journal, definer, name, samples).ok());
  CHECK(segments() == 2);
  CHECK(definer.epoch == 2);
  // Never beyond an eighth of the journal, whatever the definitions take.
  for (char c = 'a'; c <= 'n'; ++c) {
    REQUIRE(AppendFor(*journal, definer, std::string(3000, c), "s").ok());
  }
  CHECK(segments() == 3);
  CHECK(Resolved(folder).size() == 24);
}

}  // namespace quell::ingest
