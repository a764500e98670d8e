#include "detectors/nats_tail.h"

#include <algorithm>
#include <cmath>

namespace quell::detectors {
namespace {

constexpr size_t kTopShare = 4;  // one in so many

}  // namespace

double NatsTail::Surprise(double value) const {
  if (!ready()) return 0;
  const std::vector<double>& known = known_.sorted();
  const auto n = static_cast<double>(known.size());
  const size_t top = known.size() / kTopShare;
  const double bound = known[known.size() - top - 1];
  const double median = known[known.size() - (top + 1) / 2] - bound;
  if (value <= bound || median <= 0) {
    const auto at = std::lower_bound(known.begin(), known.end(), value);
    return std::log((n + 1) / (static_cast<double>(known.end() - at) + 1));
  }
  const double quartile = known[known.size() - (top + 3) / 4] - bound;
  const double least = 2 / static_cast<double>(top);
  const double shape = std::clamp(std::log2(std::max(quartile / median - 1, 1e-9)), least,
                                  std::max(least, shape_max_));
  const double scale = median * shape / (std::exp2(shape) - 1);
  return std::log((n + 1) / static_cast<double>(top + 1)) +
         std::log1p(shape * (value - bound) / scale) / shape;
}

double NatsTail::Observe(double value) {
  const double surprise = Surprise(value);
  known_.Add(value);
  return std::min(surprise, 700.0);
}

}  // namespace quell::detectors
