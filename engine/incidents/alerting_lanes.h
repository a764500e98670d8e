// AlertingLanes: the lanes with alerts that began about now. Made for a step.
//
// Counts are remembered (scope_counts.h): not even const calls may overlap.
#pragma once

#include <span>
#include <vector>

#include "engine/incidents/lane_set.h"
#include "engine/incidents/scope_counts.h"
#include "engine/incidents/scope_index.h"

namespace quell::incidents {

class AlertingLanes {
 public:
  // Borrows `index`.
  explicit AlertingLanes(const ScopeIndex& index) : index_(index), set_(index.lanes()) {}

  // REQUIRES: nothing has been counted yet.
  void Add(LaneId lane) {
    if (set_.Test(lane)) return;
    set_.Set(lane);
    lanes_.push_back(lane);
  }
  [[nodiscard]] bool Has(LaneId lane) const { return set_.Test(lane); }
  // How many of them the scope matches (ScopeIndex::Matches).
  [[nodiscard]] size_t CountIn(std::span<const PairId> pairs,
                               std::span<const FamilyId> families) const;

 private:
  const ScopeIndex& index_;
  LaneSet set_;
  std::vector<LaneId> lanes_;
  mutable ScopeCounts counts_;
};

}  // namespace quell::incidents
