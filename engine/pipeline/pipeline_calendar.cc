// What the bank is told of days: local time, and what was announced.
#include <algorithm>

#include "engine/incidents/change_book.h"
#include "engine/pipeline/pipeline.h"

namespace quell::pipeline {

// Seldom more than a comparison: a zone's offset changes twice a year.
void Pipeline::TellOffsets(TimeMs step_end) {
  const bool first = told_offsets_.empty();
  told_offsets_.resize(zones_.size());
  for (size_t zone = 0; zone < zones_.size(); ++zone) {
    const DurationMs offset = zones_.OffsetAt(static_cast<std::uint16_t>(zone), step_end);
    if (!first && offset == told_offsets_[zone]) continue;
    told_offsets_[zone] = offset;
    for (std::uint32_t slot = 0; slot < bank_.size(); ++slot) {
      if (zone_of_[slot] == zone) bank_.SetUtcOffset(slot, offset);
    }
  }
}

// Volumes alone: nothing else has a calendar.
void Pipeline::TellAnnounced(TimeMs step_end) {
  const std::vector<Labels> scopes = incidents_.MovingVolumes(step_end);
  if (scopes.empty() && !told_announced_) return;
  told_announced_ = !scopes.empty();
  for (std::uint32_t slot = 0; slot < bank_.size(); ++slot) {
    if (signals_.Definition(slot).kind != detectors::SignalKind::kRate) continue;
    bank_.SetAnnounced(slot, std::any_of(scopes.begin(), scopes.end(), [&](const Labels& scope) {
                         return incidents::Touches(scope, population_[slot]);
                       }));
  }
}

}  // namespace quell::pipeline
