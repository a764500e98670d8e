#include "engine/paging/rate_limiter.h"

#include <algorithm>

#include "core/check.h"

namespace quell::paging {
namespace {

constexpr size_t kReservePart = 20;
constexpr DurationMs kUnderWayWaitMs = 50;  // all the room is taken by requests under way

}  // namespace

RateLimiter::RateLimiter(int per_minute) : limit_(static_cast<size_t>(per_minute)) {
  QUELL_CHECK(per_minute >= 1);
}

void RateLimiter::Restore(const std::vector<DurationMs>& finished) {
  const std::lock_guard lock(mutex_);
  finished_.insert(finished_.end(), finished.begin(), finished.end());
  std::sort(finished_.begin(), finished_.end());
}

size_t RateLimiter::LimitOf(Share share) const {
  switch (share) {
    case Share::kAll:
      break;
    case Share::kMost:
      return limit_ - limit_ / kReservePart;
    case Share::kQuarter:
      return std::max<size_t>(1, limit_ / 4);
  }
  return limit_;
}

DurationMs RateLimiter::WaitLocked(DurationMs now, Share share) {
  while (!finished_.empty() && finished_.front() + kMinuteMs <= now) finished_.pop_front();
  const size_t limit = LimitOf(share);
  const size_t taken = finished_.size() + under_way_;
  if (taken < limit) return 0;
  const size_t too_many = taken - limit + 1;
  if (too_many > finished_.size()) return kUnderWayWaitMs;
  return finished_[too_many - 1] + kMinuteMs - now;
}

DurationMs RateLimiter::WaitMs(DurationMs now, Share share) {
  const std::lock_guard lock(mutex_);
  return WaitLocked(now, share);
}

bool RateLimiter::TryStart(DurationMs now, Share share) {
  const std::lock_guard lock(mutex_);
  if (WaitLocked(now, share) != 0) return false;
  ++under_way_;
  return true;
}

void RateLimiter::Finish(DurationMs now) {
  const std::lock_guard lock(mutex_);
  QUELL_CHECK(under_way_ > 0);
  --under_way_;
  finished_.push_back(now);
}

}  // namespace quell::paging
