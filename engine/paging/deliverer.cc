#include "engine/paging/deliverer.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "core/check.h"
#include "core/log.h"
#include "engine/paging/backoff.h"

namespace quell::paging {
namespace {

using store::DeliveryRow;
using store::DueDelivery;
using store::OutboxState;

constexpr size_t kBatch = 16;          // rows read at once
constexpr size_t kAttemptsMax = 1000;  // in one round of one lane
// After two failures in a row the lane rests, at most so long: in an outage one row at a time
// finds out, and what is new is not held up by what fails for reasons of its own.
constexpr DurationMs kRestMaxMs = 5 * kSecondMs;
constexpr int kFailuresBeforeRest = 2;

}  // namespace

struct Deliverer::State {
  struct Lane {
    explicit Lane(Receiver& r) : receiver(&r), name(r.name()) {}
    Receiver* receiver;
    std::string name;
    std::thread thread;
    int failures = 0;            // in a row; touched by the lane's thread alone
    DurationMs rest_until = 0;   // monotonic; touched by the lane's thread alone
    DelivererCounters counters;  // guarded by State::mutex
  };

  State(store::Store& s, Clock& c, const DelivererOptions& o) : store(s), clock(c), options(o) {}

  void Settle();
  void Loop(Lane& lane);
  size_t Round(Lane& lane);
  bool Attempt(Lane& lane, const DueDelivery& due);
  void Judge(Lane& lane, const Delivery& delivery, DeliveryRow& row, TimeMs now);
  void Rest(Lane& lane, const Delivery& delivery, std::uint64_t sequence);
  bool Save(Lane& lane, const DeliveryRow& row);
  void LogOutcome(const Lane& lane, const DueDelivery& due, const DeliveryRow& row,
                  std::string_view action) const;
  void Count(Lane& lane, std::uint64_t DelivererCounters::*counter);
  bool Stopping();

  store::Store& store;
  Clock& clock;
  const DelivererOptions options;
  std::vector<std::string> names;
  std::vector<std::unique_ptr<Lane>> lanes;

  std::mutex mutex;  // guards what follows, and the lanes' counters
  std::condition_variable wake;
  std::uint64_t wakes = 0;
  bool stopping = false;
  bool settled = false;
};

bool Deliverer::State::Stopping() {
  const std::lock_guard lock(mutex);
  return stopping;
}

void Deliverer::State::Count(Lane& lane, std::uint64_t DelivererCounters::*counter) {
  const std::lock_guard lock(mutex);
  ++(lane.counters.*counter);
}

// Rows that only a receiver of an earlier configuration still waited for end here.
void Deliverer::State::Settle() {
  {
    const std::lock_guard lock(mutex);
    if (settled) return;
    settled = true;
  }
  const Status status = store.SettleOutbox(names);
  if (!status.ok()) {
    Log(LogLevel::kError, "outbox not settled", {{"error", status.error().message}});
  }
}

void Deliverer::State::Loop(Lane& lane) {
  std::uint64_t seen = 0;
  for (;;) {
    {
      std::unique_lock lock(mutex);
      if (stopping) return;
      seen = wakes;
    }
    Round(lane);
    std::unique_lock lock(mutex);
    if (stopping) return;
    if (wakes == seen) clock.WaitFor(wake, lock, options.poll_ms);
  }
}

// Rows of one batch are of different incidents; the next of an incident comes with the next batch.
size_t Deliverer::State::Round(Lane& lane) {
  // No row is ever scheduled further ahead than this by a clock that is right.
  const DurationMs horizon = std::max(options.backoff_max_ms, kRetryAfterMaxMs) + kHourMs;
  size_t attempts = 0;
  while (attempts < kAttemptsMax) {
    if (clock.MonotonicMs() < lane.rest_until) break;
    const auto due = store.DueDeliveries(lane.name, clock.WallMs(), horizon, kBatch);
    if (!due.ok()) {
      Log(LogLevel::kError, "outbox not readable",
          {{"receiver", lane.name}, {"error", due.error().message}});
      break;
    }
    if (due->empty()) break;
    for (const DueDelivery& one : *due) {
      if (Stopping()) return attempts;
      ++attempts;
      if (!Attempt(lane, one) || clock.MonotonicMs() < lane.rest_until) return attempts;
    }
  }
  return attempts;
}

// False where the store did not take the outcome.
bool Deliverer::State::Attempt(Lane& lane, const DueDelivery& due) {
  DeliveryRow row = due.delivery;
  const Result<Notification> notification = FromJson(due.outbox.body);
  std::string_view action = "unknown";
  if (!notification.ok()) {
    row.state = OutboxState::kDead;
    row.last_error = notification.error().message;
    Count(lane, &DelivererCounters::dead);
  } else if (notification->action != Action::kTrigger && due.earlier_rows && !due.earlier_taken) {
    action = ActionName(notification->action);
    row.state = OutboxState::kObsolete;
    row.last_error = "the receiver never had the incident's trigger";
    Count(lane, &DelivererCounters::obsolete);
  } else {
    action = ActionName(notification->action);
    ++row.attempts;
    if (row.first_attempt_ms == 0) row.first_attempt_ms = clock.WallMs();
    const Delivery delivery = lane.receiver->Deliver(*notification);
    Judge(lane, delivery, row, clock.WallMs());
  }
  LogOutcome(lane, due, row, action);
  return Save(lane, row);
}

void Deliverer::State::Judge(Lane& lane, const Delivery& delivery, DeliveryRow& row, TimeMs now) {
  row.last_error = delivery.detail;
  row.maybe_taken = row.maybe_taken || delivery.maybe_taken;
  if (delivery.outcome != DeliveryOutcome::kRetry) lane.failures = 0;
  switch (delivery.outcome) {
    case DeliveryOutcome::kDelivered:
      row.state = OutboxState::kDelivered;
      row.last_error.clear();
      Count(lane, &DelivererCounters::delivered);
      return;
    case DeliveryOutcome::kSkipped:
      row.state = OutboxState::kObsolete;
      Count(lane, &DelivererCounters::skipped);
      return;
    case DeliveryOutcome::kRejected:
      row.state = OutboxState::kDead;
      Count(lane, &DelivererCounters::rejected);
      Count(lane, &DelivererCounters::dead);
      return;
    case DeliveryOutcome::kRetry:
      break;
  }
  Rest(lane, delivery, row.sequence);
  if (now - row.first_attempt_ms >= options.give_up_after_ms) {
    row.state = OutboxState::kDead;
    row.last_error =
        "gave up after " + std::to_string(row.attempts) + " attempts; " + row.last_error;
    Count(lane, &DelivererCounters::dead);
    return;
  }
  const DurationMs backoff = BackoffMs(options.backoff_min_ms, options.backoff_max_ms, row.sequence,
                                       lane.name, row.attempts);
  row.next_attempt_ms =
      now + std::max(backoff, std::min(delivery.retry_after_ms, kRetryAfterMaxMs));
  Count(lane, &DelivererCounters::retried);
}

void Deliverer::State::Rest(Lane& lane, const Delivery& delivery, std::uint64_t sequence) {
  ++lane.failures;
  DurationMs rest = std::min(delivery.retry_after_ms, kRetryAfterMaxMs);
  if (rest == 0 && lane.failures >= kFailuresBeforeRest) {
    rest = BackoffMs(std::min(options.backoff_min_ms, kRestMaxMs),
                     std::min(options.backoff_max_ms, kRestMaxMs), sequence, lane.name,
                     lane.failures - kFailuresBeforeRest + 1);
  }
  lane.rest_until = clock.MonotonicMs() + rest;
}

bool Deliverer::State::Save(Lane& lane, const DeliveryRow& row) {
  const Status status = store.UpdateDelivery(row, names);
  if (status.ok()) return true;
  // The row will be delivered again: receivers are idempotent, but need not be flooded.
  lane.rest_until = clock.MonotonicMs() + options.backoff_max_ms;
  Log(LogLevel::kError, "delivery not recorded; it will be repeated",
      {{"receiver", lane.name}, {"sequence", row.sequence}, {"error", status.error().message}});
  return false;
}

void Deliverer::State::LogOutcome(const Lane& lane, const DueDelivery& due, const DeliveryRow& row,
                                  std::string_view action) const {
  const std::string& key = due.outbox.incident_key;
  switch (row.state) {
    case OutboxState::kDelivered:
      Log(LogLevel::kInfo, "page delivered",
          {{"receiver", lane.name}, {"action", action}, {"incident", key}});
      return;
    case OutboxState::kPending:
      Log(LogLevel::kWarn, "page not delivered yet",
          {{"receiver", lane.name},
           {"action", action},
           {"incident", key},
           {"attempts", row.attempts},
           {"next_attempt", FormatRfc3339(row.next_attempt_ms)},
           {"error", row.last_error}});
      return;
    case OutboxState::kDead:
      Log(LogLevel::kError, "PAGE NOT DELIVERED: dead letter",
          {{"receiver", lane.name},
           {"action", action},
           {"incident", key},
           {"sequence", row.sequence},
           {"attempts", row.attempts},
           {"error", row.last_error}});
      return;
    case OutboxState::kObsolete:
      Log(LogLevel::kDebug, "page not needed",
          {{"receiver", lane.name},
           {"action", action},
           {"incident", key},
           {"reason", row.last_error}});
      return;
  }
}

Deliverer::Deliverer(store::Store& store, Clock& clock, std::vector<Receiver*> receivers,
                     const DelivererOptions& options)
    : state_(std::make_unique<State>(store, clock, options)) {
  QUELL_CHECK(options.poll_ms >= 1 && options.backoff_min_ms >= 1);
  QUELL_CHECK(options.backoff_max_ms >= options.backoff_min_ms);
  std::set<std::string> unique;
  for (Receiver* receiver : receivers) {
    QUELL_CHECK(receiver != nullptr);
    state_->lanes.push_back(std::make_unique<State::Lane>(*receiver));
    state_->names.push_back(state_->lanes.back()->name);
    QUELL_CHECK(unique.insert(state_->names.back()).second);
  }
}

Deliverer::~Deliverer() { Stop(); }

void Deliverer::Start() {
  state_->Settle();
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = false;
  }
  for (const auto& lane : state_->lanes) {
    QUELL_CHECK(!lane->thread.joinable());
    lane->thread = std::thread([this, one = lane.get()] { state_->Loop(*one); });
  }
}

void Deliverer::Stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  for (const auto& lane : state_->lanes) {
    if (lane->thread.joinable()) lane->thread.join();
  }
  const std::lock_guard lock(state_->mutex);
  state_->stopping = false;
}

void Deliverer::Wake() {
  {
    const std::lock_guard lock(state_->mutex);
    ++state_->wakes;
  }
  state_->wake.notify_all();
}

size_t Deliverer::RunOnce() {
  state_->Settle();
  size_t attempts = 0;
  for (const auto& lane : state_->lanes) attempts += state_->Round(*lane);
  return attempts;
}

DelivererCounters Deliverer::counters() const {
  DelivererCounters sum;
  for (const auto& [name, counters] : CountersByReceiver()) {
    sum.delivered += counters.delivered;
    sum.retried += counters.retried;
    sum.rejected += counters.rejected;
    sum.dead += counters.dead;
    sum.obsolete += counters.obsolete;
    sum.skipped += counters.skipped;
  }
  return sum;
}

std::vector<std::pair<std::string, DelivererCounters>> Deliverer::CountersByReceiver() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<std::pair<std::string, DelivererCounters>> all;
  for (const auto& lane : state_->lanes) all.emplace_back(lane->name, lane->counters);
  return all;
}

}  // namespace quell::paging
