// Deliverer: takes due rows from the store's outbox and brings them to the receivers.
//
// At-least-once: a row is marked after the receiver took it. Each receiver has a lane of its own
// (thread, progress, backoff), so that a failing one neither delays nor repeats the others. In a
// lane one request is under way at a time and one incident's rows go in order; among incidents
// critical triggers go first, then triggers, resolves and updates, never more of them than the
// receiver's limit. Where there is one, an update that a later row follows is not sent. A resolve
// is owed once the receiver took the trigger, or may have, and is dropped only with a trigger that
// it never had. Retries back off exponentially with jitter (seeded), honour Retry-After (which
// holds the whole lane), and end in a dead letter after `give_up_after_ms`: of those the other
// receivers are told.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "engine/paging/receiver.h"
#include "engine/paging/route.h"
#include "engine/store/store.h"

namespace quell::paging {

struct DelivererOptions {
  std::vector<Route> routes;  // of triggers; what follows a page goes where its trigger went
  std::vector<std::string> digest_receivers;
  DurationMs poll_ms = 1000;        // looked at least this often; Wake() is immediate. >= 1
  DurationMs backoff_min_ms = 500;  // >= 1
  DurationMs backoff_max_ms = 60 * kSecondMs;  // >= backoff_min_ms
  DurationMs give_up_after_ms = 6 * kHourMs;   // since the row's first attempt, wall clock
};

struct DelivererCounters {
  std::uint64_t delivered = 0;
  std::uint64_t retried = 0;   // attempts that will be repeated
  std::uint64_t rejected = 0;  // among the dead
  std::uint64_t dead = 0;
  std::uint64_t obsolete = 0;   // the receiver never had the trigger
  std::uint64_t coalesced = 0;  // updates that a later row followed
  std::uint64_t skipped = 0;    // the receiver has no use for the action
};

// Thread-safe, but for Start() and Stop(), which belong to one owner.
class Deliverer {
 public:
  // Borrows store, clock and receivers; they must outlive it. A receiver must not be shared.
  // REQUIRES: receivers have different names; options in range.
  Deliverer(store::Store& store, Clock& clock, std::vector<Receiver*> receivers,
            const DelivererOptions& options);
  ~Deliverer();  // stops
  Deliverer(const Deliverer&) = delete;
  Deliverer& operator=(const Deliverer&) = delete;

  void Start();
  void Stop();  // finishes the attempts under way
  void Wake();  // there are new rows
  // One round over the due rows, on the caller's thread. Returns attempts made.
  // REQUIRES: not started.
  size_t RunOnce();

  [[nodiscard]] DelivererCounters counters() const;  // over all receivers
  [[nodiscard]] std::vector<std::pair<std::string, DelivererCounters>> CountersByReceiver() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace quell::paging
