// Relevance: whether what is improbable is also worth waking a person. One small state a signal.
//
// Latency  many more requests just beyond a bucket's edge are no news: the latest requests
//          together must be told as slower by a third.
// Volume   demand comes and goes by the hour, outages within minutes: half of the deviation must
//          be new, and what was counted must itself have changed by half of it (what is expected
//          changes at full hours, too), unless traffic has all but stopped.
// Ratio    a handful of failures among a handful of requests (under 60 a minute) must go on for
//          twenty minutes, unless nearly all requests fail, or several lanes say so at once.
// All three are rules of thumb with a number that is policy (engine/signals/alert_rules.h), stated
// in docs/detection.md. Pure; thread-compatible.
// State: part of kind "pipeline", version 4.
#pragma once

#include <cstdint>
#include <vector>

#include "core/bytes.h"
#include "core/time.h"
#include "detectors/types.h"
#include "engine/signals/alert_rules.h"

namespace quell::pipeline {

class Relevance {
 public:
  // Takes in a point; `shown` is what people read of it (a latency's quantile in seconds).
  void Observe(detectors::SignalKind kind, const detectors::Point& point, double shown,
               DurationMs interval_ms, const signals::AlertRules& rules);
  // What was shown of the latest requests (seconds); `fallback` where there were none.
  [[nodiscard]] double LatestShown(detectors::Slot slot, double fallback) const;

  // Whether the latency of the latest requests is within the rise of `usual` (both in seconds).
  [[nodiscard]] bool HardlySlower(detectors::Slot slot, double usual,
                                  const signals::AlertRules& rules) const;
  // For how many points an anomaly must have lasted, because the failures of a ratio are partial
  // and among few requests; 0 = they are not.
  [[nodiscard]] size_t LastingPoints(detectors::Slot slot, DurationMs interval_ms,
                                     const signals::AlertRules& rules) const;
  // For how many points, where under half of the requests are concerned; 0 = they are enough.
  static size_t PartialPoints(DurationMs interval_ms, const signals::AlertRules& rules);
  // Within how many points a volume's deviation must have come; 0 = it has all but stopped.
  static size_t AbruptWithin(const detectors::Verdict& verdict, DurationMs interval_ms,
                             const signals::AlertRules& rules);
  // Whether a volume has itself changed lately by less than half of what the verdict says.
  [[nodiscard]] bool HardlyChanged(const detectors::Verdict& verdict) const;
  // Whether enough requests stand behind a share to hold it against a limit on side `sign`: two of
  // two are no evidence. True of other kinds.
  [[nodiscard]] bool Supported(detectors::Slot slot, detectors::SignalKind kind, int sign) const;

  void Save(ByteWriter& out) const { out.PutArray(states_); }
  void Load(ByteReader& in) { states_ = in.GetArray<State>(); }

 private:
  struct State {
    float requests = 0;    // a point, decayed mean
    float log_shown = 0;   // latency: mean by requests, decayed, times log_weight
    float log_weight = 0;  // latency: requests behind log_shown, decayed
    float volume = 0;      // volume: mean over the latest minutes
    float run_bad = 0;     // since the latest point without a failure
    float run_all = 0;
  };
  std::vector<State> states_;  // by slot
};

}  // namespace quell::pipeline
