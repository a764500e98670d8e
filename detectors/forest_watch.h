// ForestWatch looks at all signals of a group together.
//
// Model    per group the strongest normal score of its failure, latency and volume signals, and
//          their change against about five minutes ago: six features. One forest for all groups,
//          refitted in the background from a ring of recent vectors; its score is calibrated to a
//          tail probability on a regular subsample of groups.
// Input    per step and slot: group, kind and z; steps strictly increasing.
// Output   per group a calibrated surprise (nats), 0 while there is no forest or nothing to see.
// Cost     per step at most kSampledGroups vectors for calibration, and one score for each group
//          that a signal finds suspicious.
// Threads  thread-compatible; a ForestJob may run on another thread.
// State    part of "detector_bank". A fit under way is finished before it is saved.
// Source   detectors/isolation_forest.h.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "detectors/calibration.h"
#include "detectors/isolation_forest.h"
#include "detectors/types.h"

namespace quell::detectors {

// A fit that any thread may run, once. Thread-safe.
class ForestJob {
 public:
  ForestJob(FeatureMatrix rows, const ForestOptions& options, std::uint64_t seed);
  explicit ForestJob(IsolationForest result);  // already done

  const IsolationForest& Run();
  [[nodiscard]] bool done();

 private:
  std::mutex mutex_;  // guards done_ and result_
  bool done_ = false;
  IsolationForest result_;
  const FeatureMatrix rows_;
  const ForestOptions options_;
  const std::uint64_t seed_ = 0;
};

class ForestWatch {
 public:
  struct Options {
    ForestOptions forest{};
    DurationMs refit_ms = kHourMs;
    DurationMs install_delay_ms = 5 * kMinuteMs;
    std::uint64_t seed = 1;
  };
  explicit ForestWatch(const Options& options);

  std::uint32_t AddGroup();

  void BeginStep(TimeMs step_end);
  // `suspicious`: some detector's tail probability is below 0.05. `teaches`: no alert is open.
  void Note(std::uint32_t group, SignalKind kind, double z, bool suspicious, bool teaches);
  // After the last Note of the step: scores, calibrates, collects and schedules.
  void EndStep();
  [[nodiscard]] double Surprise(std::uint32_t group) const { return groups_[group].surprise; }
  // What isolates the group's vector of the latest step: features by their share of what shortens
  // its paths (IsolationForest::Shortening, those above zero).
  [[nodiscard]] Contributions ContributionsOf(std::uint32_t group) const;

  std::shared_ptr<ForestJob> pending() const { return pending_; }
  [[nodiscard]] size_t size() const { return groups_.size(); }

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);  // false if the bytes cannot be a watch

 private:
  static constexpr int kKinds = 3;  // failure, latency, volume
  static constexpr size_t kRing = 4096;
  static constexpr size_t kSampledGroups = 32;
  struct GroupState {
    std::int64_t step = 0;  // number of the last step with a point
    TimeMs time = 0;        // its end
    std::array<float, kKinds> z{};
    std::array<float, kKinds> earlier{};  // decayed mean of z
    std::uint32_t kinds = 0;              // bit set: seen in this step
    std::uint32_t flags = 0;
    double surprise = 0;
  };

  [[nodiscard]] static bool SeveralKinds(const GroupState& g) {
    return (g.kinds & (g.kinds - 1)) != 0;  // one alone says nothing about togetherness
  }
  [[nodiscard]] static FeatureVector FeaturesOf(const GroupState& g);
  void ScoreGroup(std::uint32_t index);
  void ScheduleFit();

  Options options_;
  std::vector<GroupState> groups_;
  std::vector<std::uint32_t> touched_;
  std::vector<FeatureVector> ring_;
  std::uint64_t ring_count_ = 0;
  std::int64_t step_ = 0;
  TimeMs now_ = 0;
  TimeMs fit_due_ = INT64_MIN;
  TimeMs install_at_ = 0;
  std::uint64_t fits_ = 0;
  std::shared_ptr<ForestJob> pending_;
  IsolationForest forest_;
  TailCalibrator calibrator_{3};
};

}  // namespace quell::detectors
