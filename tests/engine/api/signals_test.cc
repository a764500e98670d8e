// Lists of signals and their points, as an engine that was given some series tells them.
#include <catch2/catch.hpp>
#include <cmath>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "core/clock.h"
#include "engine/api/engine.h"
#include "ingest/alerts/filter.h"
#include "tests/support/temp_folder.h"

namespace quell::api {
namespace {

constexpr DurationMs kStep = 30 * kSecondMs;
constexpr int kPoints = 60;

// Three providers' failures, of which "zbad" fails throughout.
ingest::SampleBatch HalfAnHour(TimeMs now) {
  ingest::SampleBatch batch;
  for (const std::string psp : {"acme", "Best", "zbad"}) {
    for (const std::string outcome : {"ok", "failed"}) {
      const double share = (psp == "zbad") == (outcome == "failed") ? 0.99 : 0.01;
      ingest::SampleBatch::Series series;
      series.labels = Labels{{"__name__", "p"}, {"psp", psp}, {"outcome", outcome}};
      series.begin = static_cast<std::uint32_t>(batch.samples.size());
      for (int i = 0; i <= kPoints; ++i) {
        batch.samples.push_back({now - (kPoints - i) * kStep, share * 1000 * i});
      }
      series.end = static_cast<std::uint32_t>(batch.samples.size());
      batch.series.push_back(series);
    }
  }
  return batch;
}

struct Running {
  Running() {
    const auto config = config::ParseConfig("data_dir: " + folder.File("data") +
                                                "\ndiscovery: {enabled: false}\nsignals:\n"
                                                "  - {name: failures, type: ratio, bad: "
                                                "'p{outcome=\"failed\"}', total: p, by: [psp]}\n",
                                            "f");
    INFO((config.ok() ? "" : config.error().message));
    REQUIRE(config.ok());
    auto made = Engine::Create(*config, clock);
    REQUIRE(made.ok());
    engine = *std::move(made);
    engine->Start();
    const auto protocol = ingest::WriteProtocol::kV2;
    REQUIRE(
        engine->Write(protocol, ingest::EncodeWriteRequest(protocol, HalfAnHour(clock.WallMs())))
            .ok());
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock lock(mutex);
    for (int patience = 1000; patience > 0; --patience) {
      if (engine->status().journal_sequence >= engine->journal_last()) break;
      clock.WaitFor(never, lock, 10);
    }
  }
  ~Running() { engine->Stop(0); }

  const test::TempFolder folder;
  SystemClock clock;
  std::unique_ptr<Engine> engine;
};

size_t CountOf(const SignalPage& page, std::string_view name) {
  for (const auto& [key, count] : page.counts) {
    if (key == name) return count;
  }
  return 99;
}

TEST_CASE("Signals: they are found by words, state, matchers and identity, a page at a time",
          "[api]") {
  Running running;
  Engine& engine = *running.engine;
  const SignalPage all = engine.Signals({});
  REQUIRE(all.rows.size() == 3);
  CHECK(all.total == 3);
  CHECK(CountOf(all, "live") == 3);
  CHECK(CountOf(all, "alerting") == 1);
  CHECK(CountOf(all, "insufficient") == 3);

  SignalQuery query;
  query.words = {"psp=best", "fail"};
  REQUIRE(engine.Signals(query).rows.size() == 1);
  CHECK(engine.Signals(query).rows[0].labels.Get("psp") == "Best");
  query.words.emplace_back("acme");
  CHECK(engine.Signals(query).rows.empty());

  query = {};
  query.by_urgency = true;
  query.limit = 1;
  CHECK(engine.Signals(query).rows[0].labels.Get("psp") == "zbad");
  CHECK(engine.Signals(query).total == 3);
  query.offset = 3;
  CHECK(engine.Signals(query).rows.empty());

  query = {};
  query.state = "alerting";
  CHECK(engine.Signals(query).total == 1);
  query.state = "dead";
  CHECK(engine.Signals(query).total == 0);

  query = {};
  query.filters.push_back(*ingest::ParseFilter("psp!=\"acme\""));
  query.filters.push_back(*ingest::ParseFilter("alertname=failures"));
  CHECK(engine.Signals(query).total == 2);

  query = {};
  query.id = all.rows[1].id;
  REQUIRE(engine.Signals(query).rows.size() == 1);
  CHECK(engine.Signals(query).rows[0].labels == all.rows[1].labels);
}

TEST_CASE("Signals: points are those that were judged, and only since the time asked for",
          "[api]") {
  Running running;
  Engine& engine = *running.engine;
  SignalQuery query;
  query.words = {"zbad"};
  const SignalRow row = engine.Signals(query).rows.at(0);
  const auto points = engine.PointsOf(row.id, 0);
  REQUIRE(points);
  CHECK(points->step_ms == kStep);
  CHECK(points->threshold > 0);
  REQUIRE(points->points.size() > kPoints / 2);
  CHECK(points->points.back().point.value == Approx(row.value));
  CHECK(points->points.back().point.score > 3);
  CHECK(std::isnan(points->points.back().point.expected));  // too short a past: a limit alone
  const auto later = engine.PointsOf(row.id, points->points[5].at);
  REQUIRE(later);
  CHECK(later->points.size() == points->points.size() - 5);
  CHECK_FALSE(engine.PointsOf(row.id + 1, 0));
}

}  // namespace
}  // namespace quell::api
