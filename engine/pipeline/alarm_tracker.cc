#include "engine/pipeline/alarm_tracker.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace quell::pipeline {
namespace {

using detectors::Verdict;
using detectors::VerdictReason;

constexpr double kRemainingScoreMin = 3.09;  // one-sided p < 1e-3
constexpr std::uint8_t kOverLimitMin = 2;    // points
constexpr size_t kRunMax = 20;
constexpr double kCorroborates =
    0.25;  // of the largest score: a point of another kind says nothing
constexpr size_t kClearPoints = 6;
constexpr std::uint8_t kCalmVerdicts = 20;
constexpr std::uint8_t kYoungPoints = 3;
constexpr double kLargePoint = 6;
constexpr double kCalmPoint = 1;
constexpr size_t kPointsBefore = 4;
constexpr double kOldShareMax = 0.5;
constexpr double kTellingSd = 2;  // apart: what so many points say of "still" and "over"
constexpr size_t kLatestMin = 2;
constexpr size_t kLatestShare = 8;       // one in eight of a long run
constexpr double kClearScoreMax = 2.0;   // of the latest points together
constexpr double kClearPointMax = 3.09;  // of each

// Limits count for themselves: no scores stand behind them.
bool IsLimit(VerdictReason reason) {
  return reason == VerdictReason::kStaticLimit || reason == VerdictReason::kBeyondLimit;
}

// Whether the latest points hold no evidence on the alert's side.
bool IsClear(std::span<const float> z, double sign) {
  if (z.size() < kClearPoints) return true;
  double sum = 0;
  double largest = -1e9;
  for (const float value : z.last(kClearPoints)) {
    sum += sign * value;
    largest = std::max(largest, sign * value);
  }
  return sum / std::sqrt(static_cast<double>(kClearPoints)) < kClearScoreMax &&
         largest < kClearPointMax;
}

// A jump and nothing like it afterwards: a blip that fell into two points, not an outage. Asked
// while the alert is young; where single points say little there are no large ones.
bool IsOver(std::span<const float> z, double sign, size_t age) {
  if (z.empty() || sign * z.back() >= kCalmPoint) return false;
  double largest = 0;
  for (const float value : z.last(std::min(z.size(), age + 2))) {
    largest = std::max(largest, sign * value);
  }
  return largest >= kLargePoint;
}

// Whether something like the largest of the latest points is among the others.
bool Corroborated(std::span<const float> z, double sign) {
  double largest = 0;
  double second = 0;
  for (const float value : z.last(std::min(z.size(), kRunMax))) {
    const double size = sign * value;
    second = std::max(second, std::min(size, largest));
    largest = std::max(largest, size);
  }
  return second >= kCorroborates * largest;
}

}  // namespace

std::string_view AlarmDecisionName(AlarmDecision decision) {
  switch (decision) {
    case AlarmDecision::kQuiet:
      return "quiet";
    case AlarmDecision::kAboveThreshold:
      return "above_threshold";
    case AlarmDecision::kRestsOnOnePoint:
      return "rests_on_one_point";
    case AlarmDecision::kSubsided:
      return "subsided";
    case AlarmDecision::kGradual:
      return "gradual";
    case AlarmDecision::kFewRequests:
      return "few_requests";
    case AlarmDecision::kOpened:
      return "opened";
    case AlarmDecision::kStillOpen:
      return "still_open";
    case AlarmDecision::kClosed:
      return "closed";
  }
  return "quiet";
}

double ScoreWithoutLargest(std::span<const float> z, double sign) {
  double best = 0;
  double sum = 0;
  double largest = -1e9;
  const size_t runs = std::min(kRunMax, z.size());
  for (size_t i = 1; i <= runs; ++i) {
    const double value = sign * z[z.size() - i];
    sum += value;
    largest = std::max(largest, value);
    if (i >= 2) best = std::max(best, (sum - largest) / std::sqrt(static_cast<double>(i - 1)));
  }
  return best;
}

bool IsAbrupt(std::span<const float> z, double sign, size_t within) {
  if (z.size() < within + kPointsBefore) return true;
  const auto mean = [sign](std::span<const float> points) {
    return sign * std::accumulate(points.begin(), points.end(), 0.0) /
           static_cast<double>(points.size());
  };
  const std::span<const float> before = z.first(z.size() - within);
  return mean(before.last(std::min(before.size(), within))) <=
         kOldShareMax * mean(z.last(kPointsBefore));
}

size_t PointsSinceChange(std::span<const float> z, double sign) {
  size_t best = 0;
  double best_ratio = 0;
  double sum = 0;
  for (size_t count = 1; count <= z.size(); ++count) {
    sum += sign * z[z.size() - count];
    const double ratio = sum > 0 ? sum * sum / static_cast<double>(count) : 0;
    if (ratio <= best_ratio) continue;
    best_ratio = ratio;
    best = count;
  }
  return best;
}

bool HasSubsided(std::span<const float> z, double sign) {
  const size_t run = PointsSinceChange(z, sign);
  if (run == 0) return true;
  double sum = 0;
  for (const float value : z.last(run)) sum += sign * value;
  const double mean = sum / static_cast<double>(run);
  const double telling = std::ceil(kTellingSd * kTellingSd / (mean * mean));
  const size_t wanted = std::max(kLatestMin, run / kLatestShare);
  const size_t half = std::max<size_t>(1, run / 2);
  const size_t count = telling >= static_cast<double>(half)
                           ? half
                           : std::min(half, std::max(wanted, static_cast<size_t>(telling)));
  double latest = 0;
  for (const float value : z.last(count)) latest += sign * value;
  return latest < 0.5 * mean * static_cast<double>(count) &&
         latest < kClearPointMax * std::sqrt(static_cast<double>(count));
}

AlarmTracker::State& AlarmTracker::At(detectors::Slot slot) {
  if (slot >= states_.size()) states_.resize(slot + 1);
  return states_[slot];
}

bool AlarmTracker::IsOpen(detectors::Slot slot) const {
  return slot < states_.size() && states_[slot].open != 0;
}

AlarmDecision AlarmTracker::Observe(const Verdict& verdict, double threshold,
                                    const Demands& demands, const RecentScores& recent) {
  State& state = At(verdict.slot);
  if (state.points < 64) ++state.points;
  if (state.open != 0) {
    const std::vector<float> z = recent.RecentZ(verdict.slot);
    if (IsLimit(verdict.reason)) return AlarmDecision::kStillOpen;
    state.calm = verdict.reason == VerdictReason::kAnomalous ? 0 : state.calm + 1;
    if (state.age < 255) ++state.age;
    const bool over = state.age <= kYoungPoints && IsOver(z, state.sign, state.age);
    if (!over && state.calm < kCalmVerdicts && !IsClear(z, state.sign)) {
      return AlarmDecision::kStillOpen;
    }
    state.open = 0;
    state.points = 0;
    return AlarmDecision::kClosed;
  }
  const bool limit = IsLimit(verdict.reason);
  if (!limit) state.over_limit = 0;
  if (verdict.reason != VerdictReason::kAnomalous && !limit) return AlarmDecision::kQuiet;
  if (verdict.tail_probability >= threshold) return AlarmDecision::kAboveThreshold;
  const double sign = verdict.deviation_sign >= 0 ? 1 : -1;
  if (!limit) {
    const std::vector<float> z = recent.RecentZ(verdict.slot);
    const size_t since = std::min<size_t>(z.size(), state.points);
    const std::span latest = std::span(z).last(since);
    if (ScoreWithoutLargest(latest, sign) < kRemainingScoreMin || !Corroborated(latest, sign)) {
      return AlarmDecision::kRestsOnOnePoint;
    }
    if (HasSubsided(z, sign)) return AlarmDecision::kSubsided;
    if (demands.hardly_changed ||
        (demands.abrupt_within > 0 && !IsAbrupt(z, sign, demands.abrupt_within))) {
      return AlarmDecision::kGradual;
    }
    if (demands.lasting_points > 0 &&
        (sign * z.back() <= 0 || PointsSinceChange(z, sign) < demands.lasting_points)) {
      return AlarmDecision::kFewRequests;
    }
  } else if (++state.over_limit < kOverLimitMin) {
    return AlarmDecision::kRestsOnOnePoint;
  }
  state.over_limit = 0;
  state.open = 1;
  state.calm = state.age = 0;
  state.sign = sign > 0 ? 1 : -1;
  return AlarmDecision::kOpened;
}

AlarmDecision AlarmTracker::Abandon(detectors::Slot slot) {
  State& state = At(slot);
  if (state.open == 0) return AlarmDecision::kQuiet;
  state.open = 0;
  state.points = 0;
  return AlarmDecision::kClosed;
}

void AlarmTracker::Save(ByteWriter& out) const {
  out.Put(static_cast<std::uint64_t>(states_.size()));
  for (const State& state : states_) {
    out.Put(state.open);
    out.Put(state.points);
    out.Put(state.sign);
    out.Put(state.over_limit);
    out.Put(state.calm);
    out.Put(state.age);
  }
}

void AlarmTracker::Load(ByteReader& in) {
  states_.resize(in.GetCount(6));
  for (State& state : states_) {
    state.open = in.Get<std::uint8_t>();
    state.points = in.Get<std::uint8_t>();
    state.sign = in.Get<std::int8_t>();
    state.over_limit = in.Get<std::uint8_t>();
    state.calm = in.Get<std::uint8_t>();
    state.age = in.Get<std::uint8_t>();
  }
}

}  // namespace quell::pipeline
