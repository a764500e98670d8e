// Clock: wall and monotonic time for what is not a decision: timers, backoff, log stamps and
// the "received at" field of a journal record. Decisions read event time (core/time.h).
//
// SystemClock is built in main() alone; tests and replay use ManualClock. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "core/time.h"

namespace quell {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimeMs WallMs() = 0;           // Unix epoch milliseconds; may jump
  virtual DurationMs MonotonicMs() = 0;  // never goes back; no epoch
  // Waits until `signal` is notified or `timeout` has passed. `lock` is held on return.
  virtual void WaitFor(std::condition_variable& signal, std::unique_lock<std::mutex>& lock,
                       DurationMs timeout) = 0;
};

class SystemClock final : public Clock {
 public:
  TimeMs WallMs() override;
  DurationMs MonotonicMs() override;
  void WaitFor(std::condition_variable& signal, std::unique_lock<std::mutex>& lock,
               DurationMs timeout) override;
};

// A clock that stands still until told. WaitFor advances it by the timeout and returns at once.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimeMs start = 0) : now_ms_(start) {}
  TimeMs WallMs() override { return now_ms_; }
  DurationMs MonotonicMs() override { return now_ms_; }
  void WaitFor(std::condition_variable&, std::unique_lock<std::mutex>&,
               DurationMs timeout) override {
    Advance(timeout);
  }
  void Advance(DurationMs by) { now_ms_ += by; }

 private:
  std::atomic<TimeMs> now_ms_;
};

}  // namespace quell
