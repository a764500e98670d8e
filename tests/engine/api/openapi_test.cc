// docs/openapi.yaml against the table of routes, and against what an engine answers.
#include <httplib.h>

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

#include "core/clock.h"
#include "engine/api/engine.h"
#include "engine/api/server.h"
#include "engine/auth/routes.h"
#include "tests/engine/api/schema_check.h"
#include "tests/support/temp_folder.h"

namespace quell::api {
namespace {

using Json = nlohmann::json;
using Operations = std::map<std::string, std::string>;  // "GET /path/*" to the role, or "open"

YAML::Node File() {
  static const YAML::Node file = YAML::LoadFile(QUELL_SOURCE_DIR "/docs/openapi.yaml");
  return file;
}

// "/incidents/{key}/pages" as the table writes it.
std::string Starred(std::string path) {
  for (size_t at = path.find('{'); at != std::string::npos; at = path.find('{')) {
    path.replace(at, path.find('}') - at + 1, "*");
  }
  return path;
}

Operations OfFile() {
  Operations out;
  for (const auto& path : File()["paths"]) {
    for (const auto& entry : path.second) {
      std::string method = entry.first.as<std::string>();
      if (method == "parameters") continue;
      std::transform(method.begin(), method.end(), method.begin(), ::toupper);
      const YAML::Node role = entry.second["x-role"];
      const bool open = role.IsDefined() && role.IsNull();
      out[method + ' ' + Starred(path.first.as<std::string>())] = !role.IsDefined() ? "not said"
                                                                  : open            ? "open"
                                                                         : role.as<std::string>();
    }
  }
  return out;
}

Operations OfTable() {
  Operations out;
  for (const auth::Route& route : auth::Routes()) {
    out[std::string(route.method) + ' ' + std::string(route.pattern)] =
        route.needs ? std::string(auth::RoleName(*route.needs)) : "open";
  }
  return out;
}

TEST_CASE("OpenAPI: has every route with its role, and none that is not there", "[api]") {
  const Operations file = OfFile();
  const Operations table = OfTable();
  for (const auto& [name, role] : table) {
    INFO(name);
    REQUIRE(file.count(name) == 1);
    CHECK(file.at(name) == role);
  }
  for (const auto& [name, role] : file) {
    INFO(name);
    CHECK(table.count(name) == 1);
  }
}

TEST_CASE("OpenAPI: operations have names of their own, declared parameters and answers", "[api]") {
  std::set<std::string> ids;
  for (const auto& path : File()["paths"]) {
    const std::string name = path.first.as<std::string>();
    std::set<std::string> in_path;
    for (const YAML::Node& one : path.second["parameters"]) {
      const YAML::Node parameter = test::Referred(File(), one);
      if (parameter["in"].as<std::string>() == "path") {
        in_path.insert('{' + parameter["name"].as<std::string>() + '}');
      }
    }
    size_t braces = 0;
    for (const std::string& parameter : in_path) {
      INFO(name << ' ' << parameter);
      CHECK(name.find(parameter) != std::string::npos);
    }
    for (const char c : name) braces += c == '{' ? 1 : 0;
    INFO(name);
    CHECK(braces == in_path.size());
    for (const auto& entry : path.second) {
      if (entry.first.as<std::string>() == "parameters") continue;
      CHECK(ids.insert(entry.second["operationId"].as<std::string>()).second);
      CHECK(entry.second["summary"]);
      for (const auto& answer : entry.second["responses"]) {
        CHECK(test::Referred(File(), answer.second)["description"]);
      }
      // An open route says so, all others ask.
      CHECK(entry.second["x-role"].IsNull() == entry.second["security"].IsDefined());
    }
  }
}

TEST_CASE("OpenAPI: the check of schemas tells what does not fit", "[api]") {
  const YAML::Node file = YAML::Load(
      "components: {schemas: {Count: {type: integer}}}\n"
      "schema: {type: object, required: [a], properties: {a: {$ref: "
      "'#/components/schemas/Count'},\n"
      "  b: {type: array, items: {type: [string, 'null'], enum: [x, y]}}}}\n");
  const auto found = [&](const char* json) {
    return test::CheckSchema(file, file["schema"], Json::parse(json)).size();
  };
  CHECK(found(R"({"a":1,"b":["x",null]})") == 0);
  CHECK(found(R"({"b":[]})") == 1);
  CHECK(found(R"({"a":"1"})") == 1);
  CHECK(found(R"({"a":1,"b":["z",2]})") == 2);
  CHECK(found(R"({"a":1,"c":1})") == 1);
}

// Two providers, of which "down" fails throughout: an incident that was paged.
ingest::SampleBatch HalfAnHour(TimeMs now) {
  ingest::SampleBatch batch;
  for (const std::string psp : {"well", "down"}) {
    for (const std::string outcome : {"ok", "failed"}) {
      ingest::SampleBatch::Series series;
      series.labels = Labels{{"__name__", "p"}, {"psp", psp}, {"outcome", outcome}};
      series.begin = static_cast<std::uint32_t>(batch.samples.size());
      const double share = (psp == "down") == (outcome == "failed") ? 0.99 : 0.01;
      for (int i = 0; i <= 60; ++i) {
        batch.samples.push_back({now - (60 - i) * 30 * kSecondMs, share * 1000 * i});
      }
      series.end = static_cast<std::uint32_t>(batch.samples.size());
      batch.series.push_back(series);
    }
  }
  return batch;
}

class Running {
 public:
  Running() {
    const auto config = config::ParseConfig(
        "listen: 127.0.0.1:0\ndata_dir: " + folder_.File("data") +
            "\ndiscovery: {enabled: false}\nsignals:\n  - {name: failures, type: ratio, bad: "
            "'p{outcome=\"failed\"}', total: p, by: [psp]}\n",
        "f");
    REQUIRE(config.ok());
    auto made = Engine::Create(*config, clock_);
    REQUIRE(made.ok());
    engine_ = *std::move(made);
    auto bound = Server::Bind(*engine_, clock_);
    REQUIRE(bound.ok());
    server_ = *std::move(bound);
    engine_->Start();
    server_->Start();
    const auto protocol = ingest::WriteProtocol::kV2;
    const auto body = ingest::EncodeWriteRequest(protocol, HalfAnHour(clock_.WallMs()));
    REQUIRE(engine_->Write(protocol, body).ok());
    Post("/api/v1/changes",
         R"({"id":"d1","kind":"deploy","time":"2026-01-01T00:00:00Z","psp":"a"})");
  }
  ~Running() {
    server_->Stop();
    engine_->Stop(0);
  }

  void Post(const std::string& path, const std::string& body) {
    httplib::Client client("127.0.0.1", server_->port());
    const auto answer = client.Post(path, body, "application/json");
    REQUIRE(answer);
    INFO(answer->body);
    CHECK(answer->status == 202);
    Fits("Accepted", Json::parse(answer->body));
    static_cast<void>(engine_->Alerts());  // waits until it is decided upon
  }
  Json Register(const std::string& body) {
    httplib::Client client("127.0.0.1", server_->port());
    const auto answer = client.Post("/api/v1/models", body, "application/json");
    REQUIRE(answer);
    INFO(answer->body);
    CHECK(answer->status == 201);
    return Json::parse(answer->body);
  }
  void Shadow(const std::string& model) {
    httplib::Client client("127.0.0.1", server_->port());
    const auto answer = client.Post(model + "/shadow", "{}", "application/json");
    REQUIRE(answer);
    INFO(answer->body);
    CHECK(answer->status == 200);
    Fits("Model", Json::parse(answer->body));
  }
  Json Get(const std::string& path, int status = 200) {
    httplib::Client client("127.0.0.1", server_->port());
    const auto answer = client.Get(path);
    REQUIRE(answer);
    CHECK(answer->status == status);
    CHECK(answer->get_header_value("Content-Type") ==
          (status == 200 ? "application/json" : "application/problem+json"));
    return Json::parse(answer->body);
  }
  static void Fits(const char* schema, const Json& answer) {
    INFO(schema);
    for (const std::string& one :
         test::CheckSchema(File(), File()["components"]["schemas"][schema], answer)) {
      FAIL_CHECK(one);
    }
  }

 private:
  const test::TempFolder folder_;
  SystemClock clock_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Server> server_;
};

TEST_CASE("OpenAPI: what an engine answers is what the file declares", "[api]") {
  Running running;
  const Json all = running.Get("/api/v1/incidents");
  Running::Fits("Incidents", all);
  REQUIRE(all["incidents"].size() == 1);
  const std::string incident = "/api/v1/incidents/" + all["incidents"][0]["key"].get<std::string>();
  running.Post(incident + "/acknowledge", R"({"by":"Ada"})");
  running.Post(incident + "/notes", R"({"text":"seen"})");
  running.Post(incident + "/feedback", R"({"verdict":"real","reason":"it was"})");
  const Json signal = running.Get("/api/v1/signals?limit=1")["signals"][0];
  const std::string id = signal["id"];
  const struct {
    std::string path;
    const char* schema;
    const char* not_empty;
  } rows[] = {{"/api/v1/incidents?brief=true", "Incidents", "incidents"},
              {incident, "Incident", "members"},
              {incident + "/alerts", "StoredAlerts", "alerts"},
              {incident + "/pages", "Pages", "pages"},
              {incident + "/export", "Postmortem", "alerts"},
              {incident + "/similar", "SimilarIncidents", ""},
              {"/api/v1/alerts", "StoredAlerts", "alerts"},
              {"/api/v1/decisions", "Decisions", "decisions"},
              {"/api/v1/feedback", "FeedbackList", "feedback"},
              {"/api/v1/signals", "Signals", "signals"},
              {"/api/v1/signals/" + id, "Signal", "labels"},
              {"/api/v1/signals/" + id + "/points", "Points", "times"},
              {"/api/v1/changes", "Changes", "changes"},
              {"/api/v1/adoptions", "Adoptions", ""},
              {"/api/v1/dead-letters", "DeadLetters", ""},
              {"/api/v1/audit", "Audit", "audit"},
              {"/api/v1/audit/head", "AuditHead", "hash"},
              {"/api/v1/session", "Session", "roles"},
              {"/api/v1/status", "Status", "signal_states"}};
  for (const auto& row : rows) {
    INFO(row.path);
    const Json answer = running.Get(row.path);
    Running::Fits(row.schema, answer);
    if (row.not_empty[0] != '\0') CHECK_FALSE(answer[row.not_empty].empty());
  }
  const Json model = running.Register(R"({"settings":{"false_pages_per_week":2},"by":"Ada"})");
  Running::Fits("Model", model);
  Running::Fits("Model", running.Get("/api/v1/models/" + model["id"].get<std::string>()));
  const std::string path = "/api/v1/models/" + model["id"].get<std::string>();
  running.Shadow(path);
  Running::Fits("ModelDifferences", running.Get(path + "/differences"));
  const Json models = running.Get("/api/v1/models");
  Running::Fits("Models", models);
  CHECK(models["models"].size() == 1);
  CHECK(running.Get(incident)["people"]["acknowledged"]["by"] == "Ada");
}

TEST_CASE("OpenAPI: errors are problem documents", "[api]") {
  Running running;
  for (const char* path : {"/api/v1/incidents/00ff", "/api/v1/nothing", "/api/v1/signals/00ff"}) {
    INFO(path);
    const Json problem = running.Get(path, 404);
    Running::Fits("Problem", problem);
    CHECK(problem["type"] == "urn:quell:problem:not_found");
    CHECK(problem["title"] == "Not Found");
    CHECK(problem["status"] == 404);
    CHECK(problem["detail"] == problem["error"]["message"]);
  }
  Running::Fits("Problem", running.Get("/api/v1/alerts?reason=nonsense", 400));
}

}  // namespace
}  // namespace quell::api
