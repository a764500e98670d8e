// What a running engine leaves in its audit log: who did what, over restarts and crashes.
#include <httplib.h>

#include <catch2/catch.hpp>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>

#include "core/clock.h"
#include "core/file.h"
#include "engine/api/engine.h"
#include "engine/api/server.h"
#include "engine/store/audit_reader.h"
#include "tests/support/temp_folder.h"

namespace quell::api {
namespace {

using Json = nlohmann::json;
using store::AuditRow;

void Pause() {
  SystemClock clock;
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  clock.WaitFor(never, lock, 10);
}

struct World {
  test::TempFolder folder;
  SystemClock clock;
  config::Config config = config::DefaultConfig();
  std::unique_ptr<Engine> engine;

  World() {
    config.data_dir = folder.File("data");
    config::ReceiverConfig file;
    file.name = "file";
    file.kind = config::ReceiverKind::kFile;
    file.path = folder.File("pages");
    config.receivers = {file};
    Restart();
  }
  ~World() { engine->Stop(0); }
  void Restart() {
    if (engine) engine->Stop(0);
    engine.reset();
    auto made = Engine::Create(config, clock);
    if (!made.ok()) FAIL(made.error().message);
    engine = *std::move(made);
    engine->Start();
    for (int i = 0; i < 500 && !engine->Ready(); ++i) Pause();
    REQUIRE(engine->Ready());
  }
  std::string Page(const std::string& name) {
    const std::string body = R"([{"labels":{"alertname":")" + name +
                             R"(","severity":"critical"},"endsAt":")" +
                             FormatRfc3339(clock.WallMs() + kHourMs) + "\"}]";
    REQUIRE(engine->PostAlerts(body).status == 200);
    for (int i = 0; i < 500; ++i, Pause()) {
      static_cast<void>(engine->Alerts());
      const auto rows = engine->store().Incidents(10);
      REQUIRE(rows.ok());
      for (const auto& row : *rows) {
        if (!Json::parse(row.body)["paged_at"].is_null()) return row.id;
      }
    }
    FAIL("no page");
    return "";
  }
  std::vector<AuditRow> Rows(const store::AuditQuery& query = {}) {
    static_cast<void>(engine->Alerts());  // waits until what came is decided upon
    return engine->store().AuditRows(query, 1000).value();
  }
  // The newest entry of that; fails where there is none.
  AuditRow Newest(const std::string& what) {
    for (const AuditRow& row : Rows()) {
      if (row.what == what) return row;
    }
    FAIL("no entry " << what);
    return {};
  }
  store::AuditVerdict Verify() {
    auto reader = store::OpenAuditReader(config.data_dir + "/quell.db");
    REQUIRE(reader.ok());
    return store::VerifyAudit(**reader).value();
  }
};

std::string SilenceOf(World& world) {
  return R"({"matchers":[{"name":"alertname","value":"X","isRegex":false}],"startsAt":")" +
         FormatRfc3339(world.clock.WallMs()) + R"(","endsAt":")" +
         FormatRfc3339(world.clock.WallMs() + kHourMs) +
         R"(","createdBy":"somebody else","comment":"c"})";
}

TEST_CASE("Audit of an engine: a page, and what people do, with who did it", "[api][audit]") {
  World world;
  const std::string key = world.Page("Down");
  const std::string version = world.engine->model().id;
  CHECK(version.size() == 64);
  CHECK(world.Newest("config_started").model == version);
  CHECK(world.Newest("alert_fired").kind == "decision");
  CHECK(world.Newest("incident_page").key == key);
  const AuditRow page = world.Newest("page_trigger");
  CHECK(page.kind == "page");
  CHECK(page.key == key);
  CHECK(page.model == version);
  CHECK(page.actor.empty());

  PeopleRequest request;
  request.kind = paging::HumanActionKind::kNote;
  request.by = "token/ada";
  request.text = "a secret thought";
  REQUIRE(world.engine->Act(key, request).ok());
  const AuditRow note = world.Newest("people_note");
  CHECK(note.kind == "action");
  CHECK(note.actor == "token/ada");
  CHECK(note.key == key);
  CHECK(note.detail.find("secret") == std::string::npos);

  const auto silence = world.engine->PostSilence(SilenceOf(world), "user/bob");
  REQUIRE(silence.status == 200);
  const std::string id = Json::parse(silence.body)["silenceID"];
  CHECK(world.Newest("silence_made").actor == "user/bob");
  CHECK(world.Newest("silence_made").key == id);
  REQUIRE(world.engine->ExpireSilence(id, "user/eve").ok());
  CHECK(world.Newest("silence_expired").actor == "user/eve");

  REQUIRE(world.engine
              ->AddChange(R"({"id":"d1","kind":"deploy","time":1755856800,"service":"pay",)"
                          R"("announced_by":"a claim"})",
                          "token/ci")
              .ok());
  CHECK(world.Newest("change_announced").actor == "token/ci");
  CHECK(world.Newest("change_announced").key == "d1");
  const auto verdict = world.Verify();
  CHECK(verdict.problem.empty());
  CHECK(verdict.bodies > 3);
}

TEST_CASE("Audit of an engine: a restart changes nothing, other settings are an entry",
          "[api][audit]") {
  World world;
  world.Page("Down");
  const auto before = world.Rows({.kind = "config"});
  CHECK(before.size() == 1);
  world.Restart();
  CHECK(world.Rows({.kind = "config"}) == before);
  const std::string former = world.engine->model().id;
  world.config.external_url = "http://other";  // decides nothing, and is no part of the file
  world.Restart();
  CHECK(world.engine->model().id == former);
  world.config.pipeline.false_pages_per_week = 2;
  world.Restart();
  CHECK(world.engine->model().id != former);
  CHECK(world.Rows({.kind = "config"}).size() == 2);
  CHECK(world.Newest("config_started").model == world.engine->model().id);
  CHECK(world.Verify().problem.empty());
}

// The data folder as a kill would leave it: the snapshot is older than what the store has.
TEST_CASE("Audit of an engine: the journal's tail comes again and makes the same entries, once",
          "[api][audit]") {
  World world;
  world.Restart();  // leaves a snapshot of nothing
  const std::string snapshot = world.config.data_dir + "/snapshot.quell";
  std::filesystem::remove(snapshot);
  const std::string key = world.Page("Down");
  PeopleRequest request;
  request.kind = paging::HumanActionKind::kAcknowledge;
  request.by = "ada";
  REQUIRE(world.engine->Act(key, request).ok());
  const auto before = world.Rows();
  world.engine->Stop(0);
  world.engine.reset();
  std::filesystem::remove(snapshot);
  world.Restart();
  CHECK(world.Rows() == before);
  CHECK(world.Verify().problem.empty());
}

TEST_CASE("Audit of an engine: a reload is an entry with who asked, one that fails is none",
          "[api][audit]") {
  World world;
  const std::string file = world.folder.File("quell.yaml");
  const auto write = [&](const std::string& more) {
    REQUIRE(WriteFileAtomic(file, "data_dir: \"" + world.config.data_dir + "\"\n" + more).ok());
  };
  write("");
  auto loaded = config::LoadConfig(file);
  REQUIRE(loaded.ok());
  world.config = *loaded;
  world.Restart();
  const size_t before = world.Rows({.kind = "config"}).size();
  write("false_pages_per_week: 3\n");
  REQUIRE(world.engine->Reload("token/root").ok());
  CHECK(world.Newest("config_reloaded").actor == "token/root");
  CHECK(world.Newest("config_reloaded").model == world.engine->model().id);
  write("step: 10s\nfalse_pages_per_week: 3\n");
  CHECK_FALSE(world.engine->Reload("token/root").ok());
  CHECK(world.Rows({.kind = "config"}).size() == before + 1);
  CHECK(world.Verify().problem.empty());
}

TEST_CASE("Audit over HTTP: pages of rows, filters, and the head", "[api][audit]") {
  World world;
  world.config.listen_port = 0;
  world.Restart();
  auto server = Server::Bind(*world.engine, world.clock);
  REQUIRE(server.ok());
  (*server)->Start();
  const std::string key = world.Page("Down");
  httplib::Client client("127.0.0.1", (*server)->port());
  const auto get = [&](const std::string& path) {
    const auto answer = client.Get(path.c_str());
    REQUIRE(answer);
    return answer->status == 200 ? Json::parse(answer->body) : Json(answer->status);
  };
  const Json first = get("/api/v1/audit?limit=2");
  REQUIRE(first["audit"].size() == 2);
  CHECK(first["audit"][0]["entry"] == world.Rows()[0].entry);
  const Json second = get("/api/v1/audit?limit=2&before=" + first["next"].dump());
  CHECK(second["audit"][0]["entry"] == first["audit"][1]["entry"].get<int>() - 1);
  CHECK(get("/api/v1/audit?limit=1000")["next"].is_null());
  CHECK(get("/api/v1/audit?kind=page&key=" + key)["audit"][0]["what"] == "page_trigger");
  CHECK(get("/api/v1/audit?actor=nobody")["audit"].empty());
  CHECK(get("/api/v1/audit?since=2090-01-01T00:00:00Z")["audit"].empty());
  CHECK(get("/api/v1/audit?kind=other") == 400);
  CHECK(get("/api/v1/audit?before=x") == 400);
  CHECK(get("/api/v1/audit?since=x") == 400);
  const Json head = get("/api/v1/audit/head");
  CHECK(head["entry"] == world.Rows()[0].entry);
  CHECK(head["hash"] == world.Rows()[0].hash);
  const auto metrics = client.Get("/metrics");
  CHECK(metrics->body.find("quell_audit_entries " + head["entry"].dump() + "\n") !=
        std::string::npos);
  CHECK(get("/api/v1/status")["model"] == world.engine->model().id);
  (*server)->Stop();
}

}  // namespace
}  // namespace quell::api
