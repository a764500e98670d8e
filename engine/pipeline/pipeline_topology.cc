// What a service graph's series say of who calls whom.
#include "engine/pipeline/pipeline.h"

namespace quell::pipeline {

bool Pipeline::TellsCalls(std::uint32_t slot) const {
  const Labels& labels = signals_.signals()[slot].labels;
  return signals_.Definition(slot).kind == detectors::SignalKind::kRate && labels.Has("client") &&
         labels.Has("server");
}

void Pipeline::LearnCalls(TimeMs step_end) {
  for (const auto& made : made_) {
    const std::uint32_t slot = made.point.slot;
    if (!tells_calls_[slot]) continue;
    const Labels& labels = population_[slot];
    incidents_.LearnCall(step_end, labels.Get("client"), labels.Get("server"), made.point.n);
  }
}

}  // namespace quell::pipeline
