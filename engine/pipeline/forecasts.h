// Forecasts: time to limit of every signal whose definition has a limit.
//
// Never a part of a decision: what is paged does not depend on it.
// Bounded: 500 signals, 7.9 KB each; further ones are counted and not forecast.
// Thread-compatible. State: part of "pipeline" (docs/formats/snapshot.md).
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/bytes.h"
#include "detectors/bank.h"
#include "detectors/forecast.h"
#include "engine/signals/signal_engine.h"

namespace quell::pipeline {

struct ForecastReading {
  std::uint32_t slot = 0;
  bool known = false;  // else it is still learning, or its samples have stopped
  TimeMs as_of = 0;
  detectors::TimeToLimit until;
};

class Forecasts {
 public:
  static constexpr size_t kSignalsMax = 500;

  void Observe(const signals::SignalDef& def, detectors::Slot slot, TimeMs step_end, double value,
               const detectors::DetectorBank& bank) {
    if (def.limit.has_value()) Take(slot, step_end, value, bank);
  }
  // By slot; against the limits as they are configured now.
  [[nodiscard]] std::vector<ForecastReading> Read(const signals::SignalEngine& signals,
                                                  TimeMs now) const;
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

  void Save(ByteWriter& out) const;
  // Leaves out signals that have no limit any more. False where it does not decode.
  bool Load(ByteReader& in, const signals::SignalEngine& signals);

 private:
  struct Entry {
    detectors::Forecaster forecaster;
    detectors::Outlook outlook{};
    bool known = false;
  };
  void Take(detectors::Slot slot, TimeMs step_end, double value,
            const detectors::DetectorBank& bank);

  std::map<detectors::Slot, Entry> entries_;
  std::uint64_t refused_ = 0;  // points of signals beyond the bound
};

}  // namespace quell::pipeline
