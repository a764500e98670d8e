// What an engine exports of its signals.
#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>

#include "engine/api/engine.h"
#include "ingest/remote_write.h"
#include "tests/support/temp_folder.h"

namespace quell::api {
namespace {

// A failure ratio for each provider.
config::Config ConfigIn(const test::TempFolder& folder, size_t signals_max) {
  auto config = config::ParseConfig("data_dir: " + folder.File("data") + R"(
discovery: {enabled: false}
signals:
  - {name: failures, type: ratio, bad: 'p{outcome="failed"}', total: p, by: [psp]}
receivers: [{name: f, type: file, path: ")" +
                                        folder.File("pages.jsonl") + R"("}]
export: {signals_max: )" + std::to_string(signals_max) +
                                        "}\n",
                                    "f");
  INFO((config.ok() ? "" : config.error().message));
  REQUIRE(config.ok());
  return *std::move(config);
}

// Half an hour up to now in which provider "bad" fails throughout, its name last of three.
ingest::SampleBatch HalfAnHour(TimeMs now) {
  ingest::SampleBatch batch;
  for (const std::string psp : {"acme", "best", "zbad"}) {
    for (const std::string outcome : {"ok", "failed"}) {
      const double share = (psp == "zbad") == (outcome == "failed") ? 0.99 : 0.01;
      ingest::SampleBatch::Series series;
      series.labels = Labels{{"__name__", "p"}, {"psp", psp}, {"outcome", outcome}};
      series.begin = static_cast<std::uint32_t>(batch.samples.size());
      for (int i = 0; i <= 60; ++i) {
        batch.samples.push_back({now - (60 - i) * 30 * kSecondMs, share * 1000 * i});
      }
      series.end = static_cast<std::uint32_t>(batch.samples.size());
      batch.series.push_back(series);
    }
  }
  return batch;
}

exports::SignalSeriesSet Export(const config::Config& config, size_t& alerts) {
  SystemClock clock;
  auto engine = Engine::Create(config, clock);
  REQUIRE(engine.ok());
  CHECK((*engine)->SignalSeries().signals.empty());  // not before it is ready
  (*engine)->Start();
  const auto protocol = ingest::WriteProtocol::kV2;
  const auto verdict =
      (*engine)->Write(protocol, ingest::EncodeWriteRequest(protocol, HalfAnHour(clock.WallMs())));
  REQUIRE(verdict.ok());
  CHECK(verdict->status == 204);
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  for (int patience = 1000; patience > 0; --patience) {
    if ((*engine)->status().journal_sequence >= (*engine)->journal_last()) break;
    clock.WaitFor(never, lock, 10);
  }
  exports::SignalSeriesSet out = (*engine)->SignalSeries();
  alerts = (*engine)->status().open_alerts;
  (*engine)->Stop(0);
  return out;
}

TEST_CASE("Export: a signal's series say what it showed, under its group's labels", "[api]") {
  const test::TempFolder folder;
  size_t alerts = 0;
  const auto set = Export(ConfigIn(folder, 10), alerts);
  REQUIRE(set.signals.size() == 3);
  CHECK(set.left_out == 0);
  CHECK(set.at > 0);
  CHECK(alerts == 1);
  CHECK(set.signals[0].labels == Labels{{"psp", "zbad"}, {"signal", "failures"}});
  CHECK(set.signals[0].value == Approx(0.99));
  CHECK(set.signals[0].score > 3);
  CHECK(set.signals[1].labels.Get("psp") == "acme");
  CHECK(set.signals[1].value == Approx(0.01));
}

TEST_CASE("Export: alerting signals come first, what is beyond the bound is counted", "[api]") {
  const test::TempFolder folder;
  size_t alerts = 0;
  const auto set = Export(ConfigIn(folder, 1), alerts);
  REQUIRE(set.signals.size() == 1);
  CHECK(set.left_out == 2);
  CHECK(set.signals[0].labels.Get("psp") == "zbad");
}

}  // namespace
}  // namespace quell::api
