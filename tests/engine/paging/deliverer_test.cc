#include "engine/paging/deliverer.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "engine/paging/backoff.h"
#include "tests/engine/paging/delivery_world.h"

namespace quell::paging {
namespace {

TEST_CASE("Deliverer: one incident's rows go in order", "[paging]") {
  FakeReceiver pd("pd");
  World world;
  world.Use({&pd});
  world.Post(Action::kTrigger, "a");
  world.Post(Action::kUpdate, "a");
  world.Post(Action::kTrigger, "b");
  world.Post(Action::kResolve, "a");
  CHECK(world.deliverer->RunOnce() == 4);
  CHECK(pd.attempts == Strings{"trigger a", "trigger b", "update a", "resolve a"});
  CHECK(world.Count(OutboxState::kDelivered) == 4);
  CHECK(world.deliverer->RunOnce() == 0);
}

TEST_CASE("Deliverer: a digest goes once to those who asked for it", "[paging]") {
  FakeReceiver pd("pd");
  FakeReceiver chat("chat");
  chat.next = {kBusy};
  World world;
  world.options.digest_receivers = {"chat"};
  world.Use({&pd, &chat});
  world.Post(Action::kTrigger, "a");
  world.Post(Action::kDigest, "digest/2026-08-22");
  world.RunOut();
  CHECK(pd.attempts == Strings{"trigger a"});
  CHECK(chat.attempts.size() == 3);  // the first was busy
  CHECK(std::count(chat.attempts.begin(), chat.attempts.end(), "digest digest/2026-08-22") >= 1);
  const size_t told = chat.attempts.size();
  world.Reopen();
  world.RunOut();
  CHECK(chat.attempts.size() == told);
}

TEST_CASE("Deliverer: a failing incident holds back its own rows only", "[paging]") {
  FakeReceiver pd("pd");
  pd.next = {kBusy};
  World world;
  world.Use({&pd});
  world.Post(Action::kTrigger, "a");
  world.Post(Action::kResolve, "a");
  world.Post(Action::kTrigger, "b");
  world.deliverer->RunOnce();
  CHECK(pd.attempts == Strings{"trigger a", "trigger b"});
  world.clock.Advance(kSecondMs);
  world.deliverer->RunOnce();
  CHECK(pd.attempts == Strings{"trigger a", "trigger b", "trigger a", "resolve a"});
}

TEST_CASE("Deliverer: a resolve is owed over a restart once the trigger was taken", "[paging]") {
  FakeReceiver pd("pd");
  World world;
  world.Use({&pd});
  world.Post(Action::kTrigger, "a");
  world.deliverer->RunOnce();
  world.Reopen();
  world.Post(Action::kResolve, "a");
  world.Reopen();
  world.RunOut();
  CHECK(pd.attempts == Strings{"trigger a", "resolve a"});
  CHECK(world.Count(OutboxState::kDelivered) == 2);
}

TEST_CASE("Deliverer: an incident that came and went during an outage is told in full",
          "[paging]") {
  FakeReceiver pd("pd");
  pd.always = kLost;
  World world;
  world.Use({&pd});
  world.Post(Action::kTrigger, "a");
  world.Post(Action::kResolve, "a");
  for (int i = 0; i < 100; ++i) {
    world.deliverer->RunOnce();
    world.clock.Advance(kMinuteMs);
  }
  CHECK(world.Count(OutboxState::kPending) == 2);
  pd.always.reset();
  pd.attempts.clear();
  world.Reopen();
  world.RunOut();
  CHECK(pd.attempts == Strings{"trigger a", "resolve a"});
}

TEST_CASE("Deliverer: with a rejected trigger its resolve is obsolete", "[paging]") {
  FakeReceiver pd("pd");
  pd.next = {kNo};
  World world;
  world.Use({&pd});
  world.Post(Action::kTrigger, "a");
  world.Post(Action::kUpdate, "a");
  world.Post(Action::kResolve, "a");
  world.RunOut();
  CHECK(pd.attempts == Strings{"trigger a"});
  CHECK(world.Count(OutboxState::kDead) == 1);
  CHECK(world.Count(OutboxState::kObsolete) == 2);
  const DelivererCounters counters = world.deliverer->counters();
  CHECK(counters.rejected == 1);
  CHECK(counters.dead == 1);
  CHECK(counters.obsolete == 2);
  CHECK(counters.delivered == 0);
}

TEST_CASE("Deliverer: a trigger that was refused to the end leaves no resolve", "[paging]") {
  FakeReceiver pd("pd");
  pd.always = kBusy;
  World world;
  world.Use({&pd});
  world.Post(Action::kTrigger, "a");
  world.Post(Action::kResolve, "a");
  world.RunOut();
  CHECK(world.Count(OutboxState::kDead) == 1);
  CHECK(world.Count(OutboxState::kObsolete) == 1);
  CHECK(world.clock.WallMs() - kTenOClock >= world.options.give_up_after_ms);
  CHECK(world.clock.WallMs() - kTenOClock < world.options.give_up_after_ms + 2 * kMinuteMs);
}

TEST_CASE("Deliverer: a trigger that may have arrived keeps its resolve owed", "[paging]") {
  FakeReceiver pd("pd");
  pd.next = {kLost};  // taken, but the answer was lost
  World world;
  world.Use({&pd});
  world.Post(Action::kTrigger, "a");
  world.deliverer->RunOnce();
  pd.always = kBusy;
  for (DurationMs gone = 0; gone < 7 * kHourMs; gone += kMinuteMs) {
    world.deliverer->RunOnce();
    world.clock.Advance(kMinuteMs);
  }
  CHECK(world.Count(OutboxState::kDead) == 1);
  CHECK(world.store->DeliveriesOf("a").value().at(0).last_error.find("gave up after ") == 0);
  pd.always.reset();
  pd.attempts.clear();
  world.Post(Action::kResolve, "a");
  world.RunOut();
  CHECK(pd.attempts == Strings{"resolve a"});
}

TEST_CASE("Deliverer: a failing receiver neither holds up nor repeats the other", "[paging]") {
  FakeReceiver bad("bad");
  bad.always = kLost;
  FakeReceiver good("good");
  World world;
  world.Use({&bad, &good});
  world.Post(Action::kTrigger, "a");
  world.Post(Action::kResolve, "a");
  for (int i = 0; i < 50; ++i) {
    world.deliverer->RunOnce();
    world.clock.Advance(kMinuteMs);
    if (i == 20) world.Reopen();
  }
  CHECK(good.attempts == Strings{"trigger a", "resolve a"});
  CHECK(bad.attempts.size() > 10);
  CHECK(world.Count(OutboxState::kPending) == 2);
  bad.always.reset();
  bad.attempts.clear();
  world.RunOut();
  CHECK(bad.attempts == Strings{"trigger a", "resolve a"});
  CHECK(good.attempts.size() == 2);
  CHECK(world.Count(OutboxState::kDelivered) == 2);
  const auto counters = world.deliverer->CountersByReceiver();
  REQUIRE(counters.size() == 2);
  CHECK(counters[0].first == "bad");
  CHECK(counters[0].second.retried > 0);
  CHECK(counters[1].second.retried == 0);
}

TEST_CASE("Deliverer: Retry-After is kept to, and for the whole receiver", "[paging]") {
  FakeReceiver pd("pd");
  pd.next = {{DeliveryOutcome::kRetry, 90 * kSecondMs, false, "429"}};
  World world;
  world.Use({&pd});
  world.Post(Action::kTrigger, "a");
  world.Post(Action::kTrigger, "b");
  for (int second = 0; second < 90; ++second) {
    world.deliverer->RunOnce();
    world.clock.Advance(kSecondMs);
  }
  CHECK(pd.attempts == Strings{"trigger a"});
  world.deliverer->RunOnce();
  CHECK(pd.attempts == Strings{"trigger a", "trigger b", "trigger a"});
}

TEST_CASE("Deliverer: in an outage one row at a time finds out", "[paging]") {
  FakeReceiver pd("pd");
  pd.always = kLost;
  World world;
  world.Use({&pd});
  for (int i = 0; i < 200; ++i) world.Post(Action::kTrigger, "k" + std::to_string(i));
  for (int second = 0; second < 60; ++second) {
    world.deliverer->RunOnce();
    world.clock.Advance(kSecondMs);
  }
  CHECK(pd.attempts.size() >= 10);
  CHECK(pd.attempts.size() <= 30);
  pd.always.reset();
  world.clock.Advance(5 * kSecondMs);
  pd.attempts.clear();
  world.RunOut();
  CHECK(pd.attempts.size() == 200);
}

TEST_CASE("Deliverer: an update that a receiver has no use for does not come again", "[paging]") {
  FakeReceiver pd("pd");
  pd.next = {kTaken, kSkipped};
  World world;
  world.Use({&pd});
  world.Post(Action::kTrigger, "a");
  world.Post(Action::kUpdate, "a");
  world.Post(Action::kResolve, "a");
  world.RunOut();
  CHECK(pd.attempts == Strings{"trigger a", "update a", "resolve a"});
  CHECK(world.deliverer->counters().skipped == 1);
  CHECK(world.Count(OutboxState::kObsolete) == 1);
}

TEST_CASE("Deliverer: a row that cannot be read is a dead letter, the next goes on", "[paging]") {
  FakeReceiver pd("pd");
  World world;
  world.Use({&pd});
  world.PostBody("a", "not json");
  world.Post(Action::kTrigger, "b");
  world.RunOut();
  CHECK(pd.attempts == Strings{"trigger b"});
  CHECK(world.Count(OutboxState::kDead) == 1);
  CHECK(world.LastError("a") == "notification is not a JSON object");
}

TEST_CASE("Deliverer: a receiver that joins later gets what is pending, not old resolves",
          "[paging]") {
  FakeReceiver old("old");
  FakeReceiver late("late");
  World world;
  world.Use({&old});
  world.Post(Action::kTrigger, "a");
  world.RunOut();
  world.Use({&old, &late});
  world.Post(Action::kResolve, "a");
  world.Post(Action::kTrigger, "b");
  world.RunOut();
  CHECK(old.attempts == Strings{"trigger a", "trigger b", "resolve a"});
  CHECK(late.attempts == Strings{"trigger b"});
  CHECK(world.Count(OutboxState::kPending) == 0);
}

TEST_CASE("Deliverer: a receiver that left is not waited for", "[paging]") {
  FakeReceiver stays("stays");
  FakeReceiver leaves("leaves");
  leaves.always = kLost;
  World world;
  world.Use({&stays, &leaves});
  world.Post(Action::kTrigger, "a");
  world.deliverer->RunOnce();
  CHECK(world.Count(OutboxState::kPending) == 1);
  world.Use({&stays});
  world.deliverer->RunOnce();
  CHECK(world.Count(OutboxState::kPending) == 0);
  CHECK(stays.attempts.size() == 1);
}

TEST_CASE("Deliverer: its thread delivers when woken, and stops", "[paging]") {
  FakeReceiver one("one");
  FakeReceiver two("two");
  World world;
  SystemClock clock;
  DelivererOptions options;
  options.poll_ms = kHourMs;
  Deliverer deliverer(*world.store, clock, {&one, &two}, options);
  deliverer.Start();
  for (size_t i = 1; i <= 5; ++i) {
    world.Post(Action::kTrigger, "k" + std::to_string(i));
    deliverer.Wake();
    one.Await(i);
    two.Await(i);
  }
  deliverer.Stop();
  CHECK(deliverer.counters().delivered == 10);
  CHECK(world.Count(OutboxState::kDelivered) == 5);
}

TEST_CASE("Backoff: doubles up to its maximum, jittered and repeatable", "[paging]") {
  std::map<DurationMs, int> first;
  for (std::uint64_t sequence = 1; sequence <= 200; ++sequence) {
    DurationMs full = 500;
    for (int attempt = 1; attempt <= 60; ++attempt) {
      const DurationMs delay = BackoffMs(500, 60000, sequence, "pd", attempt);
      CHECK(delay >= full / 2);
      CHECK(delay <= full);
      CHECK(delay == BackoffMs(500, 60000, sequence, "pd", attempt));
      full = std::min<DurationMs>(full * 2, 60000);
    }
    ++first[BackoffMs(500, 60000, sequence, "pd", 1)];
  }
  CHECK(first.size() > 100);  // rows that failed together do not come back together
  CHECK(BackoffMs(1, 1, 1, "pd", 1) == 1);
  CHECK(BackoffMs(500, 60000, 1, "pd", 9) != BackoffMs(500, 60000, 1, "file", 9));
}

}  // namespace
}  // namespace quell::paging
