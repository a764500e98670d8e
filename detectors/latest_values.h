// LatestValues: the latest 2,000 values of a kind, in order of size. O(log n) to find, a move of at
// most 16 KB to add; 32 KB of state. Finite values only. Thread-compatible; not saved.
#pragma once

#include <algorithm>
#include <deque>
#include <vector>

namespace quell::detectors {

class LatestValues {
 public:
  static constexpr size_t kWindow = 2000;
  static constexpr size_t kKnownMin = 50;  // fewer say nothing yet

  void Add(double value) {
    arrived_.push_back(value);
    sorted_.insert(std::upper_bound(sorted_.begin(), sorted_.end(), value), value);
    if (arrived_.size() <= kWindow) return;
    sorted_.erase(std::lower_bound(sorted_.begin(), sorted_.end(), arrived_.front()));
    arrived_.pop_front();
  }
  [[nodiscard]] const std::vector<double>& sorted() const { return sorted_; }
  [[nodiscard]] bool ready() const { return sorted_.size() >= kKnownMin; }

 private:
  std::deque<double> arrived_;
  std::vector<double> sorted_;
};

}  // namespace quell::detectors
