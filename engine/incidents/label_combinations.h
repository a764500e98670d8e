// Combinations of label pairs that an incident's lanes carry: candidates for its scope and origin.
#pragma once

#include <vector>

#include "engine/incidents/scope_index.h"

namespace quell::incidents {

// What some of the lanes carry together.
struct Tally {
  Pairs pairs;
  size_t lanes = 0;
  std::vector<FamilyId> families;  // ascending
};

// Every combination of up to three pairs that a lane carries, the empty one too, those of most
// lanes first. Constant pairs are left out unless there is nothing else; of a lane at most eight
// pairs are combined.
std::vector<Tally> TallyCombinations(const std::vector<LaneId>& lanes, const ScopeIndex& index);

bool Carries(LaneId lane, const Pairs& pairs, const ScopeIndex& index);
std::vector<FamilyId> FamiliesOf(const std::vector<LaneId>& lanes, const ScopeIndex& index);
std::vector<LaneId> Covered(const std::vector<LaneId>& lanes, const Pairs& pairs,
                            const ScopeIndex& index);

}  // namespace quell::incidents
