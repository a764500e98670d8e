// WeakAlerts: what would have fired, had there been more to go by, and may yet: one a signal.
//
// Each waits for five minutes after its last such point; then it is clear that no alert comes of
// it. Bounded: a thousand wait at once, more are not taken. Thread-compatible. State: part of the
// pipeline's (docs/formats/snapshot.md).
#pragma once

#include <map>
#include <vector>

#include "core/bytes.h"
#include "engine/incidents/alert.h"
#include "engine/pipeline/alarm_tracker.h"

namespace quell::pipeline {

struct WeakAlert {
  incidents::Alert alert;                               // without a number
  AlarmDecision why = AlarmDecision::kRestsOnOnePoint;  // the latest
  TimeMs latest = 0;                                    // when that was decided
};

class WeakAlerts {
 public:
  // Whether one of the slot waits, which is then told of this point.
  bool Again(std::uint32_t slot, TimeMs now, AlarmDecision why);
  [[nodiscard]] bool Full() const;
  void Add(std::uint32_t slot, WeakAlert weak) { waiting_.emplace(slot, std::move(weak)); }
  void Drop(std::uint32_t slot) { waiting_.erase(slot); }  // it fires
  // Those that have waited for long enough, by slot.
  std::vector<WeakAlert> Settle(TimeMs now);

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);

 private:
  std::map<std::uint32_t, WeakAlert> waiting_;
};

}  // namespace quell::pipeline
