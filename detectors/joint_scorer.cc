#include "detectors/joint_scorer.h"

#include <algorithm>
#include <cmath>

namespace quell::detectors {
namespace {

constexpr double kNeverSeen = 50;  // the z of what leaves a value it always had

// The distance of the quantiles at `share` and 1 - `share`.
double Spread(const std::vector<double>& sorted, double share) {
  const auto n = static_cast<double>(sorted.size());
  return sorted[static_cast<size_t>((1 - share) * n)] - sorted[static_cast<size_t>(share * n)];
}

double RobustZ(const std::vector<double>& sorted, double value) {
  const double median = sorted[sorted.size() / 2];
  double scale = Spread(sorted, 0.25) / 1.349;
  if (scale <= 0) scale = Spread(sorted, 0.025) / 3.92;  // three in four are alike
  if (scale <= 0) return value == median ? 0 : kNeverSeen;
  return (value - median) / scale;
}

}  // namespace

JointScorer::JointScorer(size_t series) : series_(series) {
  size_t sums = 1;
  for (size_t k = 1; k < series; k *= 2) ++sums;
  sums_.assign(sums, NatsTail(kSumShape));
}

double JointScorer::Observe(const std::vector<double>& row) {
  shares_.clear();
  most_.clear();
  for (size_t i = 0; i < series_.size() && i < row.size(); ++i) {
    if (!std::isfinite(row[i])) continue;
    Series& series = series_[i];
    const double z = series.values.ready() ? RobustZ(series.values.sorted(), row[i]) : 0;
    series.values.Add(row[i]);
    const double surprise = series.surprise.Observe(row[i]);
    if (series.surprise.ready()) shares_.push_back({i, surprise + std::log1p(z * z)});
  }
  if (shares_.empty()) return 0;
  std::sort(shares_.begin(), shares_.end(), [](const Share& a, const Share& b) {
    return a.nats != b.nats ? a.nats > b.nats : a.series < b.series;
  });
  for (size_t i = 0; i < std::min(kMost, shares_.size()) && shares_[i].nats > 0; ++i) {
    most_.push_back(shares_[i]);
  }
  const bool ready = sums_.front().ready();
  double rarest = 0;
  double sum = 0;
  size_t next = 0;
  size_t k = 1;
  for (NatsTail& tail : sums_) {
    for (; next < std::min(k, shares_.size()); ++next) sum += shares_[next].nats;
    rarest = std::max(rarest, tail.Observe(sum));
    k *= 2;
  }
  return ready ? rarest_.Observe(rarest) : 0;
}

}  // namespace quell::detectors
