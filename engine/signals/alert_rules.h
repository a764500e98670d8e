// AlertRules: what a signal must show besides odds before somebody is woken, and when.
//
// Plain data with the defaults that hold unless the configuration says otherwise
// (docs/detection.md). Units are those that people read: a latency's are seconds.
#pragma once

#include <cstdint>
#include <limits>

#include "core/time.h"

namespace quell::signals {

// The hours in which a signal may wake somebody, in the local civil time of its region.
struct BusinessHours {
  enum class Outside : std::uint8_t {
    kInfo,  // alerts are kept and shown, and page when the hours begin while they last
    kOff,   // no alert opens
  };
  std::uint8_t days = 0x7F;       // on which the hours begin; bit 0 is Monday
  std::int32_t from_minute = 0;   // of the day; 0 to 1439
  std::int32_t to_minute = 1440;  // of the day; 1 to 1440; below `from`: of the next day
  Outside outside = Outside::kInfo;

  // `local`: UTC plus the offset of the zone.
  [[nodiscard]] bool Contains(TimeMs local) const;
  [[nodiscard]] bool Always() const {
    return days == 0x7F && from_minute == 0 && to_minute == 1440;
  }
};

struct AlertRules {
  // Which side is bad decides what they mean. Up: up to the floor nobody cares, above the ceiling
  // always. Down: from the ceiling on nobody cares, below the floor always. Both: always outside.
  double floor = -std::numeric_limits<double>::infinity();
  double ceiling = std::numeric_limits<double>::infinity();
  BusinessHours hours;
  // A failure ratio of fewer requests a minute must have gone on for so long; 0 = no such rule.
  double few_requests_per_minute = 60;
  DurationMs few_requests_lasting_ms = 20 * kMinuteMs;
  // Failures or latencies of under half of the requests must have gone on for longer; 0 = no such
  // rule.
  DurationMs partial_lasting_ms = kMinuteMs;
  // Half of a volume's deviation must have come within so long; 0 = no such rule.
  DurationMs abrupt_within_ms = 8 * kMinuteMs;
  // A latency must be told as slower by this share; 0 = no such rule.
  double latency_rise = 0.3;
  // A level that usually moves must have stood still for at least so long; 0 = no such rule.
  DurationMs flatline_ms = 30 * kMinuteMs;
};

}  // namespace quell::signals
