// PointHistory: what every signal showed in the last hours and what was expected of it, for plots.
//
// Kept in memory alone, step by step, and never read by a decision. Bounded twice: by time and by
// bytes (24 a point); the oldest steps go first. Thread-safe: the pipeline adds, requests read.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "core/time.h"
#include "engine/export/options.h"

namespace quell::exports {

// Not a number where it is not known. Single precision: it is drawn, not calculated with.
struct HistoryPoint {
  std::uint32_t slot = 0;
  float value = 0, expected = 0, low = 0, high = 0;
  float score = 0;  // as SignalSeries has it
};
static_assert(sizeof(HistoryPoint) == 24);

struct TimedPoint {
  TimeMs at = 0;  // the end of its step
  HistoryPoint point;
};

class PointHistory {
 public:
  explicit PointHistory(const HistoryOptions& options) : options_(options) {}

  // Steps do not descend; one that does was decided by another pipeline, and what is here is
  // forgotten.
  void Add(TimeMs step_end, const HistoryPoint& point);
  // Of one signal, oldest first, from `since` on.
  [[nodiscard]] std::vector<TimedPoint> Of(std::uint32_t slot, TimeMs since) const;
  void Clear();
  [[nodiscard]] size_t bytes() const;

 private:
  struct Step {
    TimeMs at = 0;
    std::vector<HistoryPoint> points;
    bool ascending = true;  // by slot
  };
  void Trim();

  const HistoryOptions options_;
  mutable std::mutex mutex_;
  std::deque<Step> steps_;  // under mutex_, as the next
  size_t points_ = 0;       // of all steps
};

}  // namespace quell::exports
