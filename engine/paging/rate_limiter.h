// RateLimiter: at most so many requests in any minute, however they are spread.
//
// A request counts until a minute after its answer, so that no clock of the other side can count
// more than we do. A twentieth of the limit is kept for critical pages: in a storm of others a
// critical one goes out at once. What notifies nobody leaves three quarters to what does.
// Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "core/time.h"

namespace quell::paging {

// How much of the limit a request may find taken.
enum class Share : std::uint8_t { kAll, kMost, kQuarter };

class RateLimiter {
 public:
  // REQUIRES: per_minute >= 1.
  explicit RateLimiter(int per_minute);

  // Requests of a former life, by the moments their answers came (not after `now`).
  void Restore(const std::vector<DurationMs>& finished);
  // 0: there is room for a request; else how long until there may be some.
  DurationMs WaitMs(DurationMs now, Share share);
  // Takes the room for one request, which Finish() must follow. False if there is none.
  bool TryStart(DurationMs now, Share share);
  void Finish(DurationMs now);

 private:
  [[nodiscard]] size_t LimitOf(Share share) const;
  DurationMs WaitLocked(DurationMs now, Share share);

  const size_t limit_;
  std::mutex mutex_;                 // guards what follows
  std::deque<DurationMs> finished_;  // within the last minute, ascending
  size_t under_way_ = 0;
};

}  // namespace quell::paging
