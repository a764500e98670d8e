// TimeRuns: quarter-hours of the day that were learned as new, joined to what people call a time.
//
// A peak that moved from two to four fills some quarter-hours and empties others. Those of a signal
// and a side that follow each other within an hour are one run; it ends when nothing has followed
// for as long, or it is a day long. Bounded: two runs a
// signal, a day of cells each. Thread-compatible. State: part of kind "pipeline".
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "core/bytes.h"
#include "core/time.h"
#include "detectors/types.h"

namespace quell::pipeline {

struct TimeRun {
  TimeMs begins = 0;           // of the first quarter-hour
  TimeMs heard = 0;            // when the last was told
  std::uint32_t quarters = 0;  // from the first to the last
  double from = 0;             // means of what was expected in them, and is from now on
  double to = 0;
  std::vector<detectors::QuarterBefore> cells;  // those learned
};

class TimeRuns {
 public:
  void Add(const detectors::RetaughtQuarter& quarter, TimeMs now);
  // (slot, run) of those that have ended, by slot.
  std::vector<std::pair<std::uint32_t, TimeRun>> TakeEnded(TimeMs now);

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in, size_t signals);  // false: does not decode

 private:
  std::map<std::pair<std::uint32_t, std::int32_t>, TimeRun> runs_;  // by slot and side
};

}  // namespace quell::pipeline
