// Impact: failed requests above what was expected, from the evidence of alerts. Pure.
//
// Of each labelled series that fails more than usual: k minus the expected k, in the alert's most
// telling step or in one of the windows that agree, whichever says most. Series of one signal are
// disjoint and add up; signals may count the same requests, and the largest stands for all. What
// failed before and after that step is not in it: a lower bound, and the windows are decayed sums.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/postmortem/recorded.h"

namespace quell::postmortem {

struct SignalImpact {
  std::string signal;
  double failed = 0;  // above what was expected
  size_t series = 0;
};

struct Impact {
  std::vector<SignalImpact> signals;  // the largest first, then by name
  std::optional<double> failed;       // nullopt = not known
  std::string words;
};

Impact ImpactOf(std::span<const RecordedAlert> alerts);

}  // namespace quell::postmortem
