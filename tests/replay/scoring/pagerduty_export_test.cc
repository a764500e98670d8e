#include <catch2/catch.hpp>

#include "replay/scoring/incident_history.h"
#include "tests/replay/scoring/sample_replay.h"

namespace quell::replay {
namespace {

Result<std::vector<LabelledIncident>> Read(const std::string& incidents) {
  const TemporaryFolder folder;
  return ReadIncidents(folder.File(
      "export.json",
      R"({"limit":25,"offset":0,"more":false,"total":null,"incidents":[)" + incidents + "]}"));
}

const std::string kMain = R"({"id":"PMAIN","incident_number":1,"title":"payments failing",
  "created_at":"2026-08-22T10:00:00Z","updated_at":"2026-08-22T11:00:00Z","status":"resolved",
  "resolved_at":"2026-08-22T11:00:00Z","last_status_change_at":"2026-08-22T11:00:00Z",
  "urgency":"high","priority":{"id":"P1","summary":"P1"},
  "service":{"id":"PS1","type":"service_reference","summary":"Checkout"},
  "alerts":[{"id":"A1","body":{"type":"alert_body","details":{"psp":"acme","region":"eu",
    "num_firing":"1","firing":"Labels:\n - alertname = PspDown\n - lane = cards\nAnnotations:\n - team = x\n",
    "not a label":"x","nested":{"a":1}}}}]})";

}  // namespace

TEST_CASE("PagerDuty: start, end, severity and labels of an incident", "[scoring]") {
  const auto incidents = Read(kMain);
  REQUIRE(incidents.ok());
  REQUIRE(incidents->size() == 1);
  const LabelledIncident& incident = incidents->front();
  CHECK(incident.id == "PMAIN");
  CHECK(FormatRfc3339(incident.start) == "2026-08-22T10:00:00.000Z");
  CHECK(FormatRfc3339(incident.end) == "2026-08-22T11:00:00.000Z");
  CHECK(incident.severity == "P1");
  REQUIRE(incident.affected.size() == 2);
  CHECK(incident.affected[0] == Labels{{"lane", "cards"}, {"psp", "acme"}, {"region", "eu"}});
  CHECK(incident.affected[1] == Labels{{"service", "Checkout"}});
}

TEST_CASE("PagerDuty: merged incidents become one with their target", "[scoring]") {
  const auto merge = [](const std::string& id, const std::string& created, const std::string& ended,
                        const std::string& into) {
    return R"({"id":")" + id + R"(","created_at":")" + created + R"(","last_status_change_at":")" +
           ended + R"(","status":"resolved","urgency":"low","service":{"summary":")" + id +
           R"( svc"},"resolve_reason":{"type":"merge_resolve_reason","incident":{"id":")" + into +
           R"(","type":"incident_reference"}}})";
  };
  const auto incidents =
      Read(merge("PTWO", "2026-08-22T09:59:00Z", "2026-08-22T10:05:00Z", "PONE") + "," + kMain +
           "," + merge("PONE", "2026-08-22T10:02:00Z", "2026-08-22T12:00:00Z", "PMAIN"));
  REQUIRE(incidents.ok());
  REQUIRE(incidents->size() == 1);
  const LabelledIncident& incident = incidents->front();
  CHECK(incident.id == "PMAIN");
  CHECK(incident.severity == "P1");
  CHECK(FormatRfc3339(incident.start) == "2026-08-22T09:59:00.000Z");
  CHECK(FormatRfc3339(incident.end) == "2026-08-22T12:00:00.000Z");
  CHECK(incident.affected.size() == 4);

  SECTION("a target outside the export still joins what was merged into it") {
    const auto orphans =
        Read(merge("PTWO", "2026-08-22T09:59:00Z", "2026-08-22T10:05:00Z", "PGONE") + "," +
             merge("PONE", "2026-08-22T10:02:00Z", "2026-08-22T12:00:00Z", "PGONE"));
    REQUIRE(orphans.ok());
    REQUIRE(orphans->size() == 1);
    CHECK(orphans->front().id == "PGONE");
  }
  SECTION("a ring of merges ends") {
    const auto ring = Read(merge("PB", "2026-08-22T09:59:00Z", "2026-08-22T10:05:00Z", "PA") + "," +
                           merge("PA", "2026-08-22T10:02:00Z", "2026-08-22T12:00:00Z", "PB"));
    REQUIRE(ring.ok());
    REQUIRE(ring->size() == 1);
    CHECK(ring->front().id == "PA");
  }
}

TEST_CASE("PagerDuty: an incident without resolved_at ends at its last change", "[scoring]") {
  const auto incidents = Read(
      R"({"id":"P","created_at":"2026-08-22T10:00:00Z","resolved_at":null,"status":"acknowledged",
          "last_status_change_at":"2026-08-22T10:07:00Z","urgency":"high"})");
  REQUIRE(incidents.ok());
  CHECK(FormatRfc3339(incidents->front().end) == "2026-08-22T10:07:00.000Z");
  CHECK(incidents->front().severity == "high");
  CHECK(incidents->front().affected.empty());
}

TEST_CASE("PagerDuty: errors name the place", "[scoring]") {
  const auto missing = Read("\n{\"id\":\"P\",\"created_at\":\"2026-08-22T10:00:00Z\"}");
  REQUIRE_FALSE(missing.ok());
  CHECK_THAT(missing.error().message,
             Catch::EndsWith("export.json:2:1: incidents[0] has neither resolved_at nor "
                             "last_status_change_at"));
  const auto twice = Read(kMain + ",\n" + kMain);
  REQUIRE_FALSE(twice.ok());
  CHECK_THAT(twice.error().message,
             Catch::EndsWith(":9:7: incidents[1].id \"PMAIN\" stands twice"));
}

}  // namespace quell::replay
