#include "engine/api/changes_file.h"

#include <catch2/catch.hpp>
#include <condition_variable>
#include <fstream>
#include <mutex>

#include "core/clock.h"
#include "engine/api/alert_list.h"
#include "engine/api/engine.h"
#include "engine/incidents/change_json.h"
#include "ingest/alerts/filter.h"
#include "tests/support/temp_folder.h"

namespace quell::api {
namespace {

constexpr TimeMs kNow = 1787565600000;

std::vector<FileChange> Read(const std::string& text) {
  const test::TempFolder folder;
  std::ofstream(folder.File("c.json")) << text;
  auto read = ReadChangesFile(folder.File("c.json"));
  if (!read.ok()) FAIL(read.error().message);
  return *std::move(read);
}

std::string Refusal(const std::string& text) {
  const test::TempFolder folder;
  std::ofstream(folder.File("c.json")) << text;
  const auto read = ReadChangesFile(folder.File("c.json"));
  REQUIRE_FALSE(read.ok());
  const std::string& message = read.error().message;
  return message.substr(message.find("c.json"));
}

std::string Window(const std::string& id, TimeMs start, TimeMs end, const std::string& psp) {
  return R"({"id":")" + id + R"(","kind":"maintenance","start":")" + FormatRfc3339(start) +
         R"(","end":")" + FormatRfc3339(end) + R"(","psp":")" + psp + "\"}";
}

// What the engine knows once it has taken in what was posted.
void Apply(const std::vector<std::string>& posted, std::vector<incidents::Change>& known) {
  for (const std::string& json : posted) {
    const auto change = incidents::ParseChangeJson(json, "test");
    REQUIRE(change.ok());
    std::erase_if(known, [&](const auto& one) { return one.id == change->id; });
    known.push_back(*change);
  }
}

}  // namespace

TEST_CASE("ChangesFile: an array, or one a line", "[api]") {
  const std::string a = Window("a", kNow, kNow + kHourMs, "acme");
  const std::string b = Window("b", kNow, kNow + kHourMs, "stark");
  for (const std::string& text : {"[" + a + "," + b + "]", a + "\n\n" + b + "\n"}) {
    const auto read = Read(text);
    REQUIRE(read.size() == 2);
    CHECK(read[0].change.id == "file:a");
    CHECK(read[0].change.kind == incidents::ChangeKind::kMaintenance);
    CHECK(read[1].change.scope == Labels{{"psp", "stark"}});
  }
  CHECK(Read("[]").empty());
  CHECK(ReadChangesFile("")->empty());
}

TEST_CASE("ChangesFile: what is wrong is said with its place", "[api]") {
  CHECK(Refusal("[{\"kind\":\"deploy\"}]") == "c.json: entry 1: id: must be a text");
  CHECK(Refusal("[{\"id\":\"a\"}]") == "c.json: entry 1: time: is missing");
  CHECK(Refusal("\nnonsense") == "c.json:2: is not a JSON object");
  const std::string a = Window("a", kNow, kNow + kHourMs, "acme");
  CHECK(Refusal("[" + a + "," + a + "]") == "c.json: entry 2: id: \"a\" is used twice");
  CHECK_FALSE(ReadChangesFile("/nonexistent/changes.json").ok());
}

TEST_CASE("ChangesFile: only what differs is posted, and what was taken out ends", "[api]") {
  std::vector<incidents::Change> known;
  incidents::Change posted;  // by somebody else
  posted.id = "other";
  posted.start = kNow;
  posted.end = kNow + kDayMs;
  known.push_back(posted);
  const std::string a = Window("a", kNow - kHourMs, kNow + kHourMs, "acme");
  const std::string b = Window("b", kNow + kDayMs, kNow + 2 * kDayMs, "acme");
  const std::string old = Window("c", kNow - 9 * kDayMs, kNow - 8 * kDayMs, "acme");
  Apply(ChangesToPost(Read("[" + a + "," + b + "," + old + "]"), known, kNow), known);
  REQUIRE(known.size() == 3);
  CHECK(ChangesToPost(Read("[" + a + "," + b + "]"), known, kNow).empty());
  // Edited: posted again.
  const std::string edited = Window("a", kNow - kHourMs, kNow + 2 * kHourMs, "acme");
  Apply(ChangesToPost(Read("[" + edited + "," + b + "]"), known, kNow), known);
  CHECK(known.back().end == kNow + 2 * kHourMs);
  // Taken out: the one that runs ends now, the one to come never is.
  const auto gone = ChangesToPost({}, known, kNow);
  REQUIRE(gone.size() == 2);
  Apply(gone, known);
  for (const incidents::Change& change : known) {
    if (change.id == "other") continue;
    CAPTURE(change.id);
    CHECK(change.end <= kNow);
    CHECK(change.scope == Labels{{"psp", "acme"}});
  }
  CHECK(ChangesToPost({}, known, kNow).empty());
}

TEST_CASE("ChangesFile: an engine mutes by it from its start on, and again after a restart",
          "[api]") {
  const test::TempFolder folder;
  SystemClock clock;
  const TimeMs now = clock.WallMs();
  config::Config config = config::DefaultConfig();
  config.data_dir = folder.File("data");
  config.changes_file = folder.File("c.json");
  CHECK_FALSE(Engine::Create(config, clock).ok());  // there is no such file
  std::ofstream(config.changes_file) << Window("a", now - kHourMs, now + kHourMs, "acme");
  config::ReceiverConfig file;
  file.name = "file";
  file.kind = config::ReceiverKind::kFile;
  file.path = folder.File("pages");
  config.receivers = {file};
  for (int round = 0; round < 2; ++round) {
    auto made = Engine::Create(config, clock);
    REQUIRE(made.ok());
    const auto engine = *std::move(made);
    engine->Start();
    const std::string body = R"([{"labels":{"alertname":"A)" + std::to_string(round) +
                             R"(","psp":"acme","severity":"critical"}}])";
    REQUIRE(engine->PostAlerts(body).status == 200);
    AlertListQuery query;
    query.reasons = {"maintenance"};
    query.filters.push_back(*ingest::ParseFilter("alertname=\"A" + std::to_string(round) + "\""));
    std::string found;
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock lock(mutex);
    for (int i = 0; i < 250 && found.find("maintenance") == std::string::npos; ++i) {
      found = *ListAlertsJson(engine->store(), query);
      clock.WaitFor(never, lock, 20);
    }
    CHECK(found.find("\"reason\":\"maintenance\"") != std::string::npos);
    engine->Stop(0);
  }
}

}  // namespace quell::api
