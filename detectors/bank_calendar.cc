// What a volume takes from its group's calendar, and what it tells it.
#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "detectors/bank_state.h"

namespace quell::detectors {
namespace {

// Before that what differs may be a weekday that has not been learned.
constexpr DurationMs kTeachesAfterMs = 2 * kWeekMs;
constexpr double kCentreMs = 2.0 * kWeekMs;

}  // namespace

DayFactor DetectorBank::State::CalendarAt(Slot slot, TimeMs at) const {
  const SignalSpec& spec = specs[slot];
  DayFactor out;
  if (spec.kind != SignalKind::kRate) return out;
  const std::int64_t local = LocalMiddle(spec, at);
  for (const std::uint32_t parent : spec.parents) {
    if (parent == 0) continue;
    const DayFactor factor = calendars[parent].At(local);
    out.log += factor.log;
    out.variance += factor.variance;
  }
  return out;
}

Prediction DetectorBank::State::PredictAt(Slot slot, TimeMs at) {
  return Predict(View(slot), at, CalendarAt(slot, at));
}

// In slot order, after all slots of the step are judged.
void DetectorBank::State::NoteCalendar(TimeMs step_end, const Point& point, const Judged& judged) {
  const SignalSpec& spec = specs[point.slot];
  if (spec.kind != SignalKind::kRate || !judged.teaches) return;
  const auto [near, far] = spec.parents;
  if (near == 0 && far == 0) return;
  const auto learned = static_cast<DurationMs>(slots[point.slot].observed) * spec.interval_ms;
  if (learned < kTeachesAfterMs) return;
  // Against the base of the weeks before: the present one follows what the day brings, and may have
  // adopted it.
  SlotState& s = slots[point.slot];
  if (s.centre == 0) s.centre = s.baseline.base;
  const double gain = static_cast<double>(spec.interval_ms) / kCentreMs;
  s.centre += std::min(1.0, gain) * (s.baseline.base - s.centre);
  if (s.announced != 0) return;
  const double link = judged.season - s.baseline.base + s.centre;
  const double usual =
      std::exp(std::clamp(link, -60.0, 60.0)) * ExposureOf(point, spec.interval_ms);
  const std::int64_t local = LocalMiddle(spec, step_end);
  CalendarPool* wider = far != 0 ? &calendars[far] : nullptr;
  if (wider != nullptr) wider->Note(local, point.k, usual, spec.interval_ms, nullptr);
  if (near != 0) calendars[near].Note(local, point.k, usual, spec.interval_ms, wider);
}

Grounds::Calendar DetectorBank::State::CalendarGrounds(Slot slot, TimeMs at) const {
  const SignalSpec& spec = specs[slot];
  Grounds::Calendar out;
  const DayFactor factor = CalendarAt(slot, at);
  if (factor.log == 0) return out;
  const std::int64_t local = LocalMiddle(spec, at);
  for (const std::uint32_t parent : {spec.parents[1], spec.parents[0]}) {
    if (parent == 0) continue;
    const CalendarPool::Effect* effect = calendars[parent].Leading(local);
    if (effect == nullptr) continue;
    out.factor = std::exp(factor.log);
    out.day = DayClassOf(effect->day_class);
    out.earlier = static_cast<std::uint32_t>(effect->earlier);
    break;
  }
  return out;
}

}  // namespace quell::detectors
