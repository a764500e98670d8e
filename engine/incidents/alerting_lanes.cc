#include "engine/incidents/alerting_lanes.h"

#include <algorithm>

namespace quell::incidents {

size_t AlertingLanes::CountIn(std::span<const PairId> pairs,
                              std::span<const FamilyId> families) const {
  return counts_.Of(pairs, families, [&] {
    return static_cast<size_t>(std::count_if(lanes_.begin(), lanes_.end(), [&](LaneId lane) {
      return index_.Matches(lane, pairs, families);
    }));
  });
}

}  // namespace quell::incidents
