#include <catch2/catch.hpp>

#include "replay/scoring/incident_history.h"
#include "tests/replay/scoring/sample_replay.h"

namespace quell::replay {
namespace {

Result<std::vector<LabelledIncident>> Read(const std::string& json) {
  const TemporaryFolder folder;
  return ReadIncidents(folder.File("alerts.json", json));
}

std::string Alert(const std::string& name, const std::string& psp, const std::string& from,
                  const std::string& to) {
  return R"({"labels":{"alertname":")" + name + R"(","psp":")" + psp +
         R"(","severity":"critical"},"annotations":{"summary":"x"},"startsAt":"2026-08-22T)" +
         from + R"(:00.000Z","endsAt":")" +
         (to.empty() ? "0001-01-01T00:00:00" : "2026-08-22T" + to + ":00") +
         R"(Z","fingerprint":"f"})";
}

std::string Payload(const std::string& key, const std::string& alerts) {
  return R"({"version":"4","groupKey":")" + key +
         R"(","status":"firing","receiver":"pd","alerts":[)" + alerts + "]}";
}

}  // namespace

TEST_CASE("Alertmanager: alerts as the API lists them are an incident each", "[scoring]") {
  const auto incidents = Read("[" + Alert("PspDown", "acme", "10:00", "10:30") + "," +
                              Alert("PspDown", "globex", "10:00", "10:20") + "]");
  REQUIRE(incidents.ok());
  REQUIRE(incidents->size() == 2);
  const LabelledIncident& first = (*incidents)[0];
  CHECK(first.id == "PspDown 2026-08-22T10:00:00.000Z");
  CHECK((*incidents)[1].id == "PspDown 2026-08-22T10:00:00.000Z #2");
  CHECK(FormatRfc3339(first.end) == "2026-08-22T10:30:00.000Z");
  CHECK(first.kind == "PspDown");
  CHECK(first.severity == "critical");
  CHECK(first.affected == std::vector<Labels>{Labels{{"psp", "acme"}}});
}

TEST_CASE("Alertmanager: ids of alerts that began together do not follow the order of the file",
          "[scoring]") {
  std::string forwards;
  std::string backwards;
  for (int psp = 0; psp < 12; ++psp) {
    const std::string alert = Alert("PspDown", "psp" + std::to_string(psp), "10:00", "10:30");
    forwards += (psp == 0 ? "" : ",") + alert;
    backwards = alert + (psp == 0 ? "" : ",") + backwards;
  }
  const auto incidents = Read("[" + forwards + "]");
  const auto again = Read("[" + backwards + "]");
  REQUIRE(incidents.ok());
  REQUIRE(again.ok());
  REQUIRE(incidents->size() == 12);
  CHECK(IncidentsToJson(*incidents) == IncidentsToJson(*again));
  for (size_t i = 1; i < incidents->size(); ++i) {
    CHECK((*incidents)[i - 1].id < (*incidents)[i].id);
  }
}

TEST_CASE("Alertmanager: what a group joins is one incident, until it has been quiet",
          "[scoring]") {
  const auto incidents = Read("[" + Payload("g", Alert("A", "acme", "10:00", "")) + "," +
                              Payload("g", Alert("A", "acme", "10:00", "10:20") + "," +
                                               Alert("B", "globex", "10:24", "10:40")) +
                              "," + Payload("g", Alert("A", "acme", "10:46", "10:50")) + "," +
                              Payload("other", Alert("A", "initech", "10:10", "10:15")) + "]");
  REQUIRE(incidents.ok());
  REQUIRE(incidents->size() == 3);
  const LabelledIncident& first = (*incidents)[0];
  CHECK(FormatRfc3339(first.start) == "2026-08-22T10:00:00.000Z");
  CHECK(FormatRfc3339(first.end) == "2026-08-22T10:40:00.000Z");
  CHECK(first.affected == std::vector<Labels>{Labels{{"psp", "acme"}}, Labels{{"psp", "globex"}}});
  CHECK(FormatRfc3339((*incidents)[1].start) == "2026-08-22T10:10:00.000Z");
  CHECK(FormatRfc3339((*incidents)[2].start) == "2026-08-22T10:46:00.000Z");
}

TEST_CASE("Alertmanager: an alert without an end lasts to the latest time in the file",
          "[scoring]") {
  const auto incidents = Read("[" + Alert("A", "acme", "10:00", "") + "," +
                              Alert("B", "acme", "11:00", "11:30") + "]");
  REQUIRE(incidents.ok());
  CHECK(FormatRfc3339((*incidents)[0].end) == "2026-08-22T11:30:00.000Z");
}

TEST_CASE("Alertmanager: watchdogs are no incidents, an alert without labels is about everything",
          "[scoring]") {
  const auto incidents = Read(
      R"([{"labels":{"alertname":"Watchdog","severity":"none"},"startsAt":"2026-08-22T10:00:00Z"},
          {"labels":{"alertname":"Down"},"startsAt":"2026-08-22T10:00:00Z"}])");
  REQUIRE(incidents.ok());
  REQUIRE(incidents->size() == 1);
  CHECK((*incidents)[0].affected.empty());
}

TEST_CASE("Alertmanager: errors name the place", "[scoring]") {
  const auto backwards = Read("[\n" + Alert("A", "acme", "10:00", "09:00") + "]");
  REQUIRE_FALSE(backwards.ok());
  CHECK_THAT(backwards.error().message, Catch::Contains("alerts.json:2:1: [0] endsAt"));
  const auto missing = Read("{\"alerts\":[\n{\"labels\":{}}]}");
  REQUIRE_FALSE(missing.ok());
  CHECK_THAT(missing.error().message, Catch::Contains("alerts.json:2:1:"));
  CHECK_THAT(missing.error().message, Catch::Contains("startsAt"));
}

}  // namespace quell::replay
