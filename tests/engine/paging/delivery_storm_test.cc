// Storms and faults, over HTTPS, against a server that counts as PagerDuty does.
#include <fstream>
#include <iostream>

#include "tests/engine/paging/delivery_world.h"
#include "tests/support/pagerduty_server.h"

namespace quell::paging {
namespace {

using incidents::Severity;

// A deliverer with PagerDuty as its receiver, on one clock with the server.
class Paging {
 public:
  explicit Paging(int per_minute) {
    test::PagerDutyServerOptions server_options;
    server_options.per_minute = per_minute;
    auto started = test::PagerDutyServer::Start(world.clock, server_options);
    REQUIRE(started.ok());
    server = *std::move(started);
    std::ofstream(folder_.File("ca.pem")) << server->ca_pem();
    PagerDutyOptions options;
    options.url = server->url();
    options.routing_key = std::string(32, 'k');
    options.ca_file = folder_.File("ca.pem");
    auto made = MakePagerDutyReceiver(options);
    REQUIRE(made.ok());
    receiver_ = *std::move(made);
    world.Use({receiver_.get()});
  }
  ~Paging() { world.Use({}); }

  World world;
  std::unique_ptr<test::PagerDutyServer> server;

 private:
  test::TempFolder folder_;
  std::unique_ptr<Receiver> receiver_;
};

TEST_CASE("Storm: 600 incidents at 120 a minute, the critical ones first", "[paging][storm]") {
  Paging paging(120);
  for (int i = 0; i < 600; ++i) {
    paging.world.Post(Action::kTrigger, "k" + std::to_string(i),
                      i >= 570 ? Severity::kCritical : Severity::kWarning);
  }
  const TimeMs begun = paging.world.clock.WallMs();
  SystemClock real;
  const DurationMs started = real.MonotonicMs();
  paging.world.deliverer->RunOnce();
  const DurationMs first_round = real.MonotonicMs() - started;
  const size_t in_first_round = paging.server->Events().size();
  while (paging.world.Count(OutboxState::kPending) > 0) {
    paging.world.clock.Advance(250);
    paging.world.deliverer->RunOnce();
    REQUIRE(paging.world.clock.WallMs() - begun < kHourMs);
  }
  const auto events = paging.server->Events();
  REQUIRE(events.size() == 600);
  for (size_t i = 0; i < 30; ++i) CHECK(events[i].event["payload"]["severity"] == "critical");
  for (const auto& event : events) CHECK(event.effect == test::Effect::kOpened);
  const size_t requests = paging.server->Requests().size();
  CHECK(static_cast<double>(requests) <= 1.05 * 600);
  CHECK(paging.server->RateLimited() == 0);
  const DurationMs last = events.back().received - begun;
  CHECK(last <= 5 * kMinuteMs + kSecondMs);
  std::cout << "storm of 600 at 120 a minute: " << requests << " requests, a request in the first "
            << "round took "
            << static_cast<double>(first_round) / static_cast<double>(in_first_round)
            << " ms, the last was delivered after " << last / kSecondMs << " s\n";
}

TEST_CASE("Storm: with updates, resolves and a critical page in the middle", "[paging][storm]") {
  Paging paging(120);
  for (int i = 0; i < 200; ++i) {
    const std::string key = "k" + std::to_string(i);
    paging.world.Post(Action::kTrigger, key, Severity::kError);
    for (int update = 0; update < 5; ++update) paging.world.Post(Action::kUpdate, key);
    if (i % 2 == 0) paging.world.Post(Action::kResolve, key);
  }
  bool posted = false;
  DurationMs waited = -1;
  const TimeMs begun = paging.world.clock.WallMs();
  while (paging.world.Count(OutboxState::kPending) > 0 || !posted) {
    paging.world.deliverer->RunOnce();
    if (posted && waited < 0) {
      waited = paging.server->Alerts().back().severity == "critical" ? 0 : 1;
    }
    if (!posted && paging.server->Events().size() >= 114) {
      paging.world.Post(Action::kTrigger, "worse", Severity::kCritical);
      posted = true;
      continue;  // without time going on
    }
    paging.world.clock.Advance(250);
    REQUIRE(paging.world.clock.WallMs() - begun < kHourMs);
  }
  CHECK(waited == 0);
  CHECK(paging.server->Events().size() == 301);
  CHECK(paging.server->Requests().size() <= 316);
  size_t resolved = 0;
  for (const test::Alert& alert : paging.server->Alerts()) resolved += alert.state == "resolved";
  CHECK(resolved == 100);
}

TEST_CASE("Storm: a server that fails in every way gets every page once", "[paging][storm]") {
  for (const char* script :
       {"503x3,reset,take_reset,429:2,500:1,take_reset,503:0,reset,502",
        "429:999999,429:0x3,429:soon", "take_reset,take_reset,take_reset,take_reset,503x20",
        "429:-5,503:-1,301,204x2,reset"}) {
    INFO(script);
    Paging paging(0);
    paging.server->Fail(test::ParseFailScript(script).value());
    for (int i = 0; i < 12; ++i) {
      paging.world.Post(Action::kTrigger, "k" + std::to_string(i));
      paging.world.Post(Action::kResolve, "k" + std::to_string(i));
    }
    const TimeMs begun = paging.world.clock.WallMs();
    paging.world.RunOut();
    CHECK(paging.world.Count(OutboxState::kDead) == 0);
    CHECK(paging.world.clock.WallMs() - begun < 30 * kMinuteMs);
    // 204 says "taken" without taking: what a server lies about cannot be known.
    const size_t lies = std::string_view(script).find("204x2") == std::string_view::npos ? 0 : 2;
    const auto alerts = paging.server->Alerts();
    CHECK(alerts.size() + lies >= 12);
    for (const test::Alert& alert : alerts) CHECK(alert.state == "resolved");
  }
}

}  // namespace
}  // namespace quell::paging
