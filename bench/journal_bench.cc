// What the journal's bytes cost: checksums, and reading a tail as after a restart.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/hash.h"
#include "ingest/journal.h"

namespace quell {
namespace {

constexpr std::int64_t kRecordBytes = 20000;

template <std::uint32_t (*Crc)(std::string_view)>
void BM_Crc32c(benchmark::State& state) {
  const std::string bytes(kRecordBytes, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(Crc(bytes));
  state.SetBytesProcessed(state.iterations() * kRecordBytes);
}
BENCHMARK_TEMPLATE(BM_Crc32c, Crc32c)->Name("BM_Crc32c_Fastest/bytes=20000");
BENCHMARK_TEMPLATE(BM_Crc32c, Crc32cPortable)->Name("BM_Crc32c_Portable/bytes=20000");

// 256 MB in segments of 64 MiB, from the page cache.
void BM_ReadJournal(benchmark::State& state) {
  const std::int64_t record_bytes = state.range(0);
  std::string folder = (std::filesystem::temp_directory_path() / "quell-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) std::abort();
  ManualClock clock;
  ingest::JournalOptions options;
  options.folder = folder;
  options.fsync = ingest::FsyncPolicy::kNever;
  const std::int64_t records = 256'000'000 / record_bytes;
  {
    const auto journal = ingest::Journal::Open(options, clock);
    const std::string payload(static_cast<size_t>(record_bytes), 'x');
    for (std::int64_t i = 0; i < records; ++i) {
      if (!(*journal)->Append(ingest::RecordKind::kSamples, 1, payload).ok()) std::abort();
    }
  }
  std::int64_t read = 0;
  for (auto _ : state) {
    const auto reader = ingest::JournalReader::Open(folder, 1);
    for (read = 0;; ++read) {
      const auto record = (*reader)->Next();
      if (!record.ok()) std::abort();
      if (!record->has_value()) break;
    }
  }
  if (read != records) state.SkipWithError("records are missing");
  state.SetBytesProcessed(state.iterations() * records * record_bytes);
  state.SetItemsProcessed(state.iterations() * records);
  std::filesystem::remove_all(folder);
}
BENCHMARK(BM_ReadJournal)
    ->ArgName("record_bytes")
    ->Arg(200)
    ->Arg(20000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace quell

BENCHMARK_MAIN();
