#include "detectors/fusion.h"

#include <algorithm>
#include <cmath>

namespace quell::detectors {
namespace {

constexpr double kForestFrom = 3;  // nats: below, a detector needs no witness
constexpr double kForestShare = 0.25;
constexpr double kForestBonusMax = 2;

}  // namespace

VerdictReason PolicyBar(const Opinion& opinion, const Policy& policy) {
  if ((policy.direction == Direction::kUp && opinion.z < 0) ||
      (policy.direction == Direction::kDown && opinion.z > 0)) {
    return VerdictReason::kWrongDirection;
  }
  const double deviation = std::fabs(opinion.observed - opinion.expected);
  if (deviation < policy.min_abs_deviation ||
      deviation < policy.min_rel_deviation * std::fabs(opinion.expected)) {
    return VerdictReason::kBelowMinDeviation;
  }
  return VerdictReason::kNormal;
}

double JointSurprise(double surprise, double forest_surprise) {
  if (surprise < kForestFrom) return surprise;
  return surprise + std::min(kForestBonusMax, kForestShare * forest_surprise);
}

Fused Fuse(const std::array<Opinion, kCharts>& opinions, double forest_surprise,
           const Policy& policy) {
  Fused allowed;
  Fused barred;
  bool any_allowed = false;
  bool any_barred = false;
  for (size_t i = 0; i < kCharts; ++i) {
    const VerdictReason bar = PolicyBar(opinions[i], policy);
    Fused& best = bar == VerdictReason::kNormal ? allowed : barred;
    bool& any = bar == VerdictReason::kNormal ? any_allowed : any_barred;
    if (any && opinions[i].surprise <= best.surprise) continue;
    any = true;
    best = {i, opinions[i].surprise, bar};
  }
  constexpr double kSmall = 6.9;  // -ln 1e-3
  const bool speak_barred = !any_allowed || (allowed.surprise < kSmall && any_barred &&
                                             barred.surprise > allowed.surprise);
  Fused out = speak_barred ? barred : allowed;
  out.surprise = JointSurprise(out.surprise, forest_surprise);
  return out;
}

}  // namespace quell::detectors
