// Retention: how long the store keeps what is over (docs/data.md). Values.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/time.h"

namespace quell::store {

// How long the store keeps what is over, by the time of the row's last change; 0 = for ever. What
// is open, waits for a receiver or has a page that is not resolved stays whatever its age.
struct Retention {
  DurationMs incidents_ms = 400 * kDayMs;  // and what people did to them
  DurationMs alerts_ms = 400 * kDayMs;
  DurationMs decisions_ms = 400 * kDayMs;
  DurationMs pages_ms = 400 * kDayMs;  // the outbox and its deliveries
  DurationMs dead_letters_ms = 400 * kDayMs;
  DurationMs feedback_ms = 0;  // the newest 10,000 stay: they teach
  bool operator==(const Retention&) const = default;
};
// Rows that were removed, by table.
struct Pruned {
  std::uint64_t incidents = 0, alerts = 0, decisions = 0, pages = 0, dead_letters = 0, feedback = 0;
  [[nodiscard]] std::uint64_t total() const {
    return incidents + alerts + decisions + pages + dead_letters + feedback;
  }
};
inline constexpr size_t kPrunedAtOnce = 2000;  // of each table

}  // namespace quell::store
