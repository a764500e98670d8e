#include "replay/scoring/statistics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "replay/scoring/scoring.h"

namespace quell::replay {
namespace {

double Pairs(double n) { return n * (n - 1) / 2; }

template <typename Key>
double PairsWithin(const std::map<Key, double>& sizes) {
  double pairs = 0;
  for (const auto& [key, size] : sizes) pairs += Pairs(size);
  return pairs;
}

}  // namespace

Interval Wilson95(double successes, double trials) {
  if (!(trials > 0)) return {};
  constexpr double kZ = 1.96;
  const double share = std::clamp(successes / trials, 0.0, 1.0);
  const double z2 = kZ * kZ;
  const double centre = (share + z2 / (2 * trials)) / (1 + z2 / trials);
  const double half =
      kZ / (1 + z2 / trials) * std::sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials));
  // At the ends the formula gives exactly 0 and 1; rounding must not leave dust there.
  return {.low = share <= 0 ? 0 : std::max(0.0, centre - half),
          .high = share >= 1 ? 1 : std::min(1.0, centre + half)};
}

double InterpolatedQuantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double position = static_cast<double>(values.size() - 1) * std::clamp(q, 0.0, 1.0);
  const auto below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (values[above] - values[below]) * (position - static_cast<double>(below));
}

GroupingAgreement CompareGroupings(const std::vector<std::int64_t>& truth,
                                   const std::vector<std::int64_t>& clusters) {
  const size_t count = std::min(truth.size(), clusters.size());
  if (count < 2) return {};
  std::map<std::pair<std::int64_t, std::int64_t>, double> both;
  std::map<std::int64_t, double> by_truth;
  std::map<std::int64_t, double> by_cluster;
  for (size_t i = 0; i < count; ++i) {
    both[{truth[i], clusters[i]}] += 1;
    by_truth[truth[i]] += 1;
    by_cluster[clusters[i]] += 1;
  }
  const double together = PairsWithin(both);
  const double in_truth = PairsWithin(by_truth);
  const double in_clusters = PairsWithin(by_cluster);
  GroupingAgreement out;
  out.pairwise_f1 = in_truth + in_clusters > 0 ? 2 * together / (in_truth + in_clusters) : 1;
  const double chance = in_truth * in_clusters / Pairs(static_cast<double>(count));
  const double best = (in_truth + in_clusters) / 2;
  out.adjusted_rand_index = best - chance == 0 ? 1 : (together - chance) / (best - chance);
  return out;
}

}  // namespace quell::replay
