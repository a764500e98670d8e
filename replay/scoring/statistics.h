// The arithmetic behind the scores. Pure functions; all results finite.
#pragma once

#include <cstdint>
#include <vector>

namespace quell::replay {

// The q-quantile by linear interpolation between order statistics (position (n - 1) q, as in R's
// type 7). 0 where there are no values. q in [0, 1].
double InterpolatedQuantile(std::vector<double> values, double q);

// How well one grouping of the same items matches another.
struct GroupingAgreement {
  double pairwise_f1 = 0;          // [0, 1]; F1 of "these two belong together" over all pairs
  double adjusted_rand_index = 0;  // 1 = the same grouping, 0 = no better than chance
};

// Items are given by their group in the truth and in the clustering. Hubert and Arabie (1985).
// Fewer than two items say nothing: both 0. Two groupings that are both all singletons, or both
// one group, are the same: both 1.
GroupingAgreement CompareGroupings(const std::vector<std::int64_t>& truth,
                                   const std::vector<std::int64_t>& clusters);

}  // namespace quell::replay
