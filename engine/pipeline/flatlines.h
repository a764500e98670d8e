// Flatlines: the levels' runs of equal values, by slot.
//
// Bounded: 24 bytes a slot. Pure; thread-compatible. State: part of "pipeline"
// (docs/formats/snapshot.md).
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/bytes.h"
#include "detectors/flatline.h"
#include "detectors/types.h"

namespace quell::pipeline {

class Flatlines {
 public:
  const detectors::Flatline& Observe(detectors::Slot slot, double level, DurationMs interval_ms) {
    if (slot >= states_.size()) states_.resize(slot + 1);
    states_[slot].Observe(level, interval_ms);
    return states_[slot];
  }

  void Save(ByteWriter& out) const { out.PutArray(states_); }
  // False where it does not decode.
  bool Load(ByteReader& in, size_t slots) {
    states_ = in.GetArray<detectors::Flatline>();
    const auto sound = [](const detectors::Flatline& s) {
      return std::isfinite(s.value) && s.run >= 0 && s.usual >= 0 && s.longest >= 0 &&
             s.weight >= 0 && std::isfinite(s.usual) && std::isfinite(s.weight);
    };
    return in.ok() && states_.size() <= slots && std::all_of(states_.begin(), states_.end(), sound);
  }

 private:
  std::vector<detectors::Flatline> states_;
};

}  // namespace quell::pipeline
