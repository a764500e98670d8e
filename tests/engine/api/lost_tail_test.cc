#include <catch2/catch.hpp>
#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "engine/api/engine.h"
#include "ingest/remote_write.h"
#include "tests/support/temp_folder.h"

namespace quell::api {
namespace {

config::Config ConfigIn(const test::TempFolder& folder) {
  config::Config config = config::DefaultConfig();
  config.data_dir = folder.File("data");
  config.receivers[0].kind = config::ReceiverKind::kFile;
  config.receivers[0].path = folder.File("pages.jsonl");
  return config;
}

// Starts an engine, sends `requests` samples one by one, waits until they are applied, stops.
// Returns the samples that signals have read since the data directory was new.
std::uint64_t Serve(const config::Config& config, Clock& clock, int requests) {
  auto engine = Engine::Create(config, clock);
  INFO((engine.ok() ? "" : engine.error().message));
  REQUIRE(engine.ok());
  (*engine)->Start();
  for (int i = 0; i < requests; ++i) {
    ingest::SampleBatch batch;
    batch.samples.push_back({clock.WallMs(), static_cast<double>(i)});
    batch.series.push_back({Labels{{"__name__", "queue_depth"}, {"n", std::to_string(i)}}, 0, 1});
    const auto protocol = ingest::WriteProtocol::kV2;
    const auto verdict = (*engine)->Write(protocol, ingest::EncodeWriteRequest(protocol, batch));
    REQUIRE(verdict.ok());
    CHECK(verdict->status == 204);
  }
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  for (int patience = 1000; patience > 0; --patience) {
    if ((*engine)->status().journal_sequence >= (*engine)->journal_last()) break;
    clock.WaitFor(never, lock, 10);
  }
  const std::uint64_t samples = (*engine)->status().samples.samples;
  (*engine)->Stop(0);
  return samples;
}

TEST_CASE("Engine: what follows a journal that ends before its snapshot is not skipped", "[api]") {
  const test::TempFolder folder;
  const config::Config config = ConfigIn(folder);
  SystemClock clock;
  CHECK(Serve(config, clock, 5) == 5);
  for (const auto& entry : std::filesystem::directory_iterator(config.data_dir + "/journal")) {
    if (entry.path().extension() == ".qj") std::filesystem::resize_file(entry.path(), 8);
  }
  CHECK(Serve(config, clock, 3) == 8);
  CHECK(Serve(config, clock, 0) == 8);
}

}  // namespace
}  // namespace quell::api
