// An engine that hears from PagerDuty and from people: what is taken, and what is kept over a
// restart.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <catch2/catch.hpp>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "core/clock.h"
#include "core/file.h"
#include "engine/api/engine.h"
#include "engine/paging/pagerduty_event.h"
#include "tests/support/temp_folder.h"

namespace quell::api {
namespace {

using Json = nlohmann::json;

std::string Sign(const std::string& body, const std::string& secret) {
  unsigned char digest[32];
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest, &size);
  std::string out = "v1=";
  for (const unsigned char byte : digest) {
    out += "0123456789abcdef"[byte >> 4U];
    out += "0123456789abcdef"[byte & 15U];
  }
  return out;
}

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
  int events = 0;

  World() {
    config.data_dir = folder.File("data");
    config.webhook_secrets = {"old", "new"};
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
    REQUIRE(made.ok());
    engine = *std::move(made);
    engine->Start();
    for (int i = 0; i < 500 && !engine->Ready(); ++i) Pause();
    REQUIRE(engine->Ready());
  }
  void Alert(const std::string& name, const std::string& severity) {
    const std::string body = R"([{"labels":{"alertname":")" + name + R"(","severity":")" +
                             severity + R"("},"endsAt":")" +
                             FormatRfc3339(clock.WallMs() + kHourMs) + "\"}]";
    REQUIRE(engine->PostAlerts(body).status == 200);
    static_cast<void>(engine->Alerts());
  }
  // What became of it: the reason of the latest alert.
  std::string Becomes(const std::string& name, const std::string& severity) {
    const auto latest = [&] { return engine->store().AlertsWhere({}, 1).value(); };
    const auto before = latest();
    const std::uint64_t sequence = before.empty() ? 0 : before.front().sequence;
    Alert(name, severity);
    for (int i = 0; i < 500; ++i, Pause()) {
      const auto rows = latest();
      if (!rows.empty() && rows.front().sequence > sequence && !rows.front().reason.empty()) {
        return rows.front().reason;
      }
    }
    return "undecided";
  }
  // The key of the incident that an alert opens.
  std::string Page(const std::string& name, const std::string& severity = "critical") {
    Alert(name, severity);
    for (int i = 0; i < 500; ++i, Pause()) {
      const auto rows = engine->store().Incidents(10);
      for (const auto& row : *rows) {
        const Json json = Json::parse(row.body);
        const bool paged = json["state"] == "open" && !json["paged_at"].is_null();
        if (paged && row.body.find('"' + name + '"') != std::string::npos) return row.id;
      }
    }
    FAIL("no page");
    return "";
  }
  // About the page of that incident; `id` is PagerDuty's.
  std::string Event(const std::string& type, const std::string& key, const std::string& id,
                    const Json& reason = nullptr) {
    return Json{{"event",
                 {{"id", "e" + std::to_string(++events)},
                  {"event_type", type},
                  {"agent", {{"type", "user_reference"}, {"summary", "Ada"}}},
                  {"data",
                   {{"type", "incident"},
                    {"id", id},
                    {"incident_key", paging::PagerDutyDedupKey(key)},
                    {"resolve_reason", reason}}}}}}
        .dump();
  }
  std::string Post(const std::string& body, const std::string& secret = "new") {
    return std::string(WebhookOutcomeName(engine->TakeWebhook(Sign(body, secret), body).outcome));
  }
  Json People(const std::string& key) {
    static_cast<void>(engine->Alerts());  // waits until what came is decided upon
    const auto row = engine->store().People(key);
    REQUIRE(row.ok());
    return *row ? Json::parse((*row)->body) : Json();
  }
};

TEST_CASE("Engine: an acknowledgement at PagerDuty shows, and outlives a restart", "[api]") {
  World world;
  const std::string key = world.Page("Down");
  const std::string ack = world.Event("incident.acknowledged", key, "P1");
  CHECK(world.Post(ack, "old") == "accepted");
  CHECK(world.People(key)["acknowledged"]["by"] == "Ada");
  CHECK(world.Post(ack) == "duplicate");
  const std::string note = R"({"event":{"id":"n1","event_type":"incident.annotated","data":)"
                           R"({"incident":{"id":"P1"},"content":"call 4111 1111 1111 1111"}}})";
  CHECK(world.Post(note) == "accepted");
  const Json seen = world.People(key);
  CHECK(seen["notes_total"] == 1);
  CHECK(seen.dump().find("4111 1111") == std::string::npos);
  world.Restart();
  CHECK(world.Post(ack) == "duplicate");
  CHECK(world.Post(world.Event("incident.unacknowledged", key, "P1")) == "accepted");
  CHECK(world.People(key)["acknowledged"].is_null());
  CHECK(world.People(key)["notes_total"] == 1);
}

TEST_CASE("Engine: webhooks that are not genuine, not ours or nonsense change nothing", "[api]") {
  World world;
  const std::string key = world.Page("Down");
  const std::string ack = world.Event("incident.acknowledged", key, "P1");
  CHECK(world.Post(ack, "wrong") == "bad_signature");
  CHECK(world.engine->TakeWebhook("", ack).outcome == WebhookOutcome::kBadSignature);
  CHECK(world.Post(world.Event("incident.acknowledged", "other", "P9")) == "unknown");
  CHECK(world.Post(R"({"event":{"id":"x","event_type":"pagey.ping","data":{}}})") == "ignored");
  CHECK(world.Post("{") == "invalid");
  CHECK(world.People(key).is_null());
  CHECK(world.engine->people().webhooks[static_cast<size_t>(WebhookOutcome::kUnknown)] == 1);
  world.config.webhook_secrets.clear();
  world.Restart();
  CHECK(world.Post(ack) == "no_secret");
}

TEST_CASE("Engine: a merge at PagerDuty merges ours and is kept as feedback", "[api]") {
  World world;
  const std::string a = world.Page("Down");
  const std::string b = world.Page("QueueDepth");
  REQUIRE(a != b);
  CHECK(world.Post(world.Event("incident.triggered", a, "PA")) == "accepted");
  const Json into = {{"type", "merge_resolve_reason"}, {"incident", {{"id", "PA"}}}};
  CHECK(world.Post(world.Event("incident.resolved", b, "PB", into)) == "accepted");
  static_cast<void>(world.engine->Alerts());
  const auto rows = world.engine->store().Feedback(10);
  REQUIRE(rows->size() == 1);
  const Json said = Json::parse(rows->front().body);
  CHECK(said["verdict"] == "merge");
  CHECK(said["incident"] == b);
  CHECK(said["other"] == a);
  CHECK(said["members"].size() == 2);
  CHECK(Json::parse((*world.engine->store().Incident(b))->body)["state"] == "merged");
  CHECK(world.engine->status().open_incidents == 1);
}

TEST_CASE("Engine: feedback over the API is there at once, and after a restart", "[api]") {
  World world;
  const std::string key = world.Page("Down");
  const auto ask = [&](paging::HumanActionKind kind, const std::string& body) {
    const auto request = ParsePeopleRequest(kind, body, "ada");
    REQUIRE(request.ok());
    return world.engine->Act(key, *request);
  };
  CHECK(ask(paging::HumanActionKind::kFeedback, R"({"verdict":"not_an_incident"})").ok());
  CHECK(ask(paging::HumanActionKind::kResolve, R"({"text":"noise"})").ok());
  CHECK(ask(paging::HumanActionKind::kMerge, R"({"into":"ff"})").error().code ==
        ErrorCode::kNotFound);
  CHECK(ask(paging::HumanActionKind::kMerge, R"({"into":")" + key + "\"}").error().code ==
        ErrorCode::kInvalidArgument);
  CHECK(world.engine->Act("ff", {}).error().code == ErrorCode::kNotFound);
  CHECK(world.People(key)["resolved"]["by"] == "ada");
  world.Restart();
  CHECK(world.engine->store().Feedback(10)->size() == 1);
  const auto outbox = world.engine->store().OutboxOf(key);
  REQUIRE(outbox.ok());
  CHECK(outbox->back().body.find("\"resolve\"") != std::string::npos);
}

TEST_CASE("Engine: feedback that the journal has forgotten counts where it is learned anew",
          "[api]") {
  const auto becomes = [](bool said) {
    World world;
    world.config.pipeline.incidents.hold_ms = 0;
    world.config.pipeline.incidents.known_noise.min_count = 1;
    world.Restart();
    const std::string key = world.Page("Down", "error");
    const auto request = ParsePeopleRequest(paging::HumanActionKind::kFeedback,
                                            R"({"verdict":"not_an_incident"})", "ada");
    REQUIRE(request.ok());
    if (said) REQUIRE(world.engine->Act(key, *request).ok());
    static_cast<void>(world.engine->Alerts());
    world.engine->Stop(0);
    world.engine.reset();
    std::filesystem::remove_all(world.config.data_dir + "/journal");
    REQUIRE(WriteFileAtomic(world.config.data_dir + "/snapshot.quell", "no snapshot").ok());
    world.Restart();
    return world.Becomes("Down", "error");
  };
  CHECK(becomes(true) == "known_noise");
  CHECK(becomes(false) == "paged");
}

}  // namespace
}  // namespace quell::api
