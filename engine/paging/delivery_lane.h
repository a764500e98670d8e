// DeliveryLane: one receiver's way through the outbox. Private to the deliverer.
//
// Round() and NextLookMs() belong to one thread; counters() to anybody.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/paging/deliverer.h"
#include "engine/paging/rate_limiter.h"

namespace quell::paging {

// What the lanes of a deliverer share.
struct LaneContext {
  store::Store& store;
  Clock& clock;
  const DelivererOptions options;
  std::vector<std::string> names;  // of all receivers
  std::atomic<bool> stopping = false;
  std::atomic<std::uint64_t> wakes = 0;
  std::atomic<std::uint64_t> deaths = 0;  // dead letters since the start
};

class DeliveryLane {
 public:
  // Borrows both. `limiter` may be shared; null = no limit.
  DeliveryLane(Receiver& receiver, LaneContext& context, std::shared_ptr<RateLimiter> limiter);

  size_t Round();  // attempts made
  [[nodiscard]] DurationMs NextLookMs() const;
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] DelivererCounters counters() const;

  std::thread thread;  // the deliverer's business

 private:
  enum class Next : std::uint8_t { kGoOn, kStop };

  size_t Deliver();
  std::optional<store::Urgency> LeastWithRoom();
  // Why this receiver does not get the notification; "" where it does.
  std::string WhyNot(const store::DueDelivery& due, const Notification& notification);
  void Pin(const std::string& key, Notification& notification);
  void Repeat();
  Next Attempt(const store::DueDelivery& due, size_t& attempts);
  std::optional<Delivery> Ask(const Notification& notification, Share share);
  void Judge(const Delivery& delivery, store::DeliveryRow& row, TimeMs now);
  void Rest(const Delivery& delivery, std::uint64_t sequence);
  bool Save(const store::DeliveryRow& row);
  void TellOfDeadLetters();
  void LogOutcome(const store::DueDelivery& due, const store::DeliveryRow& row,
                  std::string_view action) const;
  void Count(std::uint64_t DelivererCounters::*counter);

  Receiver& receiver_;
  LaneContext& context_;
  const std::string name_;
  const std::shared_ptr<RateLimiter> limiter_;
  int failures_ = 0;           // in a row
  DurationMs rest_until_ = 0;  // monotonic, as the next three
  DurationMs room_at_ = 0;     // the limiter may have room
  DurationMs repeat_at_ = 0;   // open pages are told again
  DurationMs notice_at_ = 0;   // dead letters are looked for
  std::uint64_t deaths_seen_ = 0;

  mutable std::mutex mutex_;  // guards what follows
  DelivererCounters counters_;
};

}  // namespace quell::paging
