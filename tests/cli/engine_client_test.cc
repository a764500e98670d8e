#include "cli/client/engine_client.h"

#include <catch2/catch.hpp>

namespace quell::cli {
namespace {

using Json = nlohmann::ordered_json;

TEST_CASE("Client: members of another type or none at all are empty, whatever was answered",
          "[cli]") {
  for (const char* text : {"null", "[]", "1", "\"x\"", "{}", R"({"a":[],"labels":7,"rows":{}})"}) {
    INFO(text);
    const Json json = Json::parse(text);
    CHECK(TextOf(json, "a").empty());
    CHECK(NumberOf(json, "a") == 0);
    CHECK(LabelsText(json, "labels").empty());
    CHECK(TimeText(json, "a") == "-");
    CHECK(RowsOf(json, "rows").empty());
  }
}

TEST_CASE("Client: labels and times are told as people read them", "[cli]") {
  const Json json = Json::parse(
      R"({"labels":{"alertname":"x","psp":"acme","n":1,"region":"eu"},"at":"2026-11-27T16:56:01.250Z"})");
  CHECK(LabelsText(json, "labels") == "psp=acme region=eu");
  CHECK(TimeText(json, "at") == "2026-11-27 16:56:01");
  CHECK(TimeText(json, "at", true) == "16:56:01");
}

TEST_CASE("Client: what may not stand in a query is quoted", "[cli]") {
  CHECK(Quoted("psp=~\"a b\"&x") == "psp%3D~%22a%20b%22%26x");
  CHECK(Quoted("\xc3\xbc") == "%C3%BC");
}

TEST_CASE("Client: errors have exit codes that scripts can tell apart", "[cli]") {
  CHECK(FailOf(MakeError(ErrorCode::kInvalidArgument, "test")) == 1);
  CHECK(FailOf(MakeError(ErrorCode::kUnavailable, "test")) == 4);
  CHECK(FailOf(MakeError(ErrorCode::kUnsupported, "test")) == 5);
  CHECK(FailOf(MakeError(ErrorCode::kNotFound, "test")) == 6);
}

}  // namespace
}  // namespace quell::cli
