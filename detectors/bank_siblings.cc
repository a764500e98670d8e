// What a slot takes from its siblings, and what it tells them.
//
// A share's level and the variance of its process noise are shrunk towards its siblings' while they
// are little known (sibling_pool.h). Only what is told of a slot is shrunk: it learns from what it
// would have expected by itself, so that its own knowledge stays its own.
#include <algorithm>
#include <cmath>

#include "detectors/bank_state.h"

namespace quell::detectors {
namespace {

constexpr double kLevelDoubtMax = 0.25;  // a lane that knows less, four events, teaches nobody
constexpr double kNoiseDoubtMax = 0.5;

}  // namespace

std::optional<SiblingPrior> DetectorBank::State::LevelPrior(Slot slot) const {
  const auto [near, far] = specs[slot].parents;
  if (!IsShare(specs[slot].kind) || (near == 0 && far == 0)) return std::nullopt;
  return PriorOf(families[near].level, families[far].level);
}

// The slot's own answer, moved towards its siblings' mean and as certain as both together.
Prediction DetectorBank::State::ShrinkLevel(Slot slot, const Prediction& own,
                                            Judged& judged) const {
  judged.season = own.season;
  if (!IsShare(specs[slot].kind) || specs[slot].parents == std::array<std::uint32_t, 2>{})
    return own;
  const double doubt =
      std::min(slots[slot].baseline.base_variance, 1 / (own.known + 1 / own.level_variance));
  judged.level = static_cast<float>(own.link);
  judged.level_doubt = static_cast<float>(doubt);
  const std::optional<SiblingPrior> prior = LevelPrior(slot);
  if (!prior) return own;
  const double share = ShrinkShare(doubt, *prior);
  Prediction out = own;
  out.link += share * (prior->mean - own.link);
  out.variance -= share * doubt;
  return out;
}

// Until ReturnNoise the slot's scales are as its siblings make them. Log variances of z^2 have a
// variance of 2 a point; neighbouring points share their noise.
std::array<NoiseScale, kCharts> DetectorBank::State::BorrowNoise(Slot slot) {
  SlotState& s = slots[slot];
  const std::array<NoiseScale, kCharts> before = {s.noise, s.fast.noise, s.slow.noise};
  const auto [near, far] = specs[slot].parents;
  if (!IsShare(specs[slot].kind) || (near == 0 && far == 0)) return before;
  const std::array<NoiseScale*, kCharts> scales = {&s.noise, &s.fast.noise, &s.slow.noise};
  for (size_t i = 0; i < kCharts; ++i) {
    const std::optional<SiblingPrior> prior =
        PriorOf(families[near].noise[i], families[far].noise[i]);
    if (!prior) continue;
    const double share = ShrinkShare(NoiseDoubt(slot, i), *prior);
    const double own = scales[i]->log_variance;
    scales[i]->log_variance = static_cast<float>(own + share * (prior->mean - own));
  }
  return before;
}

// What the readings are under the slot's own noise, by which it learns.
void DetectorBank::State::ReturnNoise(Slot slot, const std::array<NoiseScale, kCharts>& own,
                                      std::array<ChartReading, kCharts>& readings) {
  SlotState& s = slots[slot];
  const std::array<NoiseScale*, kCharts> scales = {&s.noise, &s.fast.noise, &s.slow.noise};
  for (size_t i = 0; i < kCharts; ++i) {
    const double more = static_cast<double>(own[i].log_variance) - scales[i]->log_variance;
    *scales[i] = own[i];
    if (more == 0) continue;
    const double noise = readings[i].noise_share * std::exp(more);
    const double total = 1 - readings[i].noise_share + noise;
    readings[i].z /= std::sqrt(total);
    readings[i].noise_share = noise / total;
  }
}

double DetectorBank::State::NoiseDoubt(Slot slot, size_t chart) const {
  const Tempo& tempo = tempos[slot];
  const bool slow = chart == kCharts - 1;
  const double known = std::max(1e-3, static_cast<double>(slots[slot].noise_known[slow ? 1 : 0]));
  return 2 * (slow ? tempo.slow_settle : tempo.correlated) / known;
}

// In slot order, after all slots of the step are judged.
void DetectorBank::State::NoteSiblings(TimeMs step_end, const Point& point, const Judged& judged) {
  const SignalSpec& spec = specs[point.slot];
  if (judged.level_doubt <= 0) return;
  const SlotState& s = slots[point.slot];
  const double share = std::min(1.0, static_cast<double>(spec.interval_ms) / kHourMs);
  for (size_t i = 0; i < spec.parents.size(); ++i) {
    if (spec.parents[i] == 0 || (i > 0 && spec.parents[i] == spec.parents[0])) continue;
    SiblingPool& pool = families[spec.parents[i]];
    pool.BeginStep(step_end);
    if (!judged.teaches) continue;
    if (judged.level_doubt < kLevelDoubtMax) {
      pool.level.Add(share, judged.level, judged.level_doubt);
    }
    const std::array<const NoiseScale*, kCharts> scales = {&s.noise, &s.fast.noise, &s.slow.noise};
    for (size_t c = 0; c < kCharts; ++c) {
      const double doubt = NoiseDoubt(point.slot, c);
      if (doubt < kNoiseDoubtMax) pool.noise[c].Add(share, scales[c]->log_variance, doubt);
    }
  }
}

}  // namespace quell::detectors
