// Drifts: of every signal, whether its input is still distributed as in the week before.
//
// Five minutes of points are one value, without their season; those in which the signal has an
// alert are left out: an incident is no drift. Never a part of a decision. Bounded: 20,000 signals,
// 616 bytes each; points of further ones are counted and not taken. Thread-compatible. State: part
// of "pipeline" (docs/formats/snapshot.md).
#pragma once

#include <cstdint>
#include <vector>

#include "core/bytes.h"
#include "detectors/bank.h"
#include "detectors/drift.h"

namespace quell::pipeline {

struct DriftReading {
  std::uint32_t slot = 0;
  detectors::DriftVerdict verdict;
};

struct DriftCounters {
  // Verdicts of days, and of them how many gave this advice, or had a p below.
  std::uint64_t verdicts = 0, watch = 0, retrain = 0, below_5_percent = 0, below_1_percent = 0;
  std::uint64_t refused = 0;  // points of signals beyond the bound
};

class Drifts {
 public:
  static constexpr size_t kSignalsMax = 20000;
  static constexpr DurationMs kCellMs = 5 * kMinuteMs;

  void Observe(const detectors::Point& point, TimeMs step_end, bool alerting,
               const detectors::DetectorBank& bank);
  // Of the latest day of each signal that has a verdict, by slot; none older than two days.
  [[nodiscard]] std::vector<DriftReading> Read(TimeMs now) const;
  [[nodiscard]] const DriftCounters& counters() const { return counters_; }
  [[nodiscard]] size_t size() const { return meters_.size(); }
  // Of so many signals, those that are not watched: the ones that appeared after the first 20,000.
  static size_t LeftOut(size_t signals) {
    return signals > kSignalsMax ? signals - kSignalsMax : 0;
  }

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in, size_t signals);  // false where it does not decode

 private:
  struct Cell {  // what its points sum up to
    double k = 0, n = 0, exposure = 0, value = 0;
    std::int32_t number = -1;
    std::uint16_t points = 0;
    std::uint16_t alerting = 0;
  };
  static_assert(sizeof(Cell) == 40, "saved as it lies: no padding");
  void Close(detectors::Slot slot, const detectors::DetectorBank& bank);

  std::vector<Cell> cells_;  // by slot
  std::vector<detectors::DriftMeter> meters_;
  DriftCounters counters_;
};

}  // namespace quell::pipeline
