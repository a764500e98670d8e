// Order and rate of what goes out, and what becomes of what does not.
#include <algorithm>

#include "engine/paging/rate_limiter.h"
#include "tests/engine/paging/delivery_world.h"

namespace quell::paging {
namespace {

using incidents::Severity;

TEST_CASE("Rate limiter: never more than its limit in any minute", "[paging]") {
  RateLimiter limiter(10);
  std::vector<DurationMs> sent;
  for (DurationMs now = 0; now < 10 * kMinuteMs; now += 700) {
    if (!limiter.TryStart(now, Share::kAll)) continue;
    sent.push_back(now);
    limiter.Finish(now + 300);
  }
  for (const DurationMs from : sent) {
    const auto within = std::count_if(sent.begin(), sent.end(), [&](DurationMs at) {
      return at >= from && at < from + kMinuteMs;
    });
    CHECK(within <= 10);
  }
  CHECK(sent.size() >= 95);
}

TEST_CASE("Rate limiter: a twentieth is for critical pages alone", "[paging]") {
  RateLimiter limiter(120);
  int ordinary = 0;
  while (limiter.TryStart(0, Share::kMost)) {
    limiter.Finish(0);
    ++ordinary;
  }
  CHECK(ordinary == 114);
  int critical = 0;
  while (limiter.TryStart(0, Share::kAll)) {
    limiter.Finish(0);
    ++critical;
  }
  CHECK(critical == 6);
  CHECK(limiter.WaitMs(1000, Share::kAll) == kMinuteMs - 1000);
  CHECK(limiter.WaitMs(kMinuteMs, Share::kMost) == 0);
}

TEST_CASE("Rate limiter: what notifies nobody leaves three quarters", "[paging]") {
  RateLimiter limiter(20);
  int changes = 0;
  for (; limiter.TryStart(0, Share::kQuarter); ++changes) limiter.Finish(0);
  CHECK(changes == 5);
  int others = 0;
  for (; limiter.TryStart(0, Share::kMost); ++others) limiter.Finish(0);
  CHECK(others == 14);
  CHECK(limiter.WaitMs(kMinuteMs, Share::kQuarter) == 0);
}

TEST_CASE("Rate limiter: requests under way take room, however long they last", "[paging]") {
  RateLimiter limiter(2);
  CHECK(limiter.TryStart(0, Share::kMost));
  CHECK(limiter.TryStart(0, Share::kMost));
  CHECK_FALSE(limiter.TryStart(10 * kMinuteMs, Share::kMost));
  CHECK(limiter.WaitMs(10 * kMinuteMs, Share::kMost) > 0);
  limiter.Finish(10 * kMinuteMs);
  CHECK_FALSE(limiter.TryStart(10 * kMinuteMs, Share::kMost));
  limiter.Finish(10 * kMinuteMs);
  CHECK(limiter.TryStart(11 * kMinuteMs, Share::kMost));
}

TEST_CASE("Deliverer: a storm goes out by urgency and within the limit", "[paging]") {
  FakeReceiver pd("pd", {120, "key"});
  World world;
  world.Use({&pd});
  for (int i = 0; i < 600; ++i) {
    world.Post(Action::kTrigger, "k" + std::to_string(i),
               i % 10 == 7 ? Severity::kCritical : Severity::kError);
  }
  std::vector<size_t> by_minute;
  for (int minute = 0; minute < 6; ++minute) {
    const size_t before = pd.attempts.size();
    for (int second = 0; second < 60; ++second) {
      world.deliverer->RunOnce();
      world.clock.Advance(kSecondMs);
    }
    by_minute.push_back(pd.attempts.size() - before);
  }
  CHECK(pd.attempts.size() == 600);
  CHECK(*std::max_element(by_minute.begin(), by_minute.end()) <= 120);
  CHECK(by_minute.front() >= 114);
  for (size_t i = 0; i < 60; ++i) CHECK(pd.given[i].severity == Severity::kCritical);
  CHECK(pd.attempts[0] == "trigger k7");
  CHECK(pd.attempts[60] == "trigger k0");
}

TEST_CASE("Deliverer: a critical page overtakes a storm that has used up the limit", "[paging]") {
  FakeReceiver pd("pd", {120, "key"});
  World world;
  world.Use({&pd});
  for (int i = 0; i < 200; ++i) world.Post(Action::kTrigger, "k" + std::to_string(i));
  world.deliverer->RunOnce();
  CHECK(pd.attempts.size() == 114);
  world.Post(Action::kTrigger, "worse", Severity::kCritical);
  world.deliverer->RunOnce();
  CHECK(pd.attempts.size() == 115);
  CHECK(pd.attempts.back() == "trigger worse");
}

TEST_CASE("Deliverer: triggers go before resolves, and those before updates", "[paging]") {
  FakeReceiver pd("pd", {20, "key"});
  World world;
  world.Use({&pd});
  world.Post(Action::kTrigger, "a");
  world.Post(Action::kTrigger, "b");
  world.deliverer->RunOnce();
  pd.attempts.clear();
  world.Post(Action::kUpdate, "a");
  world.Post(Action::kResolve, "b");
  world.Post(Action::kTrigger, "c");
  world.RunOut();
  CHECK(pd.attempts == Strings{"trigger c", "resolve b", "update a"});
}

TEST_CASE("Deliverer: an acknowledgement goes among the resolves and hides no update", "[paging]") {
  FakeReceiver pd("pd", {20, "key"});
  FakeReceiver slack("slack", {20, ""});
  pd.acknowledges = true;
  World world;
  world.Use({&pd, &slack});
  world.Post(Action::kTrigger, "a");
  world.Post(Action::kTrigger, "b");
  world.Post(Action::kTrigger, "c");
  world.deliverer->RunOnce();
  pd.attempts.clear();
  slack.attempts.clear();
  world.Post(Action::kUpdate, "c");
  world.Post(Action::kAcknowledge, "c");
  world.Post(Action::kAcknowledge, "a");
  world.Post(Action::kResolve, "b");
  world.Post(Action::kTrigger, "d");
  world.RunOut();
  CHECK(pd.attempts ==
        Strings{"trigger d", "acknowledge a", "resolve b", "update c", "acknowledge c"});
  CHECK(slack.attempts == Strings{"trigger d", "resolve b", "update c"});
  CHECK(world.store->UnresolvedKeys().value() == Strings{"a", "c", "d"});
}

TEST_CASE("Deliverer: an acknowledgement goes to those alone who took the page, once", "[paging]") {
  FakeReceiver pd("pd", {20, "key"});
  FakeReceiver other("other", {20, "another key"});
  pd.acknowledges = other.acknowledges = true;
  other.always = kNo;
  World world;
  world.Use({&pd, &other});
  world.Post(Action::kTrigger, "a");
  world.deliverer->RunOnce();
  world.Post(Action::kAcknowledge, "a");
  pd.next = {kBusy};
  world.deliverer->RunOnce();
  world.Reopen();  // as after kill -9
  world.RunOut();
  world.Reopen();
  world.RunOut();
  CHECK(std::count(pd.attempts.begin(), pd.attempts.end(), "acknowledge a") == 2);
  CHECK(world.LastError("a") == "");
  CHECK(std::count(other.attempts.begin(), other.attempts.end(), "acknowledge a") == 0);
}

TEST_CASE("Deliverer: of updates that wait only the last goes out", "[paging]") {
  FakeReceiver slack("slack", {20, ""});
  FakeReceiver log("log");
  World world;
  world.Use({&slack, &log});
  world.Post(Action::kTrigger, "a");
  for (int i = 0; i < 5; ++i) world.Post(Action::kUpdate, "a");
  world.RunOut();
  CHECK(slack.attempts == Strings{"trigger a", "update a"});
  CHECK(log.attempts.size() == 6);  // what has no limit is told everything
  CHECK(world.deliverer->counters().coalesced == 4);
  slack.attempts.clear();
  world.Post(Action::kUpdate, "a");
  world.Post(Action::kResolve, "a");
  world.RunOut();
  CHECK(slack.attempts == Strings{"resolve a"});
}

TEST_CASE("Deliverer: a trigger and a resolve that both wait are both owed", "[paging]") {
  FakeReceiver pd("pd", {20, "key"});
  World world;
  world.Use({&pd});
  world.Post(Action::kTrigger, "a");
  world.Post(Action::kUpdate, "a");
  world.Post(Action::kResolve, "a");
  world.RunOut();
  CHECK(pd.attempts == Strings{"trigger a", "resolve a"});
}

TEST_CASE("Deliverer: receivers with one routing key share its limit", "[paging]") {
  FakeReceiver one("one", {40, "key"});
  FakeReceiver two("two", {40, "key"});
  FakeReceiver other("other", {40, "another key"});
  World world;
  world.Use({&one, &two, &other});
  for (int i = 0; i < 60; ++i) world.Post(Action::kTrigger, "k" + std::to_string(i));
  world.deliverer->RunOnce();
  CHECK(one.attempts.size() + two.attempts.size() == 38);
  CHECK(other.attempts.size() == 38);
}

TEST_CASE("Deliverer: what was sent before a restart counts", "[paging]") {
  FakeReceiver pd("pd", {40, "key"});
  World world;
  world.Use({&pd});
  for (int i = 0; i < 60; ++i) world.Post(Action::kTrigger, "k" + std::to_string(i));
  world.deliverer->RunOnce();
  CHECK(pd.attempts.size() == 38);
  world.clock.Advance(20 * kSecondMs);
  world.Reopen();
  world.deliverer->RunOnce();
  CHECK(pd.attempts.size() == 38);
  world.clock.Advance(40 * kSecondMs);
  world.deliverer->RunOnce();
  CHECK(pd.attempts.size() == 60);
}

TEST_CASE("Deliverer: the other receivers are told of a dead letter, once an hour", "[paging]") {
  FakeReceiver pd("pd");
  pd.always = kNo;
  FakeReceiver log("log");
  World world;
  world.Use({&pd, &log});
  world.Post(Action::kTrigger, "a");
  for (int i = 0; i < 3; ++i) world.deliverer->RunOnce();
  CHECK(pd.attempts == Strings{"trigger a"});
  REQUIRE(log.attempts == Strings{"trigger a", "trigger dead-letters/pd"});
  CHECK(log.given[1].summary == "Quell could not deliver 1 page to pd: invalid event");
  CHECK(world.store->CountDeadLetters().value() == 1);
  world.Post(Action::kTrigger, "b");
  world.Post(Action::kTrigger, "c");
  for (int minute = 0; minute < 50; ++minute) {
    world.deliverer->RunOnce();
    world.clock.Advance(kMinuteMs);
    if (minute == 20) world.Reopen();
  }
  CHECK(log.attempts.size() == 4);
  for (int minute = 0; minute < 30; ++minute) {
    world.deliverer->RunOnce();
    world.clock.Advance(kMinuteMs);
  }
  REQUIRE(log.attempts.size() == 5);
  CHECK(log.given[4].summary == "Quell could not deliver 2 pages to pd: invalid event");
}

TEST_CASE("Deliverer: a notice of dead letters that fails comes again", "[paging]") {
  FakeReceiver pd("pd");
  pd.next = {kNo};
  FakeReceiver log("log");
  log.next = {kTaken, kBusy, kTaken};
  World world;
  world.Use({&pd, &log});
  world.Post(Action::kTrigger, "a");
  for (int minute = 0; minute < 10; ++minute) {
    world.deliverer->RunOnce();
    world.clock.Advance(kMinuteMs);
  }
  CHECK(log.attempts == Strings{"trigger a", "trigger dead-letters/pd", "trigger dead-letters/pd"});
}

}  // namespace
}  // namespace quell::paging
