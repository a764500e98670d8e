#include <algorithm>

#include "ingest/journal_format.h"
#include "tests/ingest/fault_disk.h"
#include "tests/ingest/journal_support.h"

namespace quell::ingest {
namespace {

constexpr auto kFirst = "00000000000000000001.qj";

// Three records; returns the offset of the last one.
size_t WriteThree(const TempFolder& folder) {
  ManualClock clock;
  const auto journal = MustOpen(OptionsFor(folder), clock);
  MustAppend(*journal, "first record");
  MustAppend(*journal, "second record");
  const size_t offset = folder.Read(kFirst).size();
  MustAppend(*journal, "third record, the one that a crash cuts");
  return offset;
}

// Five records of all sizes and kinds; returns where each ends.
std::vector<size_t> WriteMixed(const TempFolder& folder) {
  ManualClock clock;
  PlannedDisk disk({});
  const auto journal = MustOpen(OptionsFor(folder), clock, disk);
  std::vector<size_t> ends;
  const auto append = [&](RecordKind kind, std::string_view payload) {
    REQUIRE(journal->Append(kind, 1755856800000, payload).ok());
    ends.push_back(folder.Read(kFirst).size());
  };
  append(RecordKind::kSamples, "samples");
  append(RecordKind::kTick, "");
  append(RecordKind::kSeries, "definitions");
  append(RecordKind::kBatch, std::string(20, '\0'));
  append(RecordKind::kChange, "{}");
  return ends;
}

}  // namespace

TEST_CASE("Journal damage: a tail torn at any byte is cut, counted and written over") {
  const TempFolder source;
  const size_t last = WriteThree(source);
  const std::string whole = source.Read(kFirst);
  for (size_t size = last; size < whole.size(); ++size) {
    CAPTURE(size);
    const TempFolder folder;
    folder.Write(kFirst, std::string_view(whole).substr(0, size));
    CHECK(ReadAll(folder.path()).records.size() == 2);  // a reader sees the end there
    ManualClock clock;
    const auto journal = MustOpen(OptionsFor(folder), clock);
    CHECK(journal->LastSequence() == 2);
    CHECK(journal->TornBytes() == size - last);
    CHECK(MustAppend(*journal, "again") == 3);
    const ReadBack all = ReadAll(folder.path());
    CHECK(all.error.empty());
    REQUIRE(all.records.size() == 3);
    CHECK(all.records[2].payload == "again");
  }
}

TEST_CASE("Journal damage: a last record with any byte flipped, or zeros behind it, is torn") {
  const TempFolder source;
  const size_t last = WriteThree(source);
  const std::string whole = source.Read(kFirst);
  for (size_t at = last; at < whole.size(); ++at) {
    CAPTURE(at);
    const TempFolder folder;
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    folder.Write(kFirst, damaged);
    ManualClock clock;
    CHECK(MustOpen(OptionsFor(folder), clock)->LastSequence() == 2);
  }
  const TempFolder folder;
  folder.Write(kFirst, whole + std::string(4096, '\0'));
  ManualClock clock;
  const auto journal = MustOpen(OptionsFor(folder), clock);
  CHECK(journal->LastSequence() == 3);
  CHECK(journal->TornBytes() == 4096);
}

TEST_CASE("Journal damage: a flipped byte before the tail names file and offset, always") {
  const TempFolder source;
  const size_t last = WriteThree(source);
  const std::string whole = source.Read(kFirst);
  const size_t second = kSegmentMagic.size() + kFrameHeaderBytes + 12;
  for (size_t at = second; at < last; ++at) {
    CAPTURE(at);
    const TempFolder folder;
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    folder.Write(kFirst, damaged);
    ManualClock clock;
    const auto journal = Journal::Open(OptionsFor(folder), clock);
    REQUIRE_FALSE(journal.ok());
    CHECK(journal.error().code == ErrorCode::kCorrupt);
    const std::string place = std::string(kFirst) + ": offset " + std::to_string(second);
    CHECK_THAT(journal.error().message, Catch::Contains(place));
    const ReadBack read = ReadAll(folder.path());
    CHECK(read.records.size() == 1);
    CHECK_THAT(read.error, Catch::Contains(place));
    CHECK(folder.Read(kFirst) == damaged);  // nothing was cut
  }
}

TEST_CASE("Journal damage: a crash before a segment's first record leaves an empty segment") {
  const TempFolder source;
  WriteThree(source);
  for (size_t size = 0; size < kSegmentMagic.size(); ++size) {
    const TempFolder folder;
    folder.Write(kFirst, source.Read(kFirst));
    folder.Write("00000000000000000004.qj", kSegmentMagic.substr(0, size));
    CHECK(ReadAll(folder.path()).records.size() == 3);
    ManualClock clock;
    const auto journal = MustOpen(OptionsFor(folder), clock);
    CHECK(journal->LastSequence() == 3);
    CHECK(MustAppend(*journal, "fourth") == 4);
    CHECK(ReadAll(folder.path()).records.size() == 4);
  }
}

TEST_CASE(
    "Journal damage: cut at any byte, a last segment gives the whole records before the cut") {
  const TempFolder source(FastBase());
  const std::vector<size_t> ends = WriteMixed(source);
  const std::string whole = source.Read(kFirst);
  for (size_t size = 0; size <= whole.size(); ++size) {
    INFO("cut at " << size);
    const TempFolder folder(FastBase());
    folder.Write(kFirst, std::string_view(whole).substr(0, size));
    const size_t records = static_cast<size_t>(
        std::count_if(ends.begin(), ends.end(), [size](size_t end) { return end <= size; }));
    const ReadBack read = ReadAll(folder.path());
    REQUIRE(read.error.empty());
    REQUIRE(read.records.size() == records);
    ManualClock clock;
    PlannedDisk disk({});
    const auto journal = MustOpen(OptionsFor(folder), clock, disk);
    REQUIRE(journal->LastSequence() == records);
    const size_t kept =
        records == 0 ? (size < kSegmentMagic.size() ? 0 : kSegmentMagic.size()) : ends[records - 1];
    REQUIRE(journal->TornBytes() == size - kept);
  }
}

TEST_CASE("Journal damage: any one bit flipped is named, or costs at most the last record") {
  const TempFolder source(FastBase());
  const std::vector<size_t> ends = WriteMixed(source);
  const std::string whole = source.Read(kFirst);
  const bool sealed = GENERATE(false, true);
  for (size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    INFO("bit " << bit << (sealed ? " of a sealed segment" : ""));
    const TempFolder folder(FastBase());
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    folder.Write(kFirst, damaged);
    if (sealed) folder.Write("00000000000000000006.qj", kSegmentMagic);
    const auto hit = static_cast<size_t>(
        std::count_if(ends.begin(), ends.end(), [bit](size_t end) { return end <= bit / 8; }));
    const bool in_magic = bit / 8 < kSegmentMagic.size();
    const size_t offset = in_magic ? 0 : hit == 0 ? kSegmentMagic.size() : ends[hit - 1];
    const ReadBack read = ReadAll(folder.path());
    REQUIRE(read.records.size() == hit);  // never one that was not written
    ManualClock clock;
    PlannedDisk disk({});
    const auto journal = OpenJournalOn(OptionsFor(folder), clock, disk);
    if (!sealed && hit + 1 == ends.size()) {  // like a torn tail, and counted as one
      REQUIRE(read.error.empty());
      REQUIRE(journal.ok());
      REQUIRE((*journal)->TornBytes() == whole.size() - offset);
      continue;
    }
    const std::string place = std::string(kFirst) + ": offset " + std::to_string(offset);
    REQUIRE_THAT(read.error, Catch::Contains(place));
    if (!sealed) REQUIRE_THAT(journal.error().message, Catch::Contains(place));
    REQUIRE(folder.Read(kFirst) == damaged);
  }
}

TEST_CASE("Journal damage: a missing segment, a cut sealed one and a foreign file are named") {
  const TempFolder folder;
  ManualClock clock;
  JournalOptions options = OptionsFor(folder);
  options.segment_bytes_max = 4096;
  {
    const auto journal = MustOpen(options, clock);
    for (int i = 0; i < 12; ++i) MustAppend(*journal, std::string(1000, 'x'));
  }
  const std::string sealed = folder.Read("00000000000000000005.qj");
  folder.Write("00000000000000000005.qj", std::string_view(sealed).substr(0, sealed.size() - 1));
  CHECK_THAT(ReadAll(folder.path()).error, Catch::Contains("00000000000000000005.qj: offset"));
  std::filesystem::remove(folder.File("00000000000000000005.qj"));
  CHECK_THAT(ReadAll(folder.path()).error, Catch::Contains("record 5 should follow"));
  folder.Write("00000000000000000009.qj", "something else entirely");
  CHECK_THAT(Journal::Open(options, clock).error().message,
             Catch::Contains("00000000000000000009.qj: offset 0"));
}

}  // namespace quell::ingest
