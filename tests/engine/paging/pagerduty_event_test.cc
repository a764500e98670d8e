#include "engine/paging/pagerduty_event.h"

#include <array>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/random.h"
#include "engine/incidents/explain.h"
#include "engine/paging/text.h"
#include "tests/engine/paging/sample_incident.h"
#include "tests/support/pagerduty_rules.h"
#include "tests/support/sanitized.h"

namespace quell::paging {
namespace {

using incidents::IncidentEventKind;
using nlohmann::json;

const std::string kKey = "0123456789abcdef0123456789abcdef";

PagerDutyOptions Options() {
  PagerDutyOptions options;
  options.routing_key = kKey;
  return options;
}

Notification Sample(Action action = Action::kTrigger) {
  return MakeNotification(action, SampleEvent(IncidentEventKind::kPage), "https://q.example");
}

json Checked(const Notification& notification) {
  const std::string body = PagerDutyEvent(notification, Options());
  const test::RuleCheck check = test::CheckPagerDutyRequest("application/json", body);
  CHECK(check.errors == std::vector<std::string>{});
  return check.event;
}

TEST_CASE("PagerDuty event: a trigger is the documented body", "[paging][golden]") {
  CHECK(Checked(Sample()) == json::parse(R"({
    "routing_key":"0123456789abcdef0123456789abcdef","event_action":"trigger",
    "dedup_key":"quell-3a7363d9f6284d9b43004233d02b73c38d152eff4f6f76d97d869cdb9974ce41",
    "payload":{
      "summary":"psp=acme: failure ratio 18.2 % instead of 1.4 %, 2 services since 10:00",
      "source":"acme","severity":"critical","timestamp":"2026-08-22T10:02:00.000Z",
      "group":"eu","class":"ratio",
      "custom_details":{
        "started":"2026-08-22T10:00:30.000Z","scope":{"psp":"acme","region":"eu"},
        "evidence":["3 of 3 detectors agree","began with volume of payments-api"],
        "explanation":["failure ratio of psp=acme, region=eu, service=ledger-api has lasted 60 s so far, since 10:01 UTC.",
          "2 of 3 windows agree: 30 s: 91 of 500 (7 expected), 7 min: 360 of 7,200 (101 expected); not 35 min: 690 of 34,500 (483 expected).",
          "Usual on Saturday 12:00 (local time): 1.2 %, by 2 earlier weeks.",
          "Data: a point for 97 % of the steps of the last 35 min; 1 counter reset in the last 32 min.",
          "Baseline learned from 16 days."],
        "members":[
          "psp=acme, region=eu, service=ledger-api: failure ratio 18.2 % (91 of 500), expected 1.4 % (0.9 - 2.1 %), odds about 1 in 2 million, since 10:01:00 UTC; same psp=acme, onset 30 s later",
          "psp=acme, region=eu, service=ledger-api: p95 latency 1.84 s (155 of 12,500 slow), expected 310 ms (250 - 402 ms), odds less than 1 in a trillion, since 10:01:30 UTC",
          "psp=acme, region=eu, service=payments-api: volume 12.3/s, expected 120/s (102 - 139/s), odds about 1 in 700, since 10:00:30 UTC"],
        "changes":["deploy payments-api 09:58 UTC: v1.4",
                   "cutover psp=acme 2026-08-21 22:00 - 2026-08-22 11:00 UTC"],
        "incident":"inc-0001"}},
    "links":[{"href":"https://q.example/incidents/inc-0001","text":"The incident in Quell"}],
    "client":"Quell"})"));
}

TEST_CASE("PagerDuty event: an acknowledgement carries the key alone", "[paging]") {
  auto notification =
      MakeNotification(Action::kAcknowledge, SampleEvent(IncidentEventKind::kPage), "");
  notification.page_key = "inc-0001#2";
  CHECK(PagerDutyEvent(notification, Options()) ==
        R"({"routing_key":")" + kKey + R"(","event_action":"acknowledge","dedup_key":")" +
            PagerDutyDedupKey("inc-0001#2") + "\"}");
}

TEST_CASE("PagerDuty event: a resolve carries the key alone", "[paging]") {
  const json event = Checked(Sample(Action::kResolve));
  CHECK(event.size() == 3);
  CHECK(event["event_action"] == "resolve");
  CHECK(event["dedup_key"] == Checked(Sample())["dedup_key"]);
}

TEST_CASE("PagerDuty event: the dedup key follows the incident key alone", "[paging]") {
  Notification other = Sample();
  other.summary = "else";
  other.severity = incidents::Severity::kInfo;
  other.scope = Labels{};
  CHECK(Checked(other)["dedup_key"] == Checked(Sample())["dedup_key"]);
  other.incident_key = "inc-0002";
  CHECK(Checked(other)["dedup_key"] != Checked(Sample())["dedup_key"]);
  CHECK(PagerDutyDedupKey(std::string(100000, 'x')).size() <= kPagerDutyDedupKeyMax);
}

TEST_CASE("PagerDuty event: a long summary is cut to 1024 characters", "[paging]") {
  Notification n = Sample();
  n.summary.clear();
  for (int i = 0; i < 1025; ++i) n.summary += "ü";
  std::string summary = Checked(n)["payload"]["summary"];
  CHECK(CountCharacters(summary) == 1024);
  CHECK(summary.substr(summary.size() - 5) == "ü\u2026");
  n.summary.resize(2 * 1024);
  summary = Checked(n)["payload"]["summary"];
  CHECK(summary == n.summary);
}

TEST_CASE("PagerDuty event: empty fields still make a valid event", "[paging]") {
  Notification n;
  n.incident_key = "k";
  const json event = Checked(n);
  CHECK(event["payload"]["summary"] == "Incident k");
  CHECK(event["payload"]["source"] == "quell");
}

Notification Huge(size_t members, const std::string& text) {
  Notification n = Sample();
  const Notification::MemberLine line = n.members[0];
  n.members.assign(members, line);
  for (size_t i = 0; i < members; ++i) {
    n.members[i].labels = "member-" + std::to_string(i) + " " + text;
  }
  n.members_total = members + 5;
  return n;
}

TEST_CASE("PagerDuty event: members give way from the end until it fits", "[paging]") {
  const Notification n = Huge(3000, std::string(400, 'x'));
  const std::string body = PagerDutyEvent(n, Options());
  CHECK(body.size() <= kPagerDutyEventBytesMax);
  CHECK(body.size() > kPagerDutyEventBytesMax - 1000);  // and no more than it must
  const json details = Checked(n)["payload"]["custom_details"];
  const json& members = details["members"];
  CHECK(members[0].get<std::string>().find("member-0 ") == 0);
  const size_t kept = members.size() - 1;
  CHECK(members[kept] == "and " + std::to_string(3005 - kept) + " more");
  CHECK(details["evidence"].size() == 2);
  CHECK(details["changes"].size() == 2);
}

TEST_CASE("PagerDuty event: whatever is in it, it fits and says what and where", "[paging]") {
  const std::string alarm = "🚨";
  std::string wide;
  for (int i = 0; i < 3000; ++i) wide += alarm;
  const std::string controls(3000, '\x01');  // six bytes each in JSON
  const std::string broken(3000, '\xFF');    // replaced by three bytes each
  for (const std::string& text : {wide, controls, broken}) {
    Notification n = Huge(400, text);
    n.summary = n.source = n.component = n.group = n.class_ = n.link = text;
    n.evidence.assign(500, text);
    n.changes.assign(500, text);
    n.explanation.assign(500, text);
    std::vector<Label> labels;
    for (int i = 0; i < 100; ++i) labels.push_back({std::to_string(i) + text, text});
    n.scope = Labels(std::move(labels));
    const json event = Checked(n);
    const json& details = event["payload"]["custom_details"];
    CHECK_FALSE(details["scope"].empty());
    CHECK_FALSE(event["payload"]["summary"].get<std::string>().empty());
    CHECK(details["members"].size() >= 1);
    CHECK(details["explanation"].size() == incidents::kExplanationSentences + 1);
  }
}

TEST_CASE("PagerDuty event: a change is what PagerDuty takes, whatever is in it", "[paging]") {
  incidents::Change change;
  change.kind = incidents::ChangeKind::kDeploy;
  change.start = kTenOClock;
  change.end = kTenOClock + kHourMs;
  change.scope = Labels{{"service", "payments-api"}};
  change.note = "v1.4";
  const Notification told = ChangeNotification(change, kTenOClock);
  CHECK(FromJson(ToJson(told)).value() == told);
  CHECK(UrgencyOf(told) == store::Urgency::kChange);
  const auto checked = [](const Notification& one) {
    const auto check =
        test::CheckPagerDutyChange("application/json", PagerDutyChange(one, Options()));
    CHECK(check.errors == std::vector<std::string>{});
    return check.event;
  };
  CHECK(checked(told)["payload"] == json::parse(R"({
      "summary":"deploy payments-api 10:00 - 11:00 UTC: v1.4",
      "timestamp":"2026-08-22T10:00:00.000Z","source":"payments-api",
      "custom_details":{"kind":"deploy","scope":{"service":"payments-api"},
        "starts":"2026-08-22T10:00:00.000Z","ends":"2026-08-22T11:00:00.000Z"}})"));
  change.note = std::string(100000, 'x') + "\xFF";
  for (int i = 0; i < 100; ++i) change.scope.Set("l" + std::to_string(i), std::string(9000, 'y'));
  const Notification large = ChangeNotification(change, kTenOClock);
  CHECK(large.key() != told.key());
  checked(large);
  CHECK(PagerDutyChangeUrl("https://events.pagerduty.com/v2/enqueue") ==
        "https://events.pagerduty.com/v2/change/enqueue");
  CHECK(PagerDutyChangeUrl("https://events.pagerduty.com/v2").empty());
}

TEST_CASE("PagerDuty event: a linked page names the first", "[paging]") {
  Notification n = Sample();
  n.page_key = n.incident_key + "#2";
  n.linked_because = "now critical, was error";
  n.first_page_at = kTenOClock;
  const json event = Checked(n);
  const json first = Checked(Sample());
  CHECK(event["dedup_key"] != first["dedup_key"]);
  const json& linked = event["payload"]["custom_details"]["linked_to"];
  CHECK(linked["dedup_key"] == first["dedup_key"]);
  CHECK(linked["paged_at"] == "2026-08-22T10:00:00.000Z");
  CHECK(linked["because"] == "now critical, was error");
  CHECK(event["payload"]["summary"].get<std::string>().find("(now critical, was error) psp=acme") ==
        0);
  CHECK(event["links"][0]["text"] == "The incident in Quell, and its first page");
  n.action = Action::kResolve;
  CHECK(Checked(n)["dedup_key"] == event["dedup_key"]);
}

// Text of any length and of any bytes: plain, several bytes a character, control characters,
// broken UTF-8, quotes.
std::string Hostile(Random& random) {
  const std::array<std::string, 7> pieces = {"x",    "\xC3\xBC", "\xF0\x9F\x9A\xA8", "\x01",
                                             "\xFF", "\"\\",     "\xE2\x80"};
  const size_t length = random.Below(4) == 0 ? random.Below(30000) : random.Below(40);
  const size_t only = random.Below(2 * pieces.size());
  std::string text;
  while (text.size() < length) {
    text += pieces[only < pieces.size() ? only : random.Below(pieces.size())];
  }
  return text;
}

std::vector<std::string> HostileList(Random& random, size_t most) {
  std::vector<std::string> out(random.Below(2) == 0 ? random.Below(5) : random.Below(most));
  const std::string one = Hostile(random);  // making each anew would take minutes
  for (std::string& text : out) text = random.Below(20) == 0 ? Hostile(random) : one;
  return out;
}

Notification HostileNotification(Random& random) {
  Notification n = Sample();
  n.severity = static_cast<incidents::Severity>(random.Below(4));
  for (std::string* text : {&n.incident_key, &n.page_key, &n.summary, &n.source, &n.component,
                            &n.group, &n.class_, &n.link, &n.linked_because}) {
    *text = Hostile(random);
  }
  n.evidence = HostileList(random, 800);
  n.changes = HostileList(random, 800);
  n.explanation = HostileList(random, 20);
  std::vector<Label> labels;
  for (size_t i = random.Below(60); i > 0; --i) {
    labels.push_back({std::to_string(i) + Hostile(random), Hostile(random)});
  }
  n.scope = Labels(std::move(labels));
  const Notification::MemberLine line = n.members[0];
  n.members.clear();
  for (const std::string& text : HostileList(random, 1500)) {
    n.members.push_back(line);
    n.members.back().labels = text;
    n.members.back().why = text;
  }
  n.members_total = n.members.size() + random.Below(1000);
  return n;
}

TEST_CASE("PagerDuty event: of any sizes and bytes, every field keeps to the reference",
          "[paging]") {
  constexpr int kRounds = QUELL_SANITIZED ? 20 : 150;
  Random random(20260822);
  int cut = 0;
  for (int round = 0; round < kRounds; ++round) {
    INFO("round " << round);
    const Notification n = HostileNotification(random);
    const std::string body = PagerDutyEvent(n, Options());
    CHECK(body.size() <= kPagerDutyEventBytesMax);
    const json event = Checked(n);
    const json& details = event["payload"]["custom_details"];
    CHECK(CountCharacters(event["payload"]["summary"].get<std::string>()) <= 1024);
    // The most telling members stay, and all are accounted for.
    const json& members = details["members"];
    if (members.size() < n.members_total) {
      const std::string more = members.back();
      CHECK(more == "and " + std::to_string(n.members_total - members.size() + 1) + " more");
    }
    if (members.size() < n.members.size()) ++cut;
    // What gives way first is the least needed: evidence only where no member is left.
    const bool evidence_cut = details["evidence"].size() < n.evidence.size();
    CHECK((!evidence_cut || members.size() <= 1));
  }
  CHECK(cut >= kRounds / 8);
}

}  // namespace
}  // namespace quell::paging
