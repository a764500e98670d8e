#include "replay/scoring/incident_history.h"

#include <catch2/catch.hpp>

#include "core/file.h"
#include "tests/replay/scoring/sample_replay.h"

namespace quell::replay {
namespace {

// The error's text with the folder cut off: "f.json:2:3: ...".
std::string ErrorOf(const std::string& name, const std::string& text) {
  const TemporaryFolder folder;
  const auto read = ReadIncidents(folder.File(name, text));
  REQUIRE_FALSE(read.ok());
  const std::string& message = read.error().message;
  return message.substr(message.find(folder.path()) + folder.path().size() + 1);
}

std::vector<LabelledIncident> Read(const std::string& name, const std::string& text) {
  const TemporaryFolder folder;
  auto read = ReadIncidents(folder.File(name, text));
  INFO((read.ok() ? "" : read.error().message));
  REQUIRE(read.ok());
  return *std::move(read);
}

std::string Golden(const std::string& name) {
  return *ReadFile(std::string(QUELL_SOURCE_DIR) + "/tests/golden/scoring/" + name);
}

}  // namespace

TEST_CASE("Incidents: JSON with either kind of time, sorted by start", "[scoring]") {
  const auto incidents = Read("i.json", R"({"incidents":[
    {"id":"late","start":1755856800.5,"end":"1755857400","severity":"sev1","kind":"outage",
     "affected":[{"match":{"psp":"acme","code":500}},{"match":{}}],"owner":{"team":"x"}},
    {"id":7,"start":"2025-08-22T09:00:00+02:00","end":"2025-08-22T07:30:00Z","kind":null}]})");
  REQUIRE(incidents.size() == 2);
  CHECK(incidents[0].id == "7");
  CHECK(incidents[0].affected.empty());
  CHECK(incidents[0].end - incidents[0].start == 30 * kMinuteMs);
  CHECK(incidents[1].start == 1755856800500);
  CHECK(incidents[1].end == 1755857400000);
  REQUIRE(incidents[1].affected.size() == 2);
  CHECK(incidents[1].affected[0] == Labels{{"code", "500"}, {"psp", "acme"}});
  CHECK(incidents[1].affected[1].empty());
}

TEST_CASE("Incidents: an empty list is fine, an empty file is not", "[scoring]") {
  CHECK(Read("i.json", R"({"incidents":[]})").empty());
  CHECK(Read("i.csv", "id,start,end\n").empty());
  CHECK_THAT(ErrorOf("i.json", " \n"), Catch::StartsWith("i.json:1:1: the file is empty"));
}

TEST_CASE("Incidents: syntax errors name line and column", "[scoring]") {
  CHECK_THAT(ErrorOf("i.json", "{\"incidents\":[\n  {\"id\":\"a\",,}\n]}"),
             Catch::StartsWith("i.json:2:13: not valid JSON: syntax error"));
  CHECK_THAT(ErrorOf("i.json", "{\"incidents\":[\n"),
             Catch::StartsWith("i.json:2:1: not valid JSON: syntax error") &&
                 Catch::Contains("unexpected end of input"));
  CHECK_THAT(ErrorOf("i.json", "{\"incidents\":[{\"id\":1e999}]}"),
             Catch::StartsWith("i.json:1:25: not valid JSON: number overflow"));
}

TEST_CASE("Incidents: wrong values are found again by line and column", "[scoring]") {
  CHECK(ErrorOf("i.json", "[]") == "i.json:1:1: the document must be an object, not array");
  CHECK(ErrorOf("i.json", "{\"incident\":[]}") == "i.json:1:1: incidents is missing");
  CHECK(ErrorOf("i.json", "{\"incidents\":{}}") ==
        "i.json:1:14: incidents must be an array, not object");
  const std::string head =
      "{\"n\":[{\"a\":\"]}\\\"\"}],\n \"incidents\":[{\"id\":\"\xC3\xA9\","
      "\"start\":1,\"end\":2},\n";
  CHECK(ErrorOf("i.json", head + "  {\"id\":\"b\",\"start\":\"soon\",\"end\":3}]}") ==
        "i.json:3:21: incidents[1].start time \"soon\" is neither RFC 3339 "
        "(2026-08-22T10:00:00Z) nor epoch seconds");
  CHECK(ErrorOf("i.json", head + "  {\"id\":\"b\",\"start\":3}]}") ==
        "i.json:3:3: incidents[1].end is missing");
  CHECK(ErrorOf("i.json", head + "  {\"id\":\"b\",\"start\":3,\"end\":null}]}") ==
        "i.json:3:29: incidents[1].end is null, but must have a value");
  CHECK(ErrorOf("i.json", head + "  {\"id\":\"b\",\"start\":3,\"end\":1}]}") ==
        "i.json:3:29: incidents[1].end 1970-01-01T00:00:01.000Z is before start "
        "1970-01-01T00:00:03.000Z");
  CHECK(ErrorOf("i.json", head + "  {\"start\":3,\"end\":4,\"id\":\"\xC3\xA9\"}]}") ==
        "i.json:3:27: incidents[1].id \"\xC3\xA9\" is already the id of incidents[0]");
  CHECK(ErrorOf("i.json", head + "{\"id\":\"b\",\"start\":3,\"end\":4,"
                                 "\"affected\":[{\"match\":{\"psp\":[]}}]}]}") ==
        "i.json:3:57: incidents[1].affected[0].match.psp must be a string, not array");
  CHECK(ErrorOf("i.json", head + "{\"id\":\"b\",\"start\":3,\"end\":4,"
                                 "\"affected\":[{\"match\":{\"\":\"x\"}}]}]}") ==
        "i.json:3:50: incidents[1].affected[0].match has a label without a name");
  CHECK_THAT(ErrorOf("i.json", head + "{\"id\":\"b\",\"start\":1755856800000,\"end\":4}]}"),
             Catch::Contains("it looks like milliseconds"));
}

TEST_CASE("Incidents: columns count characters, not bytes", "[scoring]") {
  CHECK_THAT(ErrorOf("i.json", "{\"incidents\":[{\"id\":\"\xC3\xA9\xC3\xA9\",\"start\":true}]}"),
             Catch::StartsWith("i.json:1:34: incidents[0].start must be a time"));
}

TEST_CASE("Incidents: a missing file is named", "[scoring]") {
  const auto read = ReadIncidents("/nowhere/incidents.json");
  REQUIRE_FALSE(read.ok());
  CHECK_THAT(read.error().message, Catch::Contains("/nowhere/incidents.json"));
}

TEST_CASE("Incidents: CSV with quoted, plain and alternative labels", "[scoring]") {
  const auto incidents = Read("i.csv",
                              "\xEF\xBB\xBFid,start,end,severity,kind,labels\r\n"
                              "a,2026-08-01T00:00:00Z,2026-08-01T01:00:00Z,sev1,outage,"
                              "\"psp=\"\"acme, inc\"\",region=\"\"eu\"\"\"\r\n"
                              "\r\n"
                              "b,1785542400,1785546000,,,psp=acme;region=eu | psp=borealis\n"
                              "c, 1785542401 ,1785546000,,,psp=\"acme\",region=\"us\"\n"
                              "d,1785542402,1785546000,,,");
  REQUIRE(incidents.size() == 4);
  CHECK(incidents[0].affected[0] == Labels{{"psp", "acme, inc"}, {"region", "eu"}});
  CHECK(incidents[0].kind == "outage");
  REQUIRE(incidents[1].affected.size() == 2);
  CHECK(incidents[1].affected[0] == Labels{{"psp", "acme"}, {"region", "eu"}});
  CHECK(incidents[1].affected[1] == Labels{{"psp", "borealis"}});
  CHECK(incidents[2].affected[0] == Labels{{"psp", "acme"}, {"region", "us"}});
  CHECK(incidents[3].affected.empty());
}

TEST_CASE("Incidents: CSV errors name line and column", "[scoring]") {
  CHECK(ErrorOf("i.csv", "id,start\n") ==
        "i.csv:1:1: the header has no column \"end\"; expected id,start,end,severity,kind,labels, "
        "or an export of Opsgenie or incident.io");
  const std::string head = "id,start,end,labels\na,1,2,\n";
  CHECK_THAT(ErrorOf("i.csv", head + "b,never,3,\n"),
             Catch::StartsWith("i.csv:3:3: start: time \"never\""));
  CHECK_THAT(ErrorOf("i.csv", head + "b,5,3,\n"),
             Catch::StartsWith("i.csv:3:5: end 1970-01-01T00:00:03.000Z is before start"));
  CHECK(ErrorOf("i.csv", head + "a,1,2,\n").substr(0, 35) ==
        "i.csv:3:1: id \"a\" stands already at");
  CHECK(ErrorOf("i.csv", head + "b,1\n") == "i.csv:3:1: the row has 2 fields, the header has 4");
  CHECK(ErrorOf("i.csv", head + "b,1,2,psp\n") ==
        "i.csv:3:7: labels: \"psp\": expected = after psp at character 4");
  CHECK(ErrorOf("i.csv", head + "\"b,1,2,\n") ==
        "i.csv:3:1: the quoted field has no closing quote");
}

TEST_CASE("Incidents: writing and reading again changes nothing", "[scoring]") {
  const std::string golden = Golden("incidents.json");
  const auto incidents = Read("i.json", golden);
  CHECK(IncidentsToJson(incidents) == golden);
}

}  // namespace quell::replay
