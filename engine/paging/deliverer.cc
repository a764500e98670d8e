#include "engine/paging/deliverer.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include "core/check.h"
#include "core/log.h"
#include "engine/paging/delivery_lane.h"

namespace quell::paging {

struct Deliverer::State {
  State(store::Store& s, Clock& c, const DelivererOptions& o) : context{s, c, o, {}} {}

  void Settle();
  void Loop(DeliveryLane& lane);

  LaneContext context;
  std::vector<std::unique_ptr<DeliveryLane>> lanes;
  std::mutex mutex;  // guards what follows, and orders waits and wakes
  std::condition_variable wake;
  bool settled = false;
};

// Rows that only a receiver of an earlier configuration still waited for end here.
void Deliverer::State::Settle() {
  {
    const std::lock_guard lock(mutex);
    if (settled) return;
    settled = true;
  }
  const Status status = context.store.SettleOutbox(context.names);
  if (!status.ok()) {
    Log(LogLevel::kError, "outbox not settled", {{"error", status.error().message}});
  }
}

void Deliverer::State::Loop(DeliveryLane& lane) {
  while (!context.stopping) {
    const std::uint64_t seen = context.wakes;
    lane.Round();
    std::unique_lock lock(mutex);
    if (context.stopping) return;
    if (context.wakes == seen) context.clock.WaitFor(wake, lock, lane.NextLookMs());
  }
}

Deliverer::Deliverer(store::Store& store, Clock& clock, std::vector<Receiver*> receivers,
                     const DelivererOptions& options)
    : state_(std::make_unique<State>(store, clock, options)) {
  QUELL_CHECK(options.poll_ms >= 1 && options.backoff_min_ms >= 1);
  QUELL_CHECK(options.backoff_max_ms >= options.backoff_min_ms);
  std::set<std::string> unique;
  std::map<std::string, std::shared_ptr<RateLimiter>> limiters;
  for (Receiver* receiver : receivers) {
    QUELL_CHECK(receiver != nullptr);
    const RateLimit limit = receiver->rate_limit();
    std::shared_ptr<RateLimiter> limiter;
    if (limit.per_minute > 0) {
      if (!limit.shared_by.empty()) limiter = limiters[limit.shared_by];
      if (limiter == nullptr) limiter = std::make_shared<RateLimiter>(limit.per_minute);
      if (!limit.shared_by.empty()) limiters[limit.shared_by] = limiter;
    }
    state_->lanes.push_back(
        std::make_unique<DeliveryLane>(*receiver, state_->context, std::move(limiter)));
    state_->context.names.push_back(state_->lanes.back()->name());
    QUELL_CHECK(unique.insert(state_->lanes.back()->name()).second);
  }
}

Deliverer::~Deliverer() { Stop(); }

void Deliverer::Start() {
  state_->Settle();
  state_->context.stopping = false;
  for (const auto& lane : state_->lanes) {
    QUELL_CHECK(!lane->thread.joinable());
    lane->thread = std::thread([this, one = lane.get()] { state_->Loop(*one); });
  }
}

void Deliverer::Stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->context.stopping = true;
  }
  state_->wake.notify_all();
  for (const auto& lane : state_->lanes) {
    if (lane->thread.joinable()) lane->thread.join();
  }
  state_->context.stopping = false;
}

void Deliverer::Wake() {
  {
    const std::lock_guard lock(state_->mutex);
    ++state_->context.wakes;
  }
  state_->wake.notify_all();
}

size_t Deliverer::RunOnce() {
  state_->Settle();
  size_t attempts = 0;
  for (const auto& lane : state_->lanes) attempts += lane->Round();
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
    sum.coalesced += counters.coalesced;
  }
  return sum;
}

std::vector<std::pair<std::string, DelivererCounters>> Deliverer::CountersByReceiver() const {
  std::vector<std::pair<std::string, DelivererCounters>> all;
  for (const auto& lane : state_->lanes) all.emplace_back(lane->name(), lane->counters());
  return all;
}

}  // namespace quell::paging
