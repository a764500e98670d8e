#include "detectors/sliding_tail.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace quell::detectors {
namespace {

constexpr size_t kWindow = 2000;
constexpr size_t kKnownMin = 50;
constexpr size_t kTopShare = 20;  // one in so many

}  // namespace

double SlidingTail::Surprise(double value) const {
  const size_t known = sorted_.size();
  if (known < kKnownMin) return 0;
  const auto n = static_cast<double>(known);
  const auto at = std::lower_bound(sorted_.begin(), sorted_.end(), value);
  const auto above = static_cast<double>(sorted_.end() - at);
  const double share = -std::log((above + 1) / (n + 1));
  if (above > 0) return share;
  const auto top = static_cast<std::ptrdiff_t>(std::max<size_t>(1, known / kTopShare));
  const double threshold = *(sorted_.end() - top);
  const double excess =
      std::accumulate(sorted_.end() - top, sorted_.end(), 0.0,
                      [threshold](double sum, double x) { return sum + (x - threshold); }) /
      static_cast<double>(top);
  if (excess <= 0) return share;
  return std::max(share, std::log(n / static_cast<double>(top)) + (value - threshold) / excess);
}

double SlidingTail::Observe(double value) {
  const double surprise = Surprise(value);
  latest_.push_back(value);
  sorted_.insert(std::upper_bound(sorted_.begin(), sorted_.end(), value), value);
  if (latest_.size() > kWindow) {
    sorted_.erase(std::lower_bound(sorted_.begin(), sorted_.end(), latest_.front()));
    latest_.pop_front();
  }
  return std::min(surprise, 700.0);
}

}  // namespace quell::detectors
