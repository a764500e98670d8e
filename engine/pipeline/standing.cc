#include "engine/pipeline/standing.h"

#include <cmath>

#include "engine/pipeline/pipeline.h"

namespace quell::pipeline {
namespace {

using detectors::SignalKind;
using detectors::VerdictReason;
using signals::SignalState;

bool IsShare(SignalKind kind) {
  return kind == SignalKind::kRatio || kind == SignalKind::kQuantile;
}

bool HasLimit(const signals::SignalPolicy& policy) {
  const bool above = policy.deviation.direction != detectors::Direction::kDown;
  const bool below = policy.deviation.direction != detectors::Direction::kUp;
  return policy.static_limit > 0 || (above && std::isfinite(policy.rules.ceiling)) ||
         (below && std::isfinite(policy.rules.floor));
}

std::string Of(double part, double whole) {
  return std::to_string(static_cast<std::uint64_t>(part)) + " of " +
         std::to_string(static_cast<std::uint64_t>(std::ceil(whole)));
}

}  // namespace

std::string_view EvidenceStateName(EvidenceState state) {
  switch (state) {
    case EvidenceState::kEnough:
      return "enough";
    case EvidenceState::kLearning:
      return "learning";
    case EvidenceState::kLimitOnly:
      return "limit_only";
    case EvidenceState::kFewRequests:
      return "few_requests";
    case EvidenceState::kStale:
      return "stale";
  }
  return "unknown";
}

std::string StandingText(const Standing& standing) {
  const std::string learned =
      std::to_string(standing.points) + " of " + std::to_string(standing.points_needed) + " points";
  switch (standing.evidence) {
    case EvidenceState::kEnough:
      return "judged against its past";
    case EvidenceState::kLearning:
      return "learning: " + learned;
    case EvidenceState::kLimitOnly:
      return "learning: " + learned + ", until then held against its limit alone";
    case EvidenceState::kFewRequests:
      return standing.requests_needed > 0 && standing.requests < standing.requests_needed
                 ? "too few requests: " + Of(standing.requests, standing.requests_needed)
                 : "no requests lately";
    case EvidenceState::kStale:
      return "no samples";
  }
  return "";
}

Standing Pipeline::StandingOf(std::uint32_t slot) {
  Settle();
  const detectors::DetectorBank::Standing past = bank_.StandingOf(slot);
  Standing out{EvidenceState::kEnough, past.points, past.points_needed, past.events,
               past.events_needed};
  const SignalState state = signals_.State(slot, event_time_);
  if (state != SignalState::kLive && state != SignalState::kZero) {
    out.evidence = EvidenceState::kStale;
  } else if (past.points < past.points_needed) {
    out.evidence =
        HasLimit(policies_.At(slot)) ? EvidenceState::kLimitOnly : EvidenceState::kLearning;
  } else if (!past.judged ||
             (state == SignalState::kZero && IsShare(signals_.Definition(slot).kind))) {
    out.evidence = EvidenceState::kFewRequests;
  }
  return out;
}

Census Pipeline::TakeCensus() {
  Settle();
  Census out;
  for (std::uint32_t slot = 0; slot < bank_.size(); ++slot) {
    const auto state = static_cast<size_t>(signals_.State(slot, event_time_));
    ++out.signals[state][static_cast<size_t>(StandingOf(slot).evidence)];
  }
  return out;
}

}  // namespace quell::pipeline
