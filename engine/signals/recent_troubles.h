// RecentTroubles counts what went wrong with a signal's samples lately: in the present half hour
// and the one before it.
//
// Eight bytes, saved as they lie; a count stops at 255. O(1). Thread-compatible.
#pragma once

#include <array>
#include <cstdint>

#include "core/time.h"

namespace quell::signals {

// Samples that came after their step had closed, counters that began anew, holes above the
// lookback. Each is counted for every series that feeds the signal.
enum class Trouble : std::uint8_t { kLate, kReset, kGap };
inline constexpr size_t kTroubles = 3;

class RecentTroubles {
 public:
  void Add(Trouble trouble, TimeMs now) {
    if (Number(now) != half_hour_) {
      before_ = Since(now) == 1 ? now_ : Counts8{};
      now_ = {};
      half_hour_ = Number(now);
    }
    std::uint8_t& count = now_[static_cast<size_t>(trouble)];
    if (count < UINT8_MAX) ++count;
  }

  // Of the half hour of `now` and the one before it.
  [[nodiscard]] std::array<std::uint32_t, kTroubles> Lately(TimeMs now) const {
    std::array<std::uint32_t, kTroubles> out{};
    for (size_t i = 0; i < kTroubles; ++i) {
      if (Since(now) <= 1) out[i] += now_[i];
      if (Since(now) == 0) out[i] += before_[i];
    }
    return out;
  }
  // How far back that reaches.
  static DurationMs Reach(TimeMs now) { return kHalfHourMs + now % kHalfHourMs; }

 private:
  using Counts8 = std::array<std::uint8_t, kTroubles>;
  static constexpr DurationMs kHalfHourMs = 30 * kMinuteMs;
  static std::uint16_t Number(TimeMs now) { return static_cast<std::uint16_t>(now / kHalfHourMs); }
  [[nodiscard]] std::uint16_t Since(TimeMs now) const {
    return static_cast<std::uint16_t>(Number(now) - half_hour_);
  }

  std::uint16_t half_hour_ = 0;  // modulo 2^16: comes round after 3.7 years
  Counts8 now_{};
  Counts8 before_{};
};
static_assert(sizeof(RecentTroubles) == 8, "saved as it lies");

}  // namespace quell::signals
