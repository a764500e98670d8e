#include "detectors/sibling_pool.h"

#include <algorithm>
#include <cmath>

namespace quell::detectors {
namespace {

constexpr DurationMs kMomentsMs = kHourMs;
constexpr double kLanesMin = 2.5;  // three, one of them now and then without requests
constexpr double kGuessLanes = 2;
constexpr double kSpreadMin = 0.01;
constexpr double kSpreadMax = 2;
constexpr double kLevelGuess = 0.25;
constexpr double kNoiseGuess = 0.5;

}  // namespace

void SiblingMoments::Add(double share, double y, double y_doubt) {
  const double w = 1 / (y_doubt + spread);
  lanes += share;
  weight += share * w;
  weight2 += share * w * w;
  level += share * w * y;
  level2 += share * w * y * y;
  doubt += share * w * y_doubt;
  doubt2 += share * w * w * y_doubt;
}

// E sum w (y - mean)^2 = sum w doubt - sum w^2 doubt / sum w + spread (sum w - sum w^2 / sum w).
void SiblingMoments::Settle(double guess) {
  if (weight <= 0) return;
  mean = level / weight;
  const double scatter = std::max(0.0, level2 - level * mean);
  const double by_doubt = doubt - doubt2 / weight;
  const double by_spread = weight - weight2 / weight;
  const double fitted = by_spread > 0 ? std::max(0.0, (scatter - by_doubt) / by_spread) : 0;
  const double degrees = std::max(0.0, lanes - 1);
  spread = std::clamp((degrees * fitted + kGuessLanes * guess) / (degrees + kGuessLanes),
                      kSpreadMin, kSpreadMax);
}

void SiblingMoments::Decay(double keep) {
  for (double* sum : {&lanes, &weight, &weight2, &level, &level2, &doubt, &doubt2}) *sum *= keep;
}

std::optional<SiblingPrior> PriorOf(const SiblingMoments& near, const SiblingMoments& far) {
  const bool wide = far.lanes >= kLanesMin && far.weight > 0;
  if (near.lanes < kLanesMin || near.weight <= 0) {
    if (!wide) return std::nullopt;
    return SiblingPrior{far.mean, far.spread + 1 / far.weight};
  }
  const double doubt = 1 / near.weight;  // of the near mean
  if (!wide) return SiblingPrior{near.mean, near.spread + doubt};
  const double share = doubt / (doubt + far.spread);
  return SiblingPrior{near.mean + share * (far.mean - near.mean), near.spread + share * far.spread};
}

void SiblingPool::BeginStep(TimeMs step_end) {
  if (last == step_end) return;
  if (last != INT64_MIN) {
    const double keep = std::exp(-static_cast<double>(step_end - last) / kMomentsMs);
    level.Settle(kLevelGuess);
    level.Decay(keep);
    for (SiblingMoments& moments : noise) {
      moments.Settle(kNoiseGuess);
      moments.Decay(keep);
    }
  }
  last = step_end;
}

}  // namespace quell::detectors
