// The sandbox can say no: every rule of the Events API v2, broken once.
#include "tests/support/pagerduty_rules.h"

#include <catch2/catch.hpp>

namespace quell::test {
namespace {

using nlohmann::json;

json Good() {
  return json::parse(R"({
    "routing_key":"0123456789abcdef0123456789abcdef","event_action":"trigger","dedup_key":"k",
    "payload":{"summary":"s","source":"ledger-api","severity":"critical",
               "timestamp":"2026-08-22T10:00:00.000Z","component":"postgres","group":"payments",
               "class":"latency","custom_details":{"k":{"nested":[1,2]}}},
    "images":[{"src":"https://x.example/a.png","href":"https://x.example","alt":"a"}],
    "links":[{"href":"https://x.example","text":"t"}],
    "client":"x","client_url":"https://x.example"})");
}

RuleCheck Check(const json& event) {
  return CheckPagerDutyRequest("application/json", event.dump());
}

TEST_CASE("PagerDuty rules: the documented bodies are accepted", "[paging]") {
  CHECK(Check(Good()).status == 202);
  CHECK(CheckPagerDutyRequest("application/json; charset=utf-8", Good().dump()).status == 202);
  for (const char* action : {"acknowledge", "resolve"}) {
    const json event = {{"routing_key", "0123456789abcdef0123456789abcdef"},
                        {"event_action", action},
                        {"dedup_key", "k"}};
    CHECK(Check(event).status == 202);
  }
  json event = Good();
  event.erase("dedup_key");
  event["payload"]["timestamp"] = "2015-07-17T08:42:58.315+0000";
  for (const char* key : {"component", "group", "class", "custom_details"}) {
    event["payload"].erase(key);
  }
  CHECK(Check(event).errors.empty());
}

TEST_CASE("PagerDuty rules: each broken rule is refused with its reason", "[paging]") {
  struct Case {
    const char* pointer;  // what to replace
    json value;           // discarded = remove
    const char* error;
  };
  const json gone = json(json::value_t::discarded);
  const std::string umlauts_1025 = [] {
    std::string text;
    for (int i = 0; i < 1025; ++i) text += "ü";
    return text;
  }();
  const std::vector<Case> cases = {
      {"/routing_key", gone, "'routing_key' is missing"},
      {"/routing_key", 5, "'routing_key' is not a string"},
      {"/routing_key", "0123", "'routing_key' is not a 32-character integration key"},
      {"/routing_key", "0123456789abcdef0123456789abcde-",
       "'routing_key' is not a 32-character integration key"},
      {"/event_action", gone, "'event_action' is missing"},
      {"/event_action", "update", "'event_action' is not one of trigger, acknowledge, resolve"},
      {"/event_action", 1, "'event_action' is not a string"},
      {"/dedup_key", 1, "'dedup_key' is not a string"},
      {"/dedup_key", std::string(256, 'k'), "'dedup_key' is longer than 255 characters"},
      {"/payload", gone, "'payload' is missing"},
      {"/payload", "text", "'payload' is not an object"},
      {"/payload/summary", gone, "'payload.summary' is missing"},
      {"/payload/summary", "", "'payload.summary' is blank"},
      {"/payload/summary", umlauts_1025, "'payload.summary' is longer than 1024 characters"},
      {"/payload/source", gone, "'payload.source' is missing"},
      {"/payload/source", json::array(), "'payload.source' is not a string"},
      {"/payload/severity", gone, "'payload.severity' is missing"},
      {"/payload/severity", "fatal",
       "'payload.severity' is not one of critical, error, warning, info"},
      {"/payload/severity", "Critical",
       "'payload.severity' is not one of critical, error, warning, info"},
      {"/payload/timestamp", 1787392800, "'payload.timestamp' is not a string"},
      {"/payload/timestamp", "1787392800", "'payload.timestamp' is not an ISO 8601 time"},
      {"/payload/timestamp", "2026-13-22T10:00:00Z", "'payload.timestamp' is not an ISO 8601 time"},
      {"/payload/component", 1, "'payload.component' is not a string"},
      {"/payload/group", json::object(), "'payload.group' is not a string"},
      {"/payload/class", false, "'payload.class' is not a string"},
      {"/payload/custom_details", "text", "'payload.custom_details' is not an object"},
      {"/payload/custom_details", json::array(), "'payload.custom_details' is not an object"},
      {"/payload/images", json::array(), "'payload.images' is not a known field"},
      {"/payload/links", json::array(), "'payload.links' is not a known field"},
      {"/severity", "critical", "'severity' is not a known field"},
      {"/images", json::object(), "'images' is not an array"},
      {"/images/0", "x", "'images[0]' is not an object"},
      {"/images/0/src", gone, "'images[0].src' is missing"},
      {"/images/0/src", "http://x.example/a.png", "'images[0].src' is not an https address"},
      {"/images/0/alt", 1, "'images[0].alt' is not a string"},
      {"/images/0/title", "t", "'images[0].title' is not a known field"},
      {"/links", "x", "'links' is not an array"},
      {"/links/0/href", gone, "'links[0].href' is missing"},
      {"/links/0/text", 1, "'links[0].text' is not a string"},
      {"/client", 1, "'client' is not a string"},
      {"/client_url", 1, "'client_url' is not a string"},
  };
  for (const Case& one : cases) {
    json event = Good();
    const json::json_pointer pointer(one.pointer);
    if (one.value.is_discarded()) {
      event[pointer.parent_pointer()].erase(pointer.back());
    } else {
      event[pointer] = one.value;
    }
    const RuleCheck check = Check(event);
    INFO(one.pointer);
    CHECK(check.status == 400);
    CHECK(check.errors == std::vector<std::string>{one.error});
  }
}

TEST_CASE("PagerDuty rules: acknowledge and resolve need a dedup key", "[paging]") {
  for (const char* action : {"acknowledge", "resolve"}) {
    json event = Good();
    event["event_action"] = action;
    event.erase("dedup_key");
    CHECK(Check(event).errors == std::vector<std::string>{"'dedup_key' is missing"});
  }
}

TEST_CASE("PagerDuty rules: limits are inclusive", "[paging]") {
  json event = Good();
  event["dedup_key"] = std::string(255, 'k');
  std::string summary;
  for (int i = 0; i < 1024; ++i) summary += "ü";
  event["payload"]["summary"] = summary;
  CHECK(Check(event).status == 202);
  event["payload"]["custom_details"]["pad"] = "";
  const size_t rest = event.dump().size();
  event["payload"]["custom_details"]["pad"] = std::string(kEventBytesMax - rest, 'p');
  CHECK(Check(event).status == 202);
  event["payload"]["custom_details"]["pad"] = std::string(kEventBytesMax - rest + 1, 'p');
  CHECK(Check(event).status == 413);
}

TEST_CASE("PagerDuty rules: what is not JSON, or not said to be, is refused", "[paging]") {
  using Errors = std::vector<std::string>;
  CHECK(CheckPagerDutyRequest("application/json", "{").errors == Errors{"JSON parse error"});
  CHECK(CheckPagerDutyRequest("application/json", "[]").errors ==
        Errors{"the event is not an object"});
  CHECK(CheckPagerDutyRequest("text/plain", Good().dump()).errors ==
        Errors{"Content-Type is not application/json"});
  CHECK(CheckPagerDutyRequest("", Good().dump()).status == 400);
}

}  // namespace
}  // namespace quell::test
