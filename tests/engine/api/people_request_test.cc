#include "engine/api/people_request.h"

#include <catch2/catch.hpp>

namespace quell::api {
namespace {

using incidents::FeedbackVerdict;
using paging::HumanActionKind;

constexpr const char* kIncident =
    R"({"id":7,"key":"aa","state":"open","scope":{"psp":"acme"},"members":[)"
    R"({"id":3,"labels":{"psp":"acme","service":"a"},"onset":"2026-08-22T10:00:00.000Z",)"
    R"("startsAt":"2026-08-22T10:01:00.000Z"},)"
    R"({"id":5,"labels":{"psp":"acme","service":"b"},"onset":"2026-08-22T10:00:00.000Z",)"
    R"("startsAt":"2026-08-22T10:02:00.000Z"}]})";

std::string Refused(HumanActionKind kind, const std::string& body) {
  const auto read = ParsePeopleRequest(kind, body, "");
  return read.ok() ? std::string() : read.error().message;
}

TEST_CASE("People request: a body may be empty where nothing is needed", "[api]") {
  const auto read = ParsePeopleRequest(HumanActionKind::kAcknowledge, "", "ada");
  REQUIRE(read.ok());
  CHECK(read->by == "ada");
  CHECK(ParsePeopleRequest(HumanActionKind::kAcknowledge, "{}", "")->by == "somebody");
  CHECK(ParsePeopleRequest(HumanActionKind::kAcknowledge, R"({"by":"Bob"})", "ada")->by == "Bob");
}

TEST_CASE("People request: what is missing or makes no sense is named", "[api]") {
  CHECK(Refused(HumanActionKind::kNote, "{}") == "text is missing");
  CHECK(Refused(HumanActionKind::kMerge, "{}").find("into is missing") == 0);
  CHECK(Refused(HumanActionKind::kFeedback, "{}") == "verdict is missing");
  CHECK(Refused(HumanActionKind::kFeedback, R"({"verdict":"bad"})").find("verdict must be") == 0);
  CHECK(Refused(HumanActionKind::kFeedback, R"({"verdict":"merge"})").find("other is missing") ==
        0);
  CHECK(Refused(HumanActionKind::kFeedback, R"({"verdict":"split"})").find("alerts is missing") ==
        0);
  CHECK(Refused(HumanActionKind::kFeedback, R"({"verdict":"split","alerts":["a"]})")
            .find("alerts must be") == 0);
  CHECK(Refused(HumanActionKind::kResolve, "[]") == "the body is not a JSON object");
  CHECK(Refused(HumanActionKind::kResolve, R"({"by":7})") == "by must be a string");
  CHECK(Refused(HumanActionKind::kResolve, R"({"verdict":"real"})") == "unknown field \"verdict\"");
  CHECK(Refused(HumanActionKind::kNote, R"({"text":")" + std::string(2001, 'x') + "\"}") ==
        "text is longer than 2000 bytes");
  CHECK_FALSE(PeopleActionOf("explode").ok());
  CHECK(*PeopleActionOf("notes") == HumanActionKind::kNote);
}

TEST_CASE("People request: feedback holds the members with their labels", "[api]") {
  const auto request = ParsePeopleRequest(HumanActionKind::kFeedback,
                                          R"({"verdict":"expected","reason":"drill"})", "");
  const auto made = MakeFeedback(*request, kIncident, "");
  REQUIRE(made.ok());
  CHECK(made->verdict == FeedbackVerdict::kExpected);
  CHECK(made->reason == "drill");
  CHECK(made->scope == Labels{{"psp", "acme"}});
  REQUIRE(made->members.size() == 2);
  CHECK(made->members[1].labels.Get("service") == "b");
  CHECK(made->members[1].starts_at - made->members[1].onset == 2 * kMinuteMs);
}

TEST_CASE("People request: a split says which go apart, and some must stay", "[api]") {
  const auto with = [](const std::string& alerts) {
    const auto request = ParsePeopleRequest(HumanActionKind::kFeedback,
                                            R"({"verdict":"split","alerts":)" + alerts + "}", "");
    return MakeFeedback(*request, kIncident, "");
  };
  const auto made = with("[5]");
  REQUIRE(made.ok());
  CHECK(made->members[0].part == 0);
  CHECK(made->members[1].part == 1);
  CHECK(with("[4]").error().message == "alerts: 4 is no member");
  CHECK(with("[3,5]").error().message == "alerts: none of the incident's would be left");
}

TEST_CASE("People request: a merge has both incidents' members", "[api]") {
  const auto request =
      ParsePeopleRequest(HumanActionKind::kMerge, R"({"into":"bb","reason":"same"})", "");
  const auto made = MakeFeedback(*request, kIncident, kIncident);
  REQUIRE(made.ok());
  CHECK(made->verdict == FeedbackVerdict::kMerge);
  CHECK(made->members_total == 4);
  CHECK(made->members[3].part == 1);
}

TEST_CASE("People request: an incident's JSON takes up what people did", "[api]") {
  CHECK(WithPeople(R"({"a":1})", R"({"b":2})") == R"({"a":1,"people":{"b":2}})");
  CHECK(WithPeople(R"({"a":1})", "") == R"({"a":1})");
  CHECK(IncidentStateOf(kIncident) == "open");
  CHECK(IncidentStateOf("nonsense").empty());
}

TEST_CASE("People: a split of more alerts than an incident is asked about is refused", "[api]") {
  const auto body = [](size_t alerts) {
    std::string ids;
    for (size_t i = 1; i <= alerts; ++i) ids += (i > 1 ? "," : "") + std::to_string(i);
    return R"({"verdict":"split","alerts":[)" + ids + "]}";
  };
  CHECK(ParsePeopleRequest(HumanActionKind::kFeedback, body(1000), "").ok());
  CHECK(Refused(HumanActionKind::kFeedback, body(1001)) ==
        "alerts must be a list of at most 1000 alert ids");
}

}  // namespace
}  // namespace quell::api
