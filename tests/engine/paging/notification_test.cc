#include "engine/paging/notification.h"

#include <catch2/catch.hpp>

#include "engine/paging/text_block.h"
#include "tests/engine/paging/sample_incident.h"

namespace quell::paging {
namespace {

using incidents::IncidentEventKind;

Notification Sample() {
  return MakeNotification(Action::kTrigger, SampleEvent(IncidentEventKind::kPage),
                          "https://quell.example.net/");
}

TEST_CASE("Notification: a page reads well at 3 a.m.", "[paging][golden]") {
  CHECK(TextBlock(Sample()) ==
        R"(== PAGE CRITICAL == 2026-08-22 10:02:00 UTC ==
  psp=acme: failure ratio 18.2 % instead of 1.4 %, 2 services since 10:00
  scope     psp=acme, region=eu
  since     10:00:30 UTC
  because   3 of 3 detectors agree
            began with volume of payments-api
  alerts    psp=acme, region=eu, service=ledger-api: failure ratio 18.2 % (91 of 500), expected 1.4 % (0.9 - 2.1 %), odds about 1 in 2 million, since 10:01:00 UTC; same psp=acme, onset 30 s later
            psp=acme, region=eu, service=ledger-api: p95 latency 1.84 s (155 of 12,500 slow), expected 310 ms (250 - 402 ms), odds less than 1 in a trillion, since 10:01:30 UTC
            psp=acme, region=eu, service=payments-api: volume 12.3/s, expected 120/s (102 - 139/s), odds about 1 in 700, since 10:00:30 UTC
  details   failure ratio of psp=acme, region=eu, service=ledger-api has lasted 60 s so far, since 10:01 UTC.
            2 of 3 windows agree: 30 s: 91 of 500 (7 expected), 7 min: 360 of 7,200 (101 expected); not 35 min: 690 of 34,500 (483 expected).
            Usual on Saturday 12:00 (local time): 1.2 %, by 2 earlier weeks.
            Data: a point for 97 % of the steps of the last 35 min; 1 counter reset in the last 32 min.
            Baseline learned from 16 days.
  changes   deploy payments-api 09:58 UTC: v1.4
            cutover psp=acme 2026-08-21 22:00 - 2026-08-22 11:00 UTC
  see       https://quell.example.net/incidents/inc-0001

)");
}

TEST_CASE("Notification: a resolve says how long it lasted", "[paging][golden]") {
  auto event = SampleEvent(IncidentEventKind::kResolve);
  event.at = event.incident.onset + 47 * kMinuteMs;
  CHECK(TextBlock(MakeNotification(Action::kResolve, event, "")) ==
        R"(== RESOLVED == 2026-08-22 10:47:30 UTC ==
  psp=acme: failure ratio 18.2 % instead of 1.4 %, 2 services since 10:00
  scope     psp=acme, region=eu
  lasted    47m, since 10:00:30 UTC

)");
}

TEST_CASE("Notification: source, component, group and class come from the scope", "[paging]") {
  auto event = SampleEvent(IncidentEventKind::kPage);
  const auto made = [&](Labels scope) {
    event.incident.scope = std::move(scope);
    return MakeNotification(Action::kTrigger, event, "");
  };
  Notification n = made(Labels{{"service", "ledger-api"}, {"region", "eu"}, {"psp", "acme"}});
  CHECK(n.source == "ledger-api");
  CHECK(n.component == "ledger-api");
  CHECK(n.group == "eu");
  CHECK(n.class_ == "ratio");
  CHECK(n.link.empty());
  n = made(Labels{{"psp", "acme"}});
  CHECK(n.source == "acme");
  CHECK(n.component.empty());
  CHECK(n.group == "acme");
  n = made(Labels{});
  CHECK(n.source == "quell");
  CHECK(n.group.empty());
}

TEST_CASE("Notification: an alert of somebody else's makes no claims of ours", "[paging]") {
  auto event = SampleEvent(IncidentEventKind::kPage);
  auto& alert = event.incident.members[0].alert;
  alert.slot = incidents::kNoSlot;
  alert.severity = incidents::Severity::kCritical;
  alert.what.clear();
  alert.labels = Labels{{"alertname", "DiskFull"}, {"host", "db1"}};
  alert.evidence = {};
  event.incident.members.resize(1);
  const Notification n = MakeNotification(Action::kTrigger, event, "");
  CHECK(MemberText(n.members.at(0)) == "host=db1: DiskFull firing, since 10:00:30 UTC");
}

TEST_CASE("Notification: a crowd is listed by how telling, and the rest is counted", "[paging]") {
  auto event = SampleEvent(IncidentEventKind::kPage);
  const incidents::Member one = event.incident.members[0];
  event.incident.members.clear();
  for (incidents::AlertId id = 1; id <= kMembersMax + 50; ++id) {
    event.incident.members.push_back(one);
    event.incident.members.back().alert.id = id;
    event.incident.members.back().alert.evidence.tail_probability =
        1.0 / (1000.0 + static_cast<double>(id));
  }
  const Notification n = MakeNotification(Action::kTrigger, event, "");
  CHECK(n.members.size() == kMembersMax);
  CHECK(n.members_total == kMembersMax + 50);
  CHECK(TextBlock(n).find("            and 242 more\n") != std::string::npos);
}

TEST_CASE("Notification: JSON brings back exactly what went in", "[paging]") {
  for (const Action action : {Action::kTrigger, Action::kUpdate, Action::kResolve}) {
    Notification before = MakeNotification(action, SampleEvent(IncidentEventKind::kPage),
                                           "https://quell.example.net");
    before.summary = "quotes \" and \\, Zürich 🚨,\ttab\nline";
    before.at = 9007199254740993;  // above what a double holds
    before.severity = incidents::Severity::kWarning;
    const std::string json = ToJson(before);
    const auto after = FromJson(json);
    REQUIRE(after.ok());
    CHECK(*after == before);
    CHECK(ToJson(*after) == json);
  }
}

TEST_CASE("Notification: the same event gives the same bytes", "[paging]") {
  CHECK(ToJson(Sample()) == ToJson(Sample()));
}

TEST_CASE("Notification: bad JSON is refused by field", "[paging]") {
  const std::string good = ToJson(Sample());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    const auto result = FromJson(text);
    REQUIRE_FALSE(result.ok());
    return result.error().message;
  };
  CHECK(with("{", "") == "notification is not a JSON object");
  CHECK(with("\"trigger\"", "\"fire\"") ==
        "notification field \"action\" is not trigger, update, resolve, change, digest or "
        "acknowledge");
  CHECK(with("\"critical\"", "\"severe\"") ==
        "notification field \"severity\" is not info, warning, error or critical");
  CHECK(with("\"source\":\"acme\"", "\"source\":7") ==
        "notification field \"source\" is not a text");
  CHECK(with("\"members_total\":3", "\"members_total\":2") ==
        "notification field \"members_total\" is not at least the members listed");
  CHECK(with("\"version\":1", "\"version\":9") ==
        "notification has version 9; this program reads version 1");
  CHECK(with("\"evidence\":[", "\"evidence\":[1,") ==
        "notification field \"evidence\" is not a list of texts");
  CHECK(with("\"why\":\"\"", "\"why\":null") == "notification field \"why\" is not a text");
}

TEST_CASE("Notification: terminal controls in labels do not reach the terminal", "[paging]") {
  Notification n = Sample();
  n.summary = "\x1b[2J\x07gone";
  n.members[0].labels = "a=\x1b]0;x\n";
  const std::string block = TextBlock(n);
  CHECK(block.find('\x1b') == std::string::npos);
  CHECK(block.find('\x07') == std::string::npos);
}

}  // namespace
}  // namespace quell::paging
