// A store with an outbox, a deliverer over it and receivers that answer as told.
#pragma once

#include <catch2/catch.hpp>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "engine/paging/deliverer.h"
#include "tests/engine/paging/sample_incident.h"
#include "tests/support/temp_folder.h"

namespace quell::paging {

using store::OutboxState;

inline const Delivery kTaken{DeliveryOutcome::kDelivered, 0, false, ""};
inline const Delivery kSkipped{DeliveryOutcome::kSkipped, 0, false, "no use"};
inline const Delivery kBusy{DeliveryOutcome::kRetry, 0, false, "busy"};
inline const Delivery kLost{DeliveryOutcome::kRetry, 0, true, "connection lost"};
inline const Delivery kNo{DeliveryOutcome::kRejected, 0, false, "invalid event"};

// Answers as told, then takes everything; remembers what it was given.
class FakeReceiver final : public Receiver {
 public:
  explicit FakeReceiver(std::string name, RateLimit limit = {})
      : name_(std::move(name)), limit_(std::move(limit)) {}
  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] RateLimit rate_limit() const override { return limit_; }
  [[nodiscard]] bool Wants(Action action) const override {
    return Receiver::Wants(action) || (acknowledges && action == Action::kAcknowledge);
  }

  Delivery Deliver(const Notification& notification) override {
    const std::lock_guard lock(mutex_);
    const std::string what =
        std::string(ActionName(notification.action)) + " " + notification.incident_key;
    attempts.push_back(what);
    given.push_back(notification);
    changed_.notify_all();
    if (always.has_value()) return *always;
    if (next.empty()) return kTaken;
    const Delivery delivery = next.front();
    next.pop_front();
    return delivery;
  }
  // Blocks until so many attempts were made.
  void Await(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return attempts.size() >= count; });
  }

  std::vector<std::string> attempts;
  std::vector<Notification> given;
  std::deque<Delivery> next;
  std::optional<Delivery> always;
  bool acknowledges = false;  // shows acknowledgements

 private:
  std::string name_;
  RateLimit limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
};

using Strings = std::vector<std::string>;

class World {
 public:
  World() { Reopen(); }

  // As after kill -9: nothing survives but the store.
  void Reopen() {
    deliverer.reset();
    store.reset();
    auto opened = store::OpenSqliteStore(folder_.File("quell.db"));
    REQUIRE(opened.ok());
    store = *std::move(opened);
    deliverer = std::make_unique<Deliverer>(*store, clock, receivers_, options);
  }
  void Use(std::vector<Receiver*> receivers) {
    receivers_ = std::move(receivers);
    Reopen();
  }
  void Post(Action action, const std::string& key,
            incidents::Severity severity = incidents::Severity::kError) {
    auto event = SampleEvent(incidents::IncidentEventKind::kPage);
    event.incident.key = key;
    event.incident.severity = severity;
    const Notification notification = MakeNotification(action, event, "");
    PostBody(key, ToJson(notification), UrgencyOf(notification));
  }
  void PostBody(const std::string& key, const std::string& body,
                store::Urgency urgency = store::Urgency::kTrigger) {
    const std::uint64_t next = store->LastSequence().value() + 1;
    REQUIRE(store->Commit("p", {{next, store::EffectKind::kOutbox, kTenOClock, key, body, urgency}})
                .ok());
  }
  // Rounds, with the clock moving on, until nothing is pending (or a day has passed).
  void RunOut() {
    for (DurationMs gone = 0; gone < kDayMs; gone += 10 * kSecondMs) {
      deliverer->RunOnce();
      if (Count(OutboxState::kPending) == 0) return;
      clock.Advance(10 * kSecondMs);
    }
  }
  std::uint64_t Count(OutboxState state) { return store->CountOutbox(state).value(); }
  std::string LastError(const std::string& key) {
    return store->DeliveriesOf(key).value().back().last_error;
  }

  ManualClock clock{kTenOClock};
  DelivererOptions options;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Deliverer> deliverer;

 private:
  test::TempFolder folder_;
  std::vector<Receiver*> receivers_;
};

}  // namespace quell::paging
