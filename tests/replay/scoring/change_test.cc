#include <catch2/catch.hpp>

#include "replay/scoring/incident_history.h"
#include "tests/replay/scoring/sample_replay.h"

namespace quell::replay {

using incidents::ChangeKind;

TEST_CASE("Changes: a moment, a window, labels as scope", "[scoring]") {
  const TemporaryFolder folder;
  const auto changes = ReadChanges(folder.File("c.json", R"({"changes":[
    {"id":"w","start":200,"end":"1970-01-01T00:10:00Z","kind":"maintenance","psp":"acme",
     "region":"eu","note":"card network upgrade"},
    {"id":"d","time":100,"kind":"deploy","service":"checkout","version":42},
    {"id":"o","time":300,"kind":"feature_flag","note":"on for 5 %"}]})"));
  REQUIRE(changes.ok());
  REQUIRE(changes->size() == 3);
  CHECK((*changes)[0].id == "d");
  CHECK((*changes)[0].kind == ChangeKind::kDeploy);
  CHECK((*changes)[0].start == 100000);
  CHECK((*changes)[0].end == 100000);
  CHECK((*changes)[0].scope == Labels{{"service", "checkout"}, {"version", "42"}});
  CHECK((*changes)[1].end == 600000);
  CHECK((*changes)[1].scope == Labels{{"psp", "acme"}, {"region", "eu"}});
  CHECK((*changes)[1].note == "card network upgrade");
  CHECK((*changes)[2].kind == ChangeKind::kOther);
  CHECK((*changes)[2].note == "feature_flag: on for 5 %");
}

TEST_CASE("Changes: written and read again they are the same", "[scoring]") {
  const TemporaryFolder folder;
  const incidents::Change window{.id = "w",
                                 .kind = ChangeKind::kCutover,
                                 .start = 1000,
                                 .end = 5000,
                                 .scope = Labels{{"kind", "shadowed"}, {"psp", "acme"}},
                                 .note = "a \"quoted\" note"};
  const std::string json = ChangesToJson(std::vector{window});
  const auto read = ReadChanges(folder.File("c.json", json));
  REQUIRE(read.ok());
  CHECK((*read)[0].scope == window.scope);
  CHECK(ChangesToJson(*read) == json);
}

TEST_CASE("Changes: one from a request's body, without an id", "[scoring]") {
  const std::string body = R"({"time":100,"kind":"deploy","service":"checkout"})";
  const auto change = ParseChange(body, "body");
  REQUIRE(change.ok());
  CHECK_THAT(change->id, Catch::StartsWith("change-"));
  CHECK(ParseChange(body, "body")->id == change->id);
}

TEST_CASE("Changes: errors name the place and the field", "[scoring]") {
  const auto error = [](const std::string& body) {
    const auto change = ParseChange(body, "body");
    REQUIRE_FALSE(change.ok());
    return change.error().message;
  };
  CHECK(error(R"({"time":100})") == "body:1:1: kind is missing");
  CHECK(error(R"({"kind":"deploy"})") ==
        "body:1:1: the document needs a time, or a start and an end");
  CHECK(error(R"({"kind":"deploy","time":1,"start":2})") ==
        "body:1:25: time and start are both given; one of them is meant");
  CHECK_THAT(error(R"({"kind":"deploy","start":9,"end":2})"),
             Catch::StartsWith("body:1:34: end 1970-01-01T00:00:02.000Z is before its start"));
  CHECK(error("{\"kind\":\"deploy\",\n\"time\":1,\"tags\":[1]}") ==
        "body:2:17: tags must be a string, not array");
  CHECK_THAT(error("{\"kind\":"), Catch::StartsWith("body:1:9: not valid JSON"));
}

TEST_CASE("Changes: the same id twice is an error", "[scoring]") {
  const TemporaryFolder folder;
  const auto changes = ReadChanges(folder.File("c.json", R"({"changes":[
 {"id":"d","time":1,"kind":"deploy"},
 {"id":"d","time":2,"kind":"deploy"}]})"));
  REQUIRE_FALSE(changes.ok());
  CHECK_THAT(changes.error().message,
             Catch::EndsWith("c.json:3:2: changes[1] has the id \"d\" of changes[0] again"));
}

}  // namespace quell::replay
