#include "engine/export/point_history.h"

#include <algorithm>

namespace quell::exports {

void PointHistory::Add(TimeMs step_end, const HistoryPoint& point) {
  if (options_.span_ms == 0) return;
  const std::lock_guard lock(mutex_);
  if (!steps_.empty() && step_end < steps_.back().at) {
    steps_.clear();
    points_ = 0;
  }
  if (steps_.empty() || step_end > steps_.back().at) {
    Step next;
    next.at = step_end;
    if (!steps_.empty()) next.points.reserve(steps_.back().points.size());
    steps_.push_back(std::move(next));
    Trim();
  }
  Step& step = steps_.back();
  step.ascending = step.ascending && (step.points.empty() || step.points.back().slot < point.slot);
  step.points.push_back(point);
  ++points_;
}

void PointHistory::Trim() {
  const TimeMs newest = steps_.back().at;
  while (steps_.size() > 1 && (steps_.front().at <= newest - options_.span_ms ||
                               points_ * sizeof(HistoryPoint) > options_.bytes_max)) {
    points_ -= steps_.front().points.size();
    steps_.pop_front();
  }
}

std::vector<TimedPoint> PointHistory::Of(std::uint32_t slot, TimeMs since) const {
  std::vector<TimedPoint> out;
  const std::lock_guard lock(mutex_);
  for (const Step& step : steps_) {
    if (step.at < since) continue;
    const auto begin = step.points.begin();
    const auto end = step.points.end();
    const auto found =
        step.ascending
            ? std::lower_bound(begin, end, slot,
                               [](const HistoryPoint& p, std::uint32_t s) { return p.slot < s; })
            : std::find_if(begin, end, [slot](const HistoryPoint& p) { return p.slot == slot; });
    if (found != end && found->slot == slot) out.push_back({step.at, *found});
  }
  return out;
}

void PointHistory::Clear() {
  const std::lock_guard lock(mutex_);
  steps_.clear();
  points_ = 0;
}

size_t PointHistory::bytes() const {
  const std::lock_guard lock(mutex_);
  return points_ * sizeof(HistoryPoint);
}

}  // namespace quell::exports
