#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "core/clock.h"
#include "tests/ingest/journal_support.h"

namespace quell::ingest {
namespace {

// Holds every sync until it is let go, so that appends can pile up behind one.
class GatedDisk final : public FileOps {
 public:
  int Create(const std::string& path) override { return SystemFileOps().Create(path); }
  std::ptrdiff_t Write(int fd, const char* data, std::size_t count) override {
    const auto written = SystemFileOps().Write(fd, data, count);
    const std::lock_guard<std::mutex> lock(mutex_);
    ++writes_;
    changed_.notify_all();
    return written;
  }
  int Sync(int fd) override {
    std::unique_lock<std::mutex> lock(mutex_);
    ++syncs_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    if (failing_) return errno = EIO, -1;
    return SystemFileOps().Sync(fd);
  }
  int SyncFolder(const std::string& path) override { return SystemFileOps().SyncFolder(path); }
  int Truncate(int fd, std::uint64_t size) override { return SystemFileOps().Truncate(fd, size); }

  void SetOpen(bool open) {
    const std::lock_guard<std::mutex> lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }
  void SetFailing(bool failing) {
    const std::lock_guard<std::mutex> lock(mutex_);
    failing_ = failing;
  }
  void AwaitWrites(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return writes_ >= count; });
  }
  void AwaitSyncs(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return syncs_ >= count; });
  }
  int syncs() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return syncs_;
  }
  int writes() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return writes_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  bool failing_ = false;
  int writes_ = 0;
  int syncs_ = 0;
};

}  // namespace

TEST_CASE("Journal commit: appends that wait together share one sync") {
  const TempFolder folder;
  SystemClock clock;
  GatedDisk disk;
  JournalOptions options = OptionsFor(folder);
  options.fsync = FsyncPolicy::kAlways;
  const auto journal = MustOpen(options, clock, disk);
  const int writes = disk.writes();
  const int syncs = disk.syncs();
  disk.SetOpen(false);
  std::vector<std::thread> threads;
  std::atomic<int> done{0};
  const auto append = [&] {
    if (journal->Append(RecordKind::kSamples, 1, "x").ok()) ++done;
  };
  threads.emplace_back(append);
  disk.AwaitSyncs(syncs + 1);  // the first append's sync is under way
  for (int i = 0; i < 7; ++i) threads.emplace_back(append);
  disk.AwaitWrites(writes + 8);
  CHECK(done == 0);  // nothing is acknowledged before its sync
  disk.SetOpen(true);
  for (std::thread& thread : threads) thread.join();
  CHECK(done == 8);
  CHECK(disk.syncs() <= syncs + 3);  // the first, and one or two for the seven
  CHECK(journal->LastSequence() == 8);
}

TEST_CASE("Journal commit: a reader holds nothing of what a failed sync takes back") {
  const TempFolder folder;
  SystemClock clock;
  GatedDisk disk;
  JournalOptions options = OptionsFor(folder);
  options.fsync = FsyncPolicy::kAlways;
  const auto journal = MustOpen(options, clock, disk);
  MustAppend(*journal, "before");
  disk.SetOpen(false);
  disk.SetFailing(true);
  const int syncs = disk.syncs();
  bool refused = false;
  std::thread lost([&] { refused = !journal->Append(RecordKind::kSamples, 1, "lost").ok(); });
  disk.AwaitSyncs(syncs + 1);  // it is in the file now
  const auto reader = JournalReader::Open(folder.path(), 1);
  CHECK((*reader)->Next().value()->payload == "before");
  disk.SetOpen(true);
  lost.join();
  CHECK(refused);
  disk.SetFailing(false);
  MustAppend(*journal, "kept");
  CHECK((*reader)->Next().value()->payload == "kept");
}

TEST_CASE("Journal commit: many writers through rolls and faults lose nothing acknowledged") {
  const TempFolder folder;
  ManualClock clock;
  FaultyDisk disk;
  JournalOptions options = OptionsFor(folder);
  options.segment_bytes_max = 4096;
  options.fsync = GENERATE(FsyncPolicy::kAlways, FsyncPolicy::kInterval);
  std::mutex mutex;
  std::set<std::pair<std::uint64_t, std::string>> acknowledged;
  {
    const auto journal = MustOpen(options, clock, disk);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 100; ++i) {
          if (i % 20 == 10) disk.fail_syncs = 1;
          if (i % 25 == 5) disk.write_room = 30;
          const std::string payload = std::to_string(t) + '/' + std::to_string(i) +
                                      std::string(static_cast<size_t>(i), '.');
          const Result<std::uint64_t> sequence = journal->Append(RecordKind::kSamples, i, payload);
          disk.write_room = -1;
          if (!sequence.ok()) continue;
          const std::lock_guard<std::mutex> lock(mutex);
          acknowledged.emplace(*sequence, payload);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(journal->LastSequence() == acknowledged.size());
  }
  const ReadBack all = ReadAll(folder.path());
  CHECK(all.error.empty());
  std::set<std::pair<std::uint64_t, std::string>> read;
  for (const JournalRecord& record : all.records) read.emplace(record.sequence, record.payload);
  CHECK(acknowledged.size() > 100);
  CHECK(read == acknowledged);
}

}  // namespace quell::ingest
