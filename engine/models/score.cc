#include "engine/models/score.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "detectors/count_tails.h"
#include "detectors/normal_tail.h"

namespace quell::models {
namespace {

using detectors::Direction;
using detectors::VerdictReason;

constexpr double kBandZ = 2.5758;  // of the central 99 %

double BandZ(double value, const pipeline::Reading& latest) {
  const double half =
      value >= latest.expected ? latest.high - latest.expected : latest.expected - latest.low;
  const double off = value - latest.expected;
  if (off == 0) return 0;
  if (!(half > 0)) return off > 0 ? detectors::kMaxZ : -detectors::kMaxZ;
  return std::clamp(kBandZ * off / half, -detectors::kMaxZ, detectors::kMaxZ);
}

bool WorthIt(double off, double expected, const detectors::Policy& policy) {
  return std::abs(off) > policy.min_abs_deviation &&
         std::abs(off) > policy.min_rel_deviation * std::abs(expected);
}

}  // namespace

std::string_view FallbackName(Fallback fallback) {
  static constexpr std::array<std::string_view, kFallbacks> kNames = {"none", "missing", "cold",
                                                                      "too_slow", "unknown_signal"};
  return kNames.at(static_cast<size_t>(fallback));
}

Scored ScoreAgainst(const Asked& asked, detectors::SignalKind kind, const pipeline::Reading& latest,
                    const signals::SignalPolicy& policy, double threshold) {
  Scored out;
  out.reading = latest;
  out.reading.value = asked.value;
  double z = BandZ(asked.value, latest);
  const double p = latest.expected;
  const bool share = kind == detectors::SignalKind::kRatio && p > 0 && p < 1 && asked.value >= 0 &&
                     asked.value <= 1;
  if (share && asked.requests > 0) {
    const double n = asked.requests;
    const double chance = detectors::BinomialZ(asked.value * n, p * n, n, 0);
    if (std::abs(chance) < std::abs(z)) z = chance;
  }
  out.tail_probability = std::exp(-detectors::Surprise(z));
  const double off = asked.value - latest.expected;
  const Direction wanted = policy.deviation.direction;
  if (policy.BeyondLimit(asked.value) != 0) {
    out.reason = VerdictReason::kBeyondLimit;
    out.anomalous = true;
  } else if (out.tail_probability > threshold) {
    out.reason = VerdictReason::kNormal;
  } else if ((wanted == Direction::kUp && off < 0) || (wanted == Direction::kDown && off > 0)) {
    out.reason = VerdictReason::kWrongDirection;
  } else if (!WorthIt(off, latest.expected, policy.deviation)) {
    out.reason = VerdictReason::kBelowMinDeviation;
  } else if (policy.NobodyCares(asked.value)) {
    out.reason = VerdictReason::kHeldByPolicy;
  } else {
    out.reason = VerdictReason::kAnomalous;
    out.anomalous = true;
  }
  return out;
}

Scored ScoreByRules(const Asked& asked, const signals::SignalPolicy& policy, Fallback why) {
  Scored out;
  out.fallback = why;
  out.reading.value = asked.value;
  const bool above = policy.static_limit > 0 && asked.value > policy.static_limit;
  out.anomalous = above || policy.BeyondLimit(asked.value) != 0;
  const bool any = policy.static_limit > 0 || std::isfinite(policy.rules.ceiling) ||
                   std::isfinite(policy.rules.floor);
  out.reason = policy.BeyondLimit(asked.value) != 0 ? VerdictReason::kBeyondLimit
               : above                              ? VerdictReason::kStaticLimit
               : any                                ? VerdictReason::kNormal
                                                    : VerdictReason::kInsufficientEvidence;
  return out;
}

}  // namespace quell::models
