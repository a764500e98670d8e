#include "engine/pipeline/parents.h"

#include "detectors/kind_priors.h"
#include "engine/signals/label_words.h"

namespace quell::pipeline {

std::span<const Parents::Child> Parents::Add(detectors::Slot slot, detectors::SignalKind kind,
                                             const Labels& labels) {
  known_.clear();
  if (!detectors::IsShare(kind) && kind != detectors::SignalKind::kRate) return known_;
  std::uint32_t& numbers = detectors::IsShare(kind) ? shares_ : volumes_;
  Labels service;
  Labels region;
  for (const Label& label : labels) {
    const bool is_service = label.name == "alertname" || signals::IsServiceLabel(label.name);
    if (is_service) service.Set(label.name, label.value);
    if (is_service || signals::IsPlaceLabel(label.name)) region.Set(label.name, label.value);
  }
  if (!(region == service)) Join(region, 0, slot, numbers);
  Join(service, 1, slot, numbers);
  return known_;
}

void Parents::Join(const Labels& name, std::uint32_t level, detectors::Slot slot,
                   std::uint32_t& numbers) {
  Parent& parent = parents_[name];
  if (parent.number == 0) {
    parent.first[parent.children++] = slot;
    if (parent.children < kChildrenMin) return;
    parent.number = ++numbers;
    for (const detectors::Slot child : parent.first)
      known_.push_back({child, level, parent.number});
    return;
  }
  known_.push_back({slot, level, parent.number});
}

}  // namespace quell::pipeline
