#include <catch2/catch.hpp>

#include "replay/scoring/incident_history.h"
#include "tests/replay/scoring/sample_replay.h"

namespace quell::replay {
namespace {

Result<std::vector<LabelledIncident>> Read(const std::string& csv) {
  const TemporaryFolder folder;
  return ReadIncidents(folder.File("export.csv", csv));
}

}  // namespace

TEST_CASE("Opsgenie: alerts of a CSV export", "[scoring]") {
  const auto incidents = Read(
      "Alert ID,TinyID,Alias,Message,Status,Priority,Created At,Updated At,Tags,Team\n"
      "8418d193-2dab,1905,x,\"acme fails, again\",closed,P1,1787392800000,2026-08-22 11:00:00,"
      "\"psp:acme, region=eu, urgent\",payments\n");
  INFO((incidents.ok() ? "" : incidents.error().message));
  REQUIRE(incidents.ok());
  REQUIRE(incidents->size() == 1);
  const LabelledIncident& incident = incidents->front();
  CHECK(incident.id == "8418d193-2dab");
  CHECK(FormatRfc3339(incident.start) == "2026-08-22T10:00:00.000Z");
  CHECK(FormatRfc3339(incident.end) == "2026-08-22T11:00:00.000Z");
  CHECK(incident.severity == "P1");
  REQUIRE(incident.affected.size() == 1);
  CHECK(incident.affected[0] == Labels{{"psp", "acme"}, {"region", "eu"}, {"team", "payments"}});
}

TEST_CASE("incident.io: impact beats report, custom fields are labels, declined ones are none",
          "[scoring]") {
  const auto incidents = Read(
      "ID,Name,Status,Severity,Reported at,Impact started at,Resolved at,Closed at,PSP,"
      "Affected service\n"
      "INC-7,acme fails,Closed,Major,2026-08-22T10:05:00Z,2026-08-22T10:00:00Z,"
      "2026-08-22T10:40:00Z,2026-08-23T09:00:00Z,acme,checkout\n"
      "INC-8,nothing,Declined,Minor,2026-08-22T12:00:00Z,,,,,\n"
      "INC-9,slow,Closed,Minor,2026-08-22T13:00:00Z,,,2026-08-22T14:00:00Z,,\n");
  INFO((incidents.ok() ? "" : incidents.error().message));
  REQUIRE(incidents.ok());
  REQUIRE(incidents->size() == 2);
  const LabelledIncident& first = (*incidents)[0];
  CHECK(first.id == "INC-7");
  CHECK(FormatRfc3339(first.start) == "2026-08-22T10:00:00.000Z");
  CHECK(FormatRfc3339(first.end) == "2026-08-22T10:40:00.000Z");
  CHECK(first.affected ==
        std::vector<Labels>{Labels{{"affected_service", "checkout"}, {"psp", "acme"}}});
  CHECK((*incidents)[1].affected.empty());
  CHECK(FormatRfc3339((*incidents)[1].end) == "2026-08-22T14:00:00.000Z");
}

TEST_CASE("CSV exports: errors name line and column", "[scoring]") {
  const std::string header = "Reference,Reported at,Resolved at\n";
  const auto error = [&](const std::string& rows) {
    const auto incidents = Read(header + rows);
    REQUIRE_FALSE(incidents.ok());
    return incidents.error().message;
  };
  CHECK_THAT(error("INC-1,soon,2026-08-22T10:00:00Z\n"), Catch::Contains("export.csv:2:7: start"));
  CHECK_THAT(error("INC-1,2026-08-22T10:00:00Z,\n"),
             Catch::Contains("export.csv:2:1: the row says neither"));
  CHECK_THAT(error("INC-1,2026-08-22T10:00:00Z,2026-08-22T09:00:00Z\n"),
             Catch::Contains("export.csv:2:7: the end"));
  CHECK_THAT(error("INC-1,2026-08-22T10:00:00Z\n"), Catch::Contains("2 fields, the header has 3"));
  const std::string row = "INC-1,2026-08-22T10:00:00Z,2026-08-22T11:00:00Z\n";
  CHECK_THAT(error(row + row), Catch::Contains("export.csv:3:1: id \"INC-1\" stands already"));
}

}  // namespace quell::replay
