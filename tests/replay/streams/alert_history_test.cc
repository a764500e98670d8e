#include "replay/streams/alert_history.h"

#include <catch2/catch.hpp>

#include "replay/streams/stream_generator.h"

namespace quell::streams {
namespace {

AlertStream Two() {
  const std::string text = R"({"alerts": [
  {"labels": {"alertname": "A", "service": "x"}, "startsAt": "2026-03-02T10:00:00Z",
   "endsAt": "2026-03-02T10:20:00Z", "incident": "INC-1"},
  {"labels": {"alertname": "B", "service": "y"}, "startsAt": "2026-03-02T10:01:00Z",
   "endsAt": "2026-03-02T10:20:00Z", "incident": "INC-2"}]})";
  auto read = ParseAlertHistory(text, "h.json");
  REQUIRE(read.ok());
  return *std::move(read);
}

std::string Feedback(const std::string& verdict, int part_of_b) {
  return R"({"id":"f1","time":"2026-03-02T12:00:00Z","verdict":")" + verdict +
         R"(","incident":"k1","other":"k2","by":"","via":"api","reason":"","scope":{},)"
         R"("members_total":2,"members":[)"
         R"({"alert":1,"part":0,"labels":{"alertname":"A","service":"x"},)"
         R"("onset":"2026-03-02T10:00:00Z","startsAt":"2026-03-02T10:00:02Z"},)"
         R"({"alert":2,"part":)" +
         std::to_string(part_of_b) +
         R"(,"labels":{"alertname":"B","service":"y"},)"
         R"("onset":"2026-03-02T10:01:00Z","startsAt":"2026-03-02T10:01:02Z"}]})";
}

}  // namespace

TEST_CASE("Alert history: what was written is read back", "[streams]") {
  const AlertStream stream =
      GenerateStream({.seed = 91001, .duration_ms = kDayMs, .with_series = true});
  const auto read = ParseAlertHistory(AlertHistoryJson(stream), "h.json");
  REQUIRE(read.ok());
  REQUIRE(read->alerts.size() == stream.alerts.size());
  for (size_t i = 0; i < stream.alerts.size(); ++i) {
    CHECK(read->alerts[i].labels == stream.alerts[i].labels);
    CHECK(read->alerts[i].starts_at == stream.alerts[i].starts_at);
    CHECK(read->alerts[i].incident == stream.alerts[i].incident);
    CHECK(read->alerts[i].residuals == stream.alerts[i].residuals);
  }
}

TEST_CASE("Alert history: bad input is told by file, line and column", "[streams]") {
  struct Case {
    const char *text, *error;
  };
  const Case bad = GENERATE(
      Case{"{\"alerts\": [\n  {\"labels\": {}}]}", "h.json:2:14: alerts[0].labels"},
      Case{"{\"alerts\": [\n{\"labels\": {\"a\": \"b\"}}]}", "h.json:2:1: alerts[0]"},
      Case{"{\"alerts\": [{\"labels\": {\"a\": \"b\"},\n\"startsAt\": \"yesterday\"}]}",
           "h.json:2:13: alerts[0].startsAt"},
      Case{"{\"alerts\": [{\"labels\": {\"a\": \"b\"}, \"startsAt\": 20,\n\"endsAt\": 10}]}",
           "h.json:2:11: alerts[0].endsAt"},
      Case{"{\"alerts\": 3}", "h.json:1:12: alerts"}, Case{"{\"alerts\": [}", "h.json:1:"},
      Case{"{}", "h.json:1:1"});
  const auto read = ParseAlertHistory(bad.text, "h.json");
  REQUIRE_FALSE(read.ok());
  INFO(read.error().message);
  CHECK(read.error().message.find(bad.error) == 0);
}

TEST_CASE("Alert history: merged incidents are one, the second part of a split one is another",
          "[streams]") {
  AlertStream merged = Two();
  const auto used = ApplyFeedback(Feedback("merge", 1) + "\n", "f.json", merged);
  REQUIRE(used.ok());
  CHECK(*used == 1);
  CHECK(merged.alerts[0].incident == merged.alerts[1].incident);

  AlertStream split = Two();
  split.alerts[1].incident = "INC-1";
  REQUIRE(ApplyFeedback("[" + Feedback("split", 1) + "]", "f.json", split).ok());
  CHECK(split.alerts[0].incident == "INC-1");
  CHECK(split.alerts[1].incident != "INC-1");
}

TEST_CASE("Alert history: feedback on other alerts changes nothing, bad feedback names its line",
          "[streams]") {
  AlertStream stream = Two();
  for (StreamAlert& alert : stream.alerts) alert.starts_at += kHourMs;
  const auto used = ApplyFeedback(Feedback("merge", 1), "f.json", stream);
  REQUIRE(used.ok());
  CHECK(*used == 0);
  CHECK(stream.alerts[0].incident != stream.alerts[1].incident);
  const auto bad = ApplyFeedback(Feedback("merge", 1) + "\n{\"id\": 3}\n", "f.json", stream);
  REQUIRE_FALSE(bad.ok());
  CHECK(bad.error().message.find("f.json:2") == 0);
}

}  // namespace quell::streams
