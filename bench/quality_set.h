// One simulated platform, replayed once: Quell's pages, the baselines' pages over the same points,
// and the clairvoyant's sightings of the same incidents.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/result.h"
#include "replay/bounds/clairvoyant.h"
#include "replay/bounds/strict.h"
#include "replay/simulator/options.h"

namespace quell::bench {

// The usual one, and those from which the best is chosen in hindsight.
inline constexpr std::array<double, 6> kZLimits = {4, 6, 9, 15, 25, 50};

struct QualitySet {
  std::string name;
  size_t signals = 0;
  replay::StrictScores quell, rules;
  std::vector<replay::StrictScores> robust_z;  // by kZLimits
  std::vector<replay::Sighting> bound;         // of quell.incidents, in that order
};

// Writes the history into `folder` (made, and emptied of it again) and replays it with the default
// configuration.
Result<QualitySet> RunQualitySet(const simulator::SimulatorOptions& options,
                                 const std::string& folder);

void Join(const QualitySet& more, QualitySet& into);

}  // namespace quell::bench
