// DedupModel: a learned judge of whether two groups of alerts have one cause.
//
// A logistic regression over what join_score.h finds out about a pair, fitted by `quell
// train-dedup` on a history of incidents (docs/clustering.md) and small enough to be read. Where
// there is one, its log odds stand in for the sum of the built-in weights; that a join needs
// evidence besides time holds all the same. Immutable; const calls may overlap.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace quell::incidents {

// What a pair of groups looks like. In the order of JoinFeatureNames().
enum class JoinFeature : std::uint8_t {
  kOnsetGap,     // log(1 + minutes between the onsets)
  kStartsGap,    // log(1 + minutes between the beginnings of the alerts)
  kFrequency,    // log(1 + groups that begin a day, lately)
  kLabels,       // evidence of the labels by the built-in weights: overlap by how telling it is
  kSameLane,     // 1: equal labels but for the name
  kContradicts,  // 1: different values of one label
  kCorrelation,  // |r| of the residuals
  kHistory,      // log lift of beginning together before
  kHabit,        // log(1 + firings lately), of the group whose rarest alert fires more often
  kTopology,     // 1 / calls from one to the other; 0: none known
  kSameCourse,   // 1: signals of one kind that moved the same way
  kLate,         // 1: beyond the join window
};
inline constexpr size_t kJoinFeatures = 12;
inline constexpr int kDedupModelVersion = 1;  // of the features: another one's model is not used

using JoinFeatures = std::array<double, kJoinFeatures>;
const std::array<std::string_view, kJoinFeatures>& JoinFeatureNames();

struct DedupModel {
  double intercept = 0;
  // Of the standardised feature: (value - mean) / sd.
  JoinFeatures coefficient{}, mean{}, sd{};

  // Above 0: one cause.
  [[nodiscard]] double LogOdds(const JoinFeatures& features) const;
  // "log odds +2.1: labels +1.3, onset_gap +0.9, habit -0.4": the largest five.
  [[nodiscard]] std::string Why(const JoinFeatures& features) const;
};

}  // namespace quell::incidents
