#include "engine/signals/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace quell::signals {

std::optional<std::uint32_t> HistogramWindow::Bucket(double upper_bound) {
  for (std::uint32_t i = 0; i < bounds_.size(); ++i) {
    if (bounds_[i] == upper_bound) return i;
  }
  if (bounds_.size() >= kBucketsMax || std::isnan(upper_bound)) return std::nullopt;
  const auto index = static_cast<std::uint32_t>(bounds_.size());
  bounds_.push_back(upper_bound);
  window_.push_back(0);
  learned_.push_back(0);
  by_bound_.push_back(index);
  std::sort(by_bound_.begin(), by_bound_.end(),
            [&](std::uint32_t a, std::uint32_t b) { return bounds_[a] < bounds_[b]; });
  return index;
}

double HistogramWindow::LastEdge() const {
  for (size_t i = by_bound_.size(); i-- > 0;) {
    if (std::isfinite(bounds_[by_bound_[i]])) return bounds_[by_bound_[i]];
  }
  return 0;
}

// `position`: where it belongs among the bounds in order.
void HistogramWindow::StartBound(double upper_bound, size_t position) {
  const auto index = Bucket(upper_bound);
  if (!index || position == 0) return;
  window_[*index] = window_[by_bound_[position - 1]];
  learned_[*index] = learned_[by_bound_[position - 1]];
}

void HistogramWindow::AddIncrements(std::span<const ingest::HistogramBucket> increments) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (by_bound_.empty() || bounds_[by_bound_.back()] < kInfinity) {
    StartBound(kInfinity, by_bound_.size());
  }
  size_t at = 0;
  for (const ingest::HistogramBucket& increment : increments) {
    while (at < by_bound_.size() && bounds_[by_bound_[at]] < increment.upper) ++at;
    const bool there = at < by_bound_.size() && bounds_[by_bound_[at]] == increment.upper;
    if (!there) StartBound(increment.upper, at);
  }
  double sum = 0;
  size_t next = 0;
  for (const std::uint32_t index : by_bound_) {
    for (; next < increments.size() && increments[next].upper <= bounds_[index]; ++next) {
      sum += increments[next].count;
    }
    window_[index] += sum;
  }
}

std::vector<double> HistogramWindow::Levelled(const std::vector<double>& counts) const {
  std::vector<double> out;
  out.reserve(by_bound_.size());
  double highest = 0;
  for (const std::uint32_t index : by_bound_) {
    highest = std::max(highest, counts[index]);
    out.push_back(highest);
  }
  return out;
}

double HistogramWindow::Total() const {
  double highest = 0;
  for (const double count : window_) highest = std::max(highest, count);
  return highest;
}

double HistogramWindow::Above(double bound) const {
  double below = 0;
  for (size_t i = 0; i < bounds_.size(); ++i) {
    if (bounds_[i] <= bound) below = std::max(below, window_[i]);
  }
  return std::max(0.0, Total() - below);
}

double HistogramWindow::Quantile(double q) const { return QuantileOf(Levelled(window_), q); }

double HistogramWindow::UsualQuantile(double q) const { return QuantileOf(Levelled(learned_), q); }

// `counts`: cumulative, in the order of bounds.
double HistogramWindow::QuantileOf(const std::vector<double>& counts, double q) const {
  if (counts.empty() || counts.back() <= 0) return 0;
  const double rank = q * counts.back();
  double lower = 0;
  double below = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    const double upper = bounds_[by_bound_[i]];
    if (counts[i] >= rank) {
      if (std::isinf(upper)) return lower;  // beyond the last finite edge: the edge is all we know
      const double in_bucket = counts[i] - below;
      if (in_bucket <= 0) return upper;
      const double start = i == 0 && upper <= 0 ? upper : lower;
      return start + (upper - start) * (rank - below) / in_bucket;
    }
    below = counts[i];
    lower = upper;
  }
  return lower;
}

void HistogramWindow::Roll() {
  for (size_t i = 0; i < window_.size(); ++i) {
    learned_[i] += window_[i];
    window_[i] = 0;
  }
}

std::optional<double> HistogramWindow::LearnedEdge(double share, double requests_min) const {
  const std::vector<double> counts = Levelled(learned_);
  if (counts.empty() || counts.back() < requests_min) return std::nullopt;
  const double total = counts.back();
  std::optional<double> best;
  double best_distance = std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < counts.size(); ++i) {
    const double upper = bounds_[by_bound_[i]];
    const double above = (total - counts[i]) / total;
    if (std::isinf(upper) || above <= 0.0005 || above > 0.5) continue;
    const double distance = std::abs(std::log(above / share));
    if (distance < best_distance) {
      best_distance = distance;
      best = upper;
    }
  }
  return best;
}

void HistogramWindow::Save(ByteWriter& out) const {
  out.PutArray(bounds_);
  out.PutArray(window_);
  out.PutArray(learned_);
  out.PutArray(by_bound_);
}

void HistogramWindow::Load(ByteReader& in) {
  bounds_ = in.GetArray<double>();
  window_ = in.GetArray<double>();
  learned_ = in.GetArray<double>();
  by_bound_ = in.GetArray<std::uint32_t>();
}

}  // namespace quell::signals
