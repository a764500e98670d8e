// How far a slot is from being judged against its own past.
#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "detectors/bank_state.h"

namespace quell::detectors {

DetectorBank::Standing DetectorBank::StandingOf(Slot slot) const {
  QUELL_CHECK(slot < size());
  const SlotState& s = state_->slots[slot];
  const SignalSpec& spec = state_->specs[slot];
  Standing out;
  out.points = s.observed;
  out.points_needed = kEvidencePoints;
  if (!state_->LevelPrior(slot)) {
    out.points_needed = std::max(
        kEvidencePoints,
        static_cast<std::uint64_t>((kEvidenceMs + spec.interval_ms - 1) / spec.interval_ms));
  }
  out.judged = state_->HasEvidence(slot);
  if (!IsShare(spec.kind) || s.slow.expected <= 0 || s.slow.squared <= 0) return out;
  const double share = std::min(kShareMax, s.slow.expected / s.slow.trials);
  out.events = s.slow.trials * s.slow.expected / s.slow.squared;
  out.events_needed = kEvidenceOdds / -std::log(share);
  return out;
}

}  // namespace quell::detectors
