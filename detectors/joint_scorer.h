// JointScorer judges many series as one thing of which nothing is known, a row of values at a time.
//
// Model    what a series adds, in nats: its surprise (series_surprise.h); and how far the value is
//          out, as Cauchy's density has it of the robust z (median and quartiles of its latest
//          2,000), since ranks do not know far from very far. The sum of the k largest of a row is
//          a truncated Fisher product, for k = 1, 2, 4, ... up to all: small k finds what strikes
//          one series, large k what many have a little of. Each sum is judged among its own latest
//          (nats_tail.h), so series that move together count for what they are; the rarest of the
//          sums, judged once more since it is the best of several, is the tail of the row.
// Input    rows of one length; what is not finite is no sample: its series takes no part.
// Output   the row's tail in nats: a share of e^-x of ordinary rows reaches x. 0 until everything
//          is known, 150 rows. And the series that added most.
// Cost     a row of n series: 5 n + log2 n sliding windows; 160 KB of state a series.
// Threads  thread-compatible.
// State    not saved.
// Source   Dudbridge and Koeleman (2003), rank truncated product; own design otherwise.
#pragma once

#include <cstddef>
#include <vector>

#include "detectors/latest_values.h"
#include "detectors/nats_tail.h"
#include "detectors/series_surprise.h"

namespace quell::detectors {

class JointScorer {
 public:
  static constexpr size_t kMost = 3;

  struct Share {
    size_t series;
    double nats;
  };

  explicit JointScorer(size_t series);

  double Observe(const std::vector<double>& row);
  // Of the latest row the kMost that added most, most first; fewer where fewer added anything.
  [[nodiscard]] const std::vector<Share>& most() const { return most_; }

 private:
  // Sums are exponential far out, as nats are; the best of several that move together less so.
  static constexpr double kSumShape = 0, kRarestShape = 0.2;

  struct Series {
    SeriesSurprise surprise;
    LatestValues values;
  };

  std::vector<Series> series_;
  std::vector<NatsTail> sums_;  // of the 1, 2, 4, ... largest
  NatsTail rarest_{kRarestShape};
  std::vector<Share> shares_;  // of the latest row
  std::vector<Share> most_;
};

}  // namespace quell::detectors
