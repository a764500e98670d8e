// TailCalibrator turns a raw surprise into a tail probability as it was observed.
//
// Model    body: histogram of raw surprises, mixed with a prior; tail: generalised Pareto over
//          the 98 % quantile, on a reservoir of excesses, shrunk to the prior. Excesses above 8
//          nats count as 8, so that a few incidents do not fatten the tail.
// Input    raw surprises x >= 0 (nats; any monotone score will do).
// Output   calibrated surprise y = -ln P(X > x), >= 0, finite, increasing in x. Before anything
//          was seen: the prior, an exponential law slightly heavier than the normal's, of the
//          largest of `prior_copies` independent scores.
// Cost     O(1) a point; a refit sorts at most 1,024 numbers. 5 KiB.
// Threads  thread-compatible.
// State    part of "detector_bank".
// Source   Vitter (1985), reservoir sampling; peaks over threshold: Davison and Smith (1990);
// Siffer et al. (2017), SPOT.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/bytes.h"
#include "core/random.h"
#include "core/time.h"
#include "detectors/generalized_pareto.h"

namespace quell::detectors {

class TailCalibrator {
 public:
  explicit TailCalibrator(double prior_copies = 1, std::uint64_t seed = 1);

  // -ln of the tail probability of x. REQUIRES: x >= 0.
  [[nodiscard]] double Surprise(double x) const;
  // The threshold of the tail, in raw units.
  [[nodiscard]] double threshold() const { return threshold_; }
  [[nodiscard]] const ParetoTail& tail() const { return tail_; }
  [[nodiscard]] double points() const { return total_; }

  // Remembers x; answers change only at the next Refit().
  void Observe(double x);
  // Refits if enough points came since the last time; halves the weight of the past after 42 hours,
  // then twice as late each time (the first days are the least like the rest), up to every 14 days
  // of event time. Depends on the points and their times alone.
  void RefitIfDue(TimeMs now);

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);  // false if the bytes cannot be a calibrator

 private:
  void Refit();
  void RefitTail();

  static constexpr int kBins = 64;
  static constexpr double kBinsPerUnit = 4;
  static constexpr size_t kExcesses = 1024;
  static constexpr DurationMs kFirstHalfMs = 42 * kHourMs;
  static constexpr DurationMs kHalfLifeMs = 14 * kDayMs;

  double prior_copies_;
  double total_ = 0;
  double fresh_ = 0;  // points since the last refit
  std::array<double, kBins> counts_{};
  std::array<double, kBins + 1> body_{};  // surprise at the bins' lower edges
  double threshold_ = 0;
  double threshold_surprise_ = 0;
  ParetoTail tail_;
  std::vector<float> excesses_;  // reservoir of raw surprises near or above the threshold
  double excess_count_ = 0;      // seen, decayed like the counts
  TimeMs halved_at_ = INT64_MIN;
  DurationMs span_ms_ = kFirstHalfMs;  // to the next halving
  Random random_;
};

}  // namespace quell::detectors
