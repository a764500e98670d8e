// Standing: whether a signal can be judged now, and if not why. Insufficient evidence is a state to
// be seen, not a silence.
//
// Plain data and pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/signals/signal_engine.h"

namespace quell::pipeline {

enum class EvidenceState : std::uint8_t {
  kEnough,       // judged against its own past
  kLearning,     // too short a past, and no limit to hold it against
  kLimitOnly,    // too short a past: held against a static limit, a floor or a ceiling alone
  kFewRequests,  // so few requests lately that even if all of them were bad it would say little
  kStale,        // no samples: late, dead or retired
};
inline constexpr size_t kEvidenceStates = 5;
inline constexpr size_t kSignalStates = 5;
std::string_view EvidenceStateName(EvidenceState state);  // "enough", "learning", ...

struct Standing {
  EvidenceState evidence = EvidenceState::kLearning;
  std::uint64_t points = 0;  // of its past
  std::uint64_t points_needed = 0;
  double requests = 0;  // of a share, in the long window, discounted for their age
  double requests_needed = 0;
};
std::string StandingText(const Standing& standing);  // "learning: 100 of 240 points"

// How many signals there are, by SignalState and EvidenceState.
struct Census {
  std::array<std::array<std::uint64_t, kEvidenceStates>, kSignalStates> signals{};
};

}  // namespace quell::pipeline
