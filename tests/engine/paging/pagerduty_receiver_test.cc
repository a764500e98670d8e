// The receiver against a PagerDuty-compatible HTTPS server.
#include <catch2/catch.hpp>
#include <fstream>

#include "engine/paging/pagerduty_event.h"
#include "engine/paging/receiver.h"
#include "engine/paging/retry_after.h"
#include "tests/engine/paging/sample_incident.h"
#include "tests/support/pagerduty_server.h"
#include "tests/support/temp_folder.h"

namespace quell::paging {
namespace {

using incidents::IncidentEventKind;

const std::string kKey = "0123456789abcdef0123456789abcdef";

Notification Sample(Action action = Action::kTrigger) {
  return MakeNotification(action, SampleEvent(IncidentEventKind::kPage), "");
}

// A server and a receiver that trusts it.
class World {
 public:
  explicit World(DurationMs timeout_ms = 5000) {
    auto started = test::PagerDutyServer::Start(clock_, {});
    REQUIRE(started.ok());
    server = *std::move(started);
    std::ofstream(folder_.File("ca.pem")) << server->ca_pem();
    options.url = server->url();
    options.routing_key = kKey;
    options.ca_file = folder_.File("ca.pem");
    options.timeout_ms = timeout_ms;
    receiver = Make();
  }
  std::unique_ptr<Receiver> Make() {
    auto made = MakePagerDutyReceiver(options);
    REQUIRE(made.ok());
    return *std::move(made);
  }
  Delivery DeliverWith(const std::string& script, const Notification& notification = Sample()) {
    server->Fail(test::ParseFailScript(script).value());
    return receiver->Deliver(notification);
  }

 private:
  ManualClock clock_{kTenOClock};
  test::TempFolder folder_;

 public:
  PagerDutyOptions options;
  std::unique_ptr<test::PagerDutyServer> server;
  std::unique_ptr<Receiver> receiver;  // ends first: its connection is kept alive
};

TEST_CASE("PagerDuty receiver: a page opens one alert and its resolve closes it", "[paging]") {
  World world;
  CHECK(world.receiver->Deliver(Sample()).outcome == DeliveryOutcome::kDelivered);
  CHECK(world.receiver->Deliver(Sample()).outcome == DeliveryOutcome::kDelivered);
  REQUIRE(world.server->Alerts().size() == 1);
  CHECK(world.server->Alerts()[0].state == "triggered");
  CHECK(world.server->Alerts()[0].triggers == 2);
  CHECK(world.receiver->Deliver(Sample(Action::kAcknowledge)).outcome ==
        DeliveryOutcome::kDelivered);
  CHECK(world.server->Alerts()[0].state == "acknowledged");
  CHECK(world.receiver->Deliver(Sample(Action::kResolve)).outcome == DeliveryOutcome::kDelivered);
  CHECK(world.server->Alerts()[0].state == "resolved");
  const auto events = world.server->Events();
  REQUIRE(events.size() == 4);
  CHECK(events[0].effect == test::Effect::kOpened);
  CHECK(events[1].effect == test::Effect::kMerged);
  CHECK(events[3].effect == test::Effect::kResolved);
  CHECK(events[0].dedup_key == PagerDutyDedupKey("inc-0001"));
}

TEST_CASE("PagerDuty receiver: an update is skipped without a request", "[paging]") {
  World world;
  CHECK(world.receiver->Deliver(Sample(Action::kUpdate)).outcome == DeliveryOutcome::kSkipped);
  CHECK(world.server->Requests().empty());
}

TEST_CASE("PagerDuty receiver: status decides between delivered, retry and reject", "[paging]") {
  World world;
  struct Case {
    const char* script;
    DeliveryOutcome outcome;
    DurationMs retry_after_ms;
    bool maybe_taken;
  };
  using enum DeliveryOutcome;
  const std::vector<Case> cases = {
      {"pass", kDelivered, 0, false},    {"200", kDelivered, 0, false},
      {"202", kDelivered, 0, false},     {"400", kRejected, 0, false},
      {"401", kRejected, 0, false},      {"403", kRejected, 0, false},
      {"404", kRejected, 0, false},      {"413", kRejected, 0, false},
      {"429", kRetry, 30000, false},     {"429:7", kRetry, 7000, false},
      {"429:0", kRetry, 30000, false},   {"429:soon", kRetry, 30000, false},
      {"500", kRetry, 0, true},          {"502", kRetry, 0, true},
      {"503", kRetry, 0, true},          {"503:0", kRetry, 0, true},
      {"503:120", kRetry, 120000, true}, {"503:99999999", kRetry, kRetryAfterMaxMs, true},
      {"301", kRetry, 0, true},          {"reset", kRetry, 0, true},
      {"take_reset", kRetry, 0, true},
  };
  for (const Case& one : cases) {
    world.receiver = world.Make();  // libcurl repeats by itself what a kept connection loses
    const Delivery delivery = world.DeliverWith(one.script);
    INFO(one.script << ": " << delivery.detail);
    CHECK(DeliveryOutcomeName(delivery.outcome) == DeliveryOutcomeName(one.outcome));
    CHECK(delivery.retry_after_ms == one.retry_after_ms);
    CHECK(delivery.maybe_taken == one.maybe_taken);
    CHECK_FALSE(delivery.detail.empty());
  }
  CHECK(world.server->Requests().size() == cases.size());
}

TEST_CASE("PagerDuty receiver: a server that hangs costs the timeout, then a retry", "[paging]") {
  World world(200);
  const Delivery delivery = world.DeliverWith("hang");
  CHECK(delivery.outcome == DeliveryOutcome::kRetry);
  CHECK(delivery.maybe_taken);
  CHECK(delivery.detail.find("no answer: ") == 0);
}

TEST_CASE("PagerDuty receiver: a refused connection or certificate is a retry", "[paging]") {
  World world;
  world.options.ca_file.clear();
  Delivery delivery = world.Make()->Deliver(Sample());
  CHECK(delivery.outcome == DeliveryOutcome::kRetry);
  CHECK(world.server->Requests().empty());
  world.options.url = "https://127.0.0.1:1/v2/enqueue";
  delivery = world.Make()->Deliver(Sample());
  CHECK(delivery.outcome == DeliveryOutcome::kRetry);
}

TEST_CASE("PagerDuty receiver: the server's message is passed on, short and on one line",
          "[paging]") {
  World world;
  CHECK(world.DeliverWith("400").detail == "HTTP 400: Event object is invalid; scripted 400");
}

TEST_CASE("PagerDuty receiver: the routing key is in no text", "[paging]") {
  World world(200);
  for (const char* script : {"pass", "400", "429", "503", "echo", "reset", "hang"}) {
    const Delivery delivery = world.DeliverWith(script);
    CHECK(delivery.detail.find(kKey) == std::string::npos);
  }
  CHECK(world.server->Requests().at(4).errors.at(0).find(kKey) != std::string::npos);
  PagerDutyOptions bad = world.options;
  for (const std::string& key :
       {kKey + "x", kKey.substr(1), "0123 56789abcdef0123456789abcde" + kKey.substr(0, 2)}) {
    bad.routing_key = key;
    const auto made = MakePagerDutyReceiver(bad);
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().message.find(key) == std::string::npos);
    CHECK(made.error().message.find("routing_key must be 32 letters and digits") !=
          std::string::npos);
  }
}

TEST_CASE("PagerDuty receiver: options that cannot work are refused by name", "[paging]") {
  const auto error = [](auto change) {
    PagerDutyOptions options;
    options.routing_key = kKey;
    change(options);
    const auto made = MakePagerDutyReceiver(options);
    return made.ok() ? std::string("accepted") : made.error().message;
  };
  CHECK(error([](PagerDutyOptions&) {}) == "accepted");
  CHECK(error([](PagerDutyOptions& o) { o.url = "http://127.0.0.1:80/x"; }) == "accepted");
  const std::string http = "pagerduty url must begin with https:// (plain http only to this host)";
  CHECK(error([](PagerDutyOptions& o) { o.url = "http://events.pagerduty.com/x"; }) == http);
  CHECK(error([](PagerDutyOptions& o) { o.url = "http://127.0.0.1.evil.example/"; }) == http);
  CHECK(error([](PagerDutyOptions& o) { o.url = "http://127.0.0.1:x@evil.example/"; }) == http);
  CHECK(error([](PagerDutyOptions& o) { o.url = ""; }) == http);
  CHECK(error([](PagerDutyOptions& o) { o.timeout_ms = 0; }) ==
        "pagerduty timeout must be above zero, not 0 ms");
}

TEST_CASE("Retry-After: seconds and dates, anything else says nothing", "[paging]") {
  const std::string date = "Sat, 22 Aug 2026 10:00:00 GMT";
  CHECK(ParseHttpDate(date) == kTenOClock);
  CHECK(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777000);
  CHECK_FALSE(ParseHttpDate("Sat, 22 Xug 2026 10:00:00 GMT").has_value());
  CHECK_FALSE(ParseHttpDate("Sat, 32 Aug 2026 10:00:00 GMT").has_value());
  CHECK(ParseRetryAfter("0", date) == 0);
  CHECK(ParseRetryAfter("30", "") == 30000);
  CHECK(ParseRetryAfter("86400", "") == kRetryAfterMaxMs);
  CHECK(ParseRetryAfter("99999999999999999999999999", "") == kRetryAfterMaxMs);
  CHECK(ParseRetryAfter("Sat, 22 Aug 2026 10:01:30 GMT", date) == 90000);
  CHECK(ParseRetryAfter("Sat, 22 Aug 2026 09:00:00 GMT", date) == 0);
  CHECK(ParseRetryAfter("Sun, 23 Aug 2026 10:00:00 GMT", date) == kRetryAfterMaxMs);
  for (const char* nothing : {"", "-5", "1.5", "30 s", "soon", "Sat, 22 Aug 2026"}) {
    CHECK_FALSE(ParseRetryAfter(nothing, date).has_value());
  }
  CHECK_FALSE(ParseRetryAfter("Sat, 22 Aug 2026 10:01:30 GMT", "").has_value());
}

}  // namespace
}  // namespace quell::paging
