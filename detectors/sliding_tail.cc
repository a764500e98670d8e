#include "detectors/sliding_tail.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace quell::detectors {
namespace {

constexpr size_t kTopShare = 20;  // one in so many

}  // namespace

double SlidingTail::Surprise(double value) const {
  if (!known_.ready()) return 0;
  const std::vector<double>& sorted = known_.sorted();
  const size_t known = sorted.size();
  const auto n = static_cast<double>(known);
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), value);
  const auto above = static_cast<double>(sorted.end() - at);
  const double share = -std::log((above + 1) / (n + 1));
  if (above > 0) return share;
  const auto top = static_cast<std::ptrdiff_t>(std::max<size_t>(1, known / kTopShare));
  const double threshold = *(sorted.end() - top);
  const double excess =
      std::accumulate(sorted.end() - top, sorted.end(), 0.0,
                      [threshold](double sum, double x) { return sum + (x - threshold); }) /
      static_cast<double>(top);
  if (excess <= 0) return share;
  return std::max(share, std::log(n / static_cast<double>(top)) + (value - threshold) / excess);
}

double SlidingTail::Observe(double value) {
  const double surprise = Surprise(value);
  known_.Add(value);
  return std::min(surprise, 700.0);
}

}  // namespace quell::detectors
