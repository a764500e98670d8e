// HistogramWindow: increments of a histogram's buckets over one evaluation window.
//
// Buckets are cumulative ("le"); increments of native histograms, which are not, are added up. The
// share above a bound is exact at a bucket's edge; the quantile is interpolated inside its bucket,
// as PromQL's histogram_quantile does. Thread-compatible.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/bytes.h"
#include "ingest/sample.h"

namespace quell::signals {

class HistogramWindow {
 public:
  static constexpr size_t kBucketsMax = 256;

  // The bucket with this upper bound (infinity allowed), added if new. nullopt when full.
  std::optional<std::uint32_t> Bucket(double upper_bound);
  [[nodiscard]] size_t buckets() const { return bounds_.size(); }
  [[nodiscard]] double LastEdge() const;  // the highest finite bound; 0 where there is none
  void Add(std::uint32_t bucket, double increment) { window_[bucket] += increment; }
  // Asks the processor for what Add writes. (Inlined by force: g++ takes a function that does
  // nothing else for one without effects, and drops calls of it.)
  [[gnu::always_inline]] void Prefetch(std::uint32_t bucket) const {
    __builtin_prefetch(window_.data() + bucket, 1);
  }
  // Increments that are not cumulative, ascending by bound: they count at every bound from their
  // own upwards, +Inf included. A bound that is new starts at the count of the next lower one;
  // where there is no room for it, its increment counts from the next higher one on.
  void AddIncrements(std::span<const ingest::HistogramBucket> increments);

  // Requests in the window: the +Inf bucket, else the largest. Never negative.
  [[nodiscard]] double Total() const;
  // Requests above the bucket edge `bound`; decreasing buckets are levelled first.
  [[nodiscard]] double Above(double bound) const;
  // Upper estimate by linear interpolation; 0 where the window is empty. q in (0, 1).
  [[nodiscard]] double Quantile(double q) const;
  // The same of all that was rolled: what is usual.
  [[nodiscard]] double UsualQuantile(double q) const;

  // Adds the window to the running totals from which the bound is learned, then empties it.
  void Roll();
  // The bucket edge whose share above is nearest to `share` (in ratio) over all that was rolled;
  // nullopt while fewer than `requests_min` requests were, or no edge splits them.
  [[nodiscard]] std::optional<double> LearnedEdge(double share, double requests_min) const;
  void Save(ByteWriter& out) const;
  void Load(ByteReader& in);

 private:
  void StartBound(double upper_bound, size_t position);
  // Cumulative counts made non-decreasing in the order of bounds.
  [[nodiscard]] std::vector<double> Levelled(const std::vector<double>& counts) const;
  [[nodiscard]] double QuantileOf(const std::vector<double>& counts, double q) const;

  std::vector<double> bounds_;           // in order of arrival; buckets keep their index
  std::vector<double> window_;           // by bucket index
  std::vector<double> learned_;          // by bucket index
  std::vector<std::uint32_t> by_bound_;  // indices sorted by bound
};

}  // namespace quell::signals
