// An engine under posts, reads and silences at once, and after a restart.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/clock.h"
#include "core/file.h"
#include "engine/api/engine.h"
#include "tests/support/temp_folder.h"

namespace quell::api {
namespace {

using Json = nlohmann::json;

constexpr size_t kPosters = 4, kPosts = 20, kBatch = 16;

struct Fixture {
  test::TempFolder folder;
  SystemClock clock;
  config::Config config = config::DefaultConfig();

  Fixture() {
    config.data_dir = folder.File("data");
    config::ReceiverConfig file;
    file.name = "file";
    file.kind = config::ReceiverKind::kFile;
    file.path = folder.File("pages");
    config.receivers = {file};
  }
  std::unique_ptr<Engine> Make() {
    auto made = Engine::Create(config, clock);
    REQUIRE(made.ok());
    (*made)->Start();
    return *std::move(made);
  }
  [[nodiscard]] std::string Post(const std::string& name) const {
    return R"({"labels":{"alertname":")" + name + R"(","severity":"none"},"endsAt":")" +
           FormatRfc3339(clock_now + kHourMs) + "\"}";
  }
  [[nodiscard]] std::string Silence(const std::string& value) const {
    return R"({"matchers":[{"name":"alertname","value":")" + value +
           R"(","isRegex":false}],"startsAt":")" + FormatRfc3339(clock_now) + R"(","endsAt":")" +
           FormatRfc3339(clock_now + kHourMs) + R"(","createdBy":"t","comment":"c"})";
  }
  TimeMs clock_now = clock.WallMs();
};

std::set<std::string> Names(Engine& engine) {
  std::set<std::string> out;
  for (const AlertListing& alert : ListAlerts(engine.Alerts(), {})) {
    out.insert(std::string(alert.labels.Get("alertname")));
  }
  return out;
}

TEST_CASE("Engine: posts, reads and silences at once lose nothing", "[api]") {
  Fixture fixture;
  auto engine = fixture.Make();
  std::vector<std::thread> threads;
  std::atomic<int> refused{0};
  for (size_t poster = 0; poster < kPosters; ++poster) {
    threads.emplace_back([&, poster] {
      for (size_t i = 0; i < kPosts; ++i) {
        std::string body = "[";
        for (size_t j = 0; j < kBatch; ++j) {
          body += (j > 0 ? "," : "") + fixture.Post("A" + std::to_string(poster) + "-" +
                                                    std::to_string(i) + "-" + std::to_string(j));
        }
        if (engine->PostAlerts(body + "]").status != 200) ++refused;
      }
    });
  }
  std::atomic<size_t> seen{0};
  threads.emplace_back([&] {
    for (int i = 0; i < 50; ++i) seen = engine->Alerts().received.size();
  });
  std::vector<std::string> ids;
  threads.emplace_back([&] {
    for (int i = 0; i < 10; ++i) {
      const auto made = engine->PostSilence(fixture.Silence("S" + std::to_string(i)));
      if (made.status != 200) ++refused;
      ids.push_back(Json::parse(made.body)["silenceID"]);
      if (i % 2 == 0 && !engine->ExpireSilence(ids.back()).ok()) ++refused;
    }
  });
  for (std::thread& thread : threads) thread.join();
  CHECK(refused == 0);
  CHECK(Names(*engine).size() == kPosters * kPosts * kBatch);
  const auto before = Names(*engine);
  const TimeMs now = fixture.clock.WallMs();
  const auto states = [&](Engine& of) {
    std::string out;
    const AlertView view = of.Alerts();
    for (const std::string& id : ids) {
      const ingest::Silence* silence = view.silences.Find(id);
      out += silence == nullptr
                 ? "-"
                 : ingest::SilenceStateName(ingest::StateOf(*silence, now)).substr(0, 1);
    }
    return out;
  };
  CHECK(states(*engine) == "eaeaeaeaea");
  engine->Stop(0);
  engine.reset();  // it has the folder
  engine = fixture.Make();
  CHECK(Names(*engine) == before);
  CHECK(states(*engine) == "eaeaeaeaea");
  engine->Stop(0);
}

TEST_CASE("Engine: a silence that the journal has forgotten outlives a snapshot that is not used",
          "[api]") {
  Fixture fixture;
  const std::string data = fixture.config.data_dir;
  auto engine = fixture.Make();
  const auto made = engine->PostSilence(fixture.Silence("S"));
  REQUIRE(made.status == 200);
  const std::string id = Json::parse(made.body)["silenceID"];
  const auto ended = engine->PostSilence(fixture.Silence("T"));
  const std::string over = Json::parse(ended.body)["silenceID"];
  REQUIRE(engine->ExpireSilence(over).ok());
  const auto state = [&](const std::string& of) {
    const AlertView view = engine->Alerts();
    const ingest::Silence* silence = view.silences.Find(of);
    return silence == nullptr ? "lost"
                              : std::string(ingest::SilenceStateName(
                                    ingest::StateOf(*silence, fixture.clock.WallMs())));
  };
  CHECK(state(over) == "expired");
  engine->Stop(0);
  engine.reset();
  std::filesystem::remove_all(data + "/journal");
  REQUIRE(WriteFileAtomic(data + "/snapshot.quell", "of another version").ok());
  engine = fixture.Make();
  CHECK(state(id) == "active");
  CHECK(state(over) == "expired");
  engine->Stop(0);
  engine.reset();
  // Damaged, it is told of, and stops nothing.
  std::filesystem::remove_all(data + "/journal");
  REQUIRE(WriteFileAtomic(data + "/snapshot.quell", "of another version").ok());
  REQUIRE(WriteFileAtomic(data + "/silences.quell", "no silences").ok());
  engine = fixture.Make();
  CHECK(state(id) == "lost");
  engine->Stop(0);
}

TEST_CASE("Engine: beyond live_max new alerts are refused, known ones go on", "[api]") {
  Fixture fixture;
  fixture.config.alerts.live_max = fixture.config.pipeline.received.live_max = 2;
  auto engine = fixture.Make();
  REQUIRE(engine->PostAlerts("[" + fixture.Post("A") + "," + fixture.Post("B") + "]").status ==
          200);
  REQUIRE(Names(*engine) == std::set<std::string>{"A", "B"});
  const auto answer = engine->PostAlerts("[" + fixture.Post("B") + "," + fixture.Post("C") + "]");
  CHECK(answer.status == 503);
  CHECK(answer.body.find("alerts.live_max") != std::string::npos);
  CHECK(engine->PostAlerts("[" + fixture.Post("B") + "]").status == 200);
  CHECK(Names(*engine) == std::set<std::string>{"A", "B"});
  CHECK(engine->received().posted->refused == 1);
  engine->Stop(0);
}

TEST_CASE("Engine: silences are bounded", "[api]") {
  Fixture fixture;
  fixture.config.alerts.silences_max = fixture.config.pipeline.silences_max = 1;
  auto engine = fixture.Make();
  CHECK(engine->PostSilence(fixture.Silence("A")).status == 200);
  const auto answer = engine->PostSilence(fixture.Silence("B"));
  CHECK(answer.status == 400);
  CHECK(answer.body.find("exceeded maximum number of silences") != std::string::npos);
  engine->Stop(0);
}

}  // namespace
}  // namespace quell::api
