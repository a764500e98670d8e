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

namespace {

// What a volume is told of all that moves it. What two do at once says nothing of either.
detectors::Announced Told(const std::vector<incidents::MovingChange>& moving,
                          const Labels& labels) {
  using detectors::Announced;
  using incidents::ChangeKind;
  Announced out = Announced::kNothing;
  int present = 0;
  for (const auto& one : moving) {
    if (!incidents::Touches(one.scope, labels)) continue;
    if (out == Announced::kNothing) out = Announced::kMoved;
    if (!one.present) continue;
    ++present;
    if (one.kind == ChangeKind::kPromotion) out = Announced::kPromotion;
    if (one.kind == ChangeKind::kHoliday) out = Announced::kHoliday;
  }
  return present > 1 ? Announced::kMoved : out;
}

}  // namespace

// Volumes alone: nothing else has a calendar.
void Pipeline::TellAnnounced(TimeMs step_end) {
  const auto moving = incidents_.MovingVolumes(step_end);
  if (moving.empty() && !told_announced_) return;
  told_announced_ = !moving.empty();
  for (std::uint32_t slot = 0; slot < bank_.size(); ++slot) {
    if (signals_.Definition(slot).kind != detectors::SignalKind::kRate) continue;
    bank_.SetAnnounced(slot, Told(moving, population_[slot]));
  }
}

}  // namespace quell::pipeline
