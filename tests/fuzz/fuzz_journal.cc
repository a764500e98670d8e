// A journal segment of any bytes: the reader gives back exactly a prefix of whole frames with
// right checksums, and a writer that opens the folder agrees with it or refuses.
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "ingest/journal_format.h"
#include "ingest/journal_writer.h"
#include "tests/fuzz/fuzz_target.h"

namespace quell::fuzz {
namespace {

class NoSync final : public ingest::FileOps {
 public:
  int Create(const std::string& path) override { return ingest::SystemFileOps().Create(path); }
  std::ptrdiff_t Write(int fd, const char* data, std::size_t count) override {
    return ingest::SystemFileOps().Write(fd, data, count);
  }
  int Sync(int) override { return 0; }
  int SyncFolder(const std::string&) override { return 0; }
  int Truncate(int fd, std::uint64_t size) override {
    return ingest::SystemFileOps().Truncate(fd, size);
  }
};

// A folder of this process, removed at its end.
const std::string& Folder() {
  struct Owner {
    Owner() {
      std::string form = (std::filesystem::temp_directory_path() / "quell-fuzz-XXXXXX").string();
      if (::mkdtemp(form.data()) == nullptr) std::abort();
      path = form;
    }
    ~Owner() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;
    std::string path;
  };
  static const Owner owner;
  return owner.path;
}

struct Read {
  bool ok = false;
  std::string frames;  // the records, encoded again
  std::uint64_t count = 0;
};

Read ReadFrames() {
  Read out;
  auto reader = ingest::JournalReader::Open(Folder(), 1);
  FUZZ_REQUIRE(reader.ok());
  for (;;) {
    const auto next = (*reader)->Next();
    if (!next.ok() || !next->has_value()) {
      out.ok = next.ok();
      return out;
    }
    const ingest::JournalRecord& record = **next;
    FUZZ_REQUIRE(record.sequence == ++out.count);
    ingest::AppendFrame(out.frames, record.kind, record.received_ms, record.payload);
  }
}

}  // namespace

std::vector<std::string> Seeds() {
  std::string segment(ingest::kSegmentMagic);
  for (int i = 0; i < 4; ++i) {
    ingest::AppendFrame(segment, ingest::RecordKind::kSamples, 1755856800000 + i,
                        std::string(static_cast<size_t>(i) * 5, 'x'));
  }
  std::string old = segment;
  old.replace(0, ingest::kSegmentMagicV1.size(), ingest::kSegmentMagicV1);
  return {segment, segment + std::string(64, '\0'), std::string(ingest::kSegmentMagic), old};
}

}  // namespace quell::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  const std::string path = ingest::SegmentPath(fuzz::Folder(), 1);
  const std::string_view input = fuzz::View(data, size);
  // Fresh files: some file systems flush one that is truncated.
  for (const auto& entry : std::filesystem::directory_iterator(fuzz::Folder())) {
    std::filesystem::remove(entry.path());
  }
  std::ofstream(path, std::ios::binary | std::ios::trunc) << input;

  const fuzz::Read read = fuzz::ReadFrames();
  const std::string prefix = std::string(input.substr(0, 8)) + read.frames;
  if (read.count > 0) FUZZ_REQUIRE(input.starts_with(prefix));

  fuzz::NoSync ops;
  ManualClock clock;
  ingest::JournalOptions options;
  options.folder = fuzz::Folder();
  options.fsync = ingest::FsyncPolicy::kNever;
  const auto journal = ingest::OpenJournalOn(options, clock, ops);
  FUZZ_REQUIRE(journal.ok() == read.ok);
  if (!journal.ok()) return 0;
  FUZZ_REQUIRE((*journal)->LastSequence() == read.count);
  FUZZ_REQUIRE((*journal)->Append(ingest::RecordKind::kTick, 1, "next").ok());
  const fuzz::Read after = fuzz::ReadFrames();
  FUZZ_REQUIRE(after.ok && after.count == read.count + 1);
  FUZZ_REQUIRE(after.frames.starts_with(read.frames));
  return 0;
}
