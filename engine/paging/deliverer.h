// Deliverer: takes due rows from the store's outbox and brings them to the receivers.
//
// At-least-once: a row is marked after the receiver took it. One incident's rows go in order; a
// resolve is owed once a trigger was accepted, and is dropped only with a trigger that never was.
// Retries back off exponentially with jitter (seeded), honour Retry-After, and end in a dead
// letter after `give_up_after_ms`. One thread of its own between Start() and Stop().
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/clock.h"
#include "engine/paging/receiver.h"
#include "engine/store/store.h"

namespace quell::paging {

struct DelivererOptions {
  DurationMs poll_ms = 1000;            // looked at least this often; Wake() is immediate
  DurationMs backoff_min_ms = 500;
  DurationMs backoff_max_ms = 60 * kSecondMs;
  DurationMs give_up_after_ms = 6 * kHourMs;
};

struct DelivererCounters {
  std::uint64_t delivered = 0, retried = 0, rejected = 0, dead = 0, obsolete = 0;
};

class Deliverer {
 public:
  // Borrows store, clock and receivers; they must outlive it.
  Deliverer(store::Store& store, Clock& clock, std::vector<Receiver*> receivers,
            const DelivererOptions& options);
  ~Deliverer();  // stops
  void Start();
  void Stop();   // finishes the attempt under way
  void Wake();   // there are new rows
  // One round over the due rows, on the caller's thread (tests). Returns rows attempted.
  size_t RunOnce();
  [[nodiscard]] DelivererCounters counters() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace quell::paging
