// What an alert's evidence rests on, gathered from the bank and the signals when it is told.
#include <algorithm>

#include "engine/pipeline/pipeline.h"

namespace quell::pipeline {

using detectors::SignalKind;

incidents::Explanation Pipeline::ExplainMissing(std::uint32_t slot, TimeMs now) const {
  incidents::Explanation out = ExplainHistory(slot, now, bank_.GroundsOf(slot, now));
  if (signals_.Definition(slot).kind == SignalKind::kQuantile) {
    out.usual = signals_.Usual(slot, 0, 0).expected;
  }
  return out;
}

// What does not depend on a point: the usual, the data, the baseline.
incidents::Explanation Pipeline::ExplainHistory(std::uint32_t slot, TimeMs at,
                                                const detectors::Grounds& grounds) const {
  const signals::RecentTroubles& troubles = signals_.Troubles(slot);
  incidents::Explanation out;
  out.as_of = at;
  out.utc_offset_ms = told_offsets_[zone_of_[slot]];
  out.usual = grounds.usual;
  out.earlier_days = grounds.earlier_days;
  out.earlier_weeks = grounds.earlier_weeks;
  out.calendar = grounds.calendar;
  out.learned_ms = grounds.learned_ms;
  out.arrived = grounds.arrived;
  out.arrived_ms = std::min(grounds.windows[1].span_ms, grounds.learned_ms);
  const auto lately = troubles.Lately(at);
  out.late = lately[static_cast<size_t>(signals::Trouble::kLate)];
  out.resets = lately[static_cast<size_t>(signals::Trouble::kReset)];
  out.gaps = lately[static_cast<size_t>(signals::Trouble::kGap)];
  out.troubles_ms = signals::RecentTroubles::Reach(at);
  return out;
}

incidents::Explanation Pipeline::ExplanationOf(const signals::SignalEngine::StepPoint& step_point,
                                               const detectors::Verdict& verdict,
                                               TimeMs step_end) const {
  const std::uint32_t slot = verdict.slot;
  const SignalKind kind = signals_.Definition(slot).kind;
  const detectors::Grounds grounds = bank_.GroundsOf(slot, step_end);
  incidents::Explanation out = ExplainHistory(slot, step_end, grounds);
  detectors::Grounds::Window& alone = out.windows[0];
  alone.span_ms = intervals_[slot];
  alone.seen = verdict.value;
  alone.expected = verdict.expected;
  if (kind != SignalKind::kGauge) alone.k = step_point.point.k;
  if (kind == SignalKind::kRatio || kind == SignalKind::kQuantile) {
    alone.n = step_point.point.n;
    alone.expected_k = verdict.expected * alone.n;
  } else if (kind == SignalKind::kRate) {
    alone.expected_k = verdict.expected * step_point.point.exposure_seconds;
  }
  out.windows[1] = grounds.windows[0];
  out.windows[2] = grounds.windows[1];
  if (kind == SignalKind::kQuantile) {
    // The quantile that so many more or fewer slow requests than now would make.
    const double more = grounds.usual - verdict.expected;
    const auto usual = signals_.Usual(slot, std::max(0.0, -more), std::max(0.0, more));
    out.usual = more > 0 ? usual.high : usual.low;
  }
  out.contributions = grounds.contributions;
  return out;
}

}  // namespace quell::pipeline
