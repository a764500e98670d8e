// Every call that changes the disk fails once, in every way, under every policy: an append says so,
// nothing acknowledged is missing, nothing else is there, and the next append works again.
#include "tests/ingest/fault_disk.h"
#include "tests/ingest/journal_support.h"

namespace quell::ingest {
namespace {

using Payloads = std::vector<std::string>;

JournalOptions SmallSegments(const TempFolder& folder, FsyncPolicy policy) {
  JournalOptions options = OptionsFor(folder);
  options.fsync = policy;
  options.segment_bytes_max = 4096;
  return options;
}

Payloads Read(const std::string& folder) {
  const ReadBack all = ReadAll(folder);
  CHECK(all.error.empty());
  Payloads out;
  for (const JournalRecord& record : all.records) out.push_back(record.payload);
  return out;
}

// What a start after kill -9 would find now: everything acknowledged, in order, before what was
// refused.
void CheckAfterKill(const TempFolder& folder, const Payloads& acknowledged) {
  const TempFolder copy(FastBase());
  std::filesystem::copy(folder.path(), copy.path());
  ManualClock clock;
  PlannedDisk disk({});
  const auto journal = OpenJournalOn(SmallSegments(copy, FsyncPolicy::kNever), clock, disk);
  if (!journal.ok()) FAIL(journal.error().message);
  const Payloads read = Read(copy.path());
  REQUIRE(read.size() >= acknowledged.size());
  REQUIRE(std::equal(acknowledged.begin(), acknowledged.end(), read.begin()));
}

std::string Payload(int number) {
  return std::to_string(number) + std::string(900, static_cast<char>('a' + number % 26));
}

// One append, of one record or of two. What was acknowledged is noted.
Status AppendOne(Journal& journal, int number, Payloads& acknowledged) {
  if (number % 3 != 0) {
    const auto done = journal.Append(RecordKind::kSamples, number, Payload(number));
    if (!done.ok()) return done.error();
    acknowledged.push_back(Payload(number));
    return Ok{};
  }
  const std::string name = "series " + std::to_string(number);
  const auto done =
      journal.AppendBatch(number, [&](std::uint64_t, std::string& series, std::string& batch) {
        series = name;
        batch = Payload(number);
      });
  if (!done.ok()) return done.error();
  acknowledged.push_back(name);
  acknowledged.push_back(Payload(number));
  return Ok{};
}

void CheckRefusal(const Error& error, const FaultPlan& plan) {
  CHECK(error.code == ErrorCode::kIo);
  CHECK_THAT(error.message, Catch::Contains(".qj: ") &&
                                Catch::Contains(std::generic_category().message(plan.error)));
}

// Opens, however often that takes while the plan lasts.
std::unique_ptr<Journal> OpenInTheEnd(const JournalOptions& options, Clock& clock,
                                      PlannedDisk& disk, const FaultPlan& plan, int& refused) {
  for (;;) {
    auto journal = OpenJournalOn(options, clock, disk);
    if (journal.ok()) return *std::move(journal);
    ++refused;
    CheckRefusal(journal.error(), plan);
    REQUIRE(refused <= plan.count);
  }
}

// Fresh folder, appends over three segments, a crash that tears the tail, a restart, more appends.
// Returns how many calls that took.
int Live(const FaultPlan& plan, FsyncPolicy policy) {
  const TempFolder folder(FastBase());
  const JournalOptions options = SmallSegments(folder, policy);
  ManualClock clock;
  PlannedDisk disk(plan);
  Payloads acknowledged;
  int refused = 0;
  for (int life = 0; life < 2; ++life) {
    auto journal = OpenInTheEnd(options, clock, disk, plan, refused);
    for (int i = 0; i < 8; ++i) {
      const Status done = AppendOne(*journal, 10 * life + i, acknowledged);
      if (done.ok()) continue;
      ++refused;
      REQUIRE(refused <= plan.count + 1);
      CheckRefusal(done.error(), plan);
      CheckAfterKill(folder, acknowledged);
      if (i == 7) --i;  // until the disk works again
    }
    if (plan.first > 0 && disk.Over()) {
      const Status done = AppendOne(*journal, 10 * life + 9, acknowledged);
      if (!done.ok()) FAIL(done.error().message);  // at once, with the fault gone
    }
    REQUIRE(journal->LastSequence() == acknowledged.size());
    REQUIRE(Read(folder.path()) == acknowledged);
    journal.reset();
    const auto last = ListSegments(folder.path()).value().back();
    std::ofstream(last.path, std::ios::binary | std::ios::app) << std::string(29, 'T');
  }
  CHECK(Read(folder.path()) == acknowledged);
  CHECK((plan.first == 0 || plan.first > disk.calls() || refused > 0 || !disk.Over() ||
         policy == FsyncPolicy::kNever));
  return disk.calls();
}

constexpr FsyncPolicy kPolicies[] = {FsyncPolicy::kAlways, FsyncPolicy::kInterval,
                                     FsyncPolicy::kNever};

void LiveThroughAll(FaultPlan plan) {
  for (const FsyncPolicy policy : kPolicies) {
    const int calls = Live({}, policy);
    REQUIRE(calls > 20);
    for (plan.first = 1; plan.first <= calls; ++plan.first) {
      INFO("policy " << static_cast<int>(policy) << ", call " << plan.first << " of " << calls
                     << ", errno " << plan.error);
      (void)Live(plan, policy);
    }
  }
}

}  // namespace

TEST_CASE("Journal fault matrix: any one call fails, with any error") {
  FaultPlan plan;
  plan.error = GENERATE(ENOSPC, EIO, EROFS, EDQUOT);
  LiveThroughAll(plan);
}

TEST_CASE("Journal fault matrix: any write is short and then fails") {
  FaultPlan plan;
  plan.writes_half = true;
  LiveThroughAll(plan);
}

TEST_CASE("Journal fault matrix: the disk stays broken for a while, from any call on") {
  FaultPlan plan;
  plan.count = GENERATE(2, 3, 7);
  plan.error = EIO;
  LiveThroughAll(plan);
}

TEST_CASE("Journal fault matrix: a power cut after any failed sync keeps what was acknowledged") {
  const auto policy = GENERATE(FsyncPolicy::kAlways, FsyncPolicy::kInterval);
  int failed = 0;
  for (int sync = 1; sync <= 20; ++sync) {
    INFO("sync " << sync << " fails");
    const TempFolder folder(FastBase());
    ManualClock clock;
    PowerCutDisk disk(sync);
    const auto journal = OpenJournalOn(SmallSegments(folder, policy), clock, disk);
    if (!journal.ok()) continue;  // the very first sync
    Payloads acknowledged;
    for (int i = 0; i < 12; ++i) {
      failed += AppendOne(**journal, i, acknowledged).ok() ? 0 : 1;
      const TempFolder after(FastBase());
      disk.CutPower(after);
      CheckAfterKill(after, acknowledged);
    }
  }
  CHECK(failed >= 12);
}

}  // namespace quell::ingest
