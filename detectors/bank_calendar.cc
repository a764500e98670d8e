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

AnnouncedPool::Expected DetectorBank::State::AnnouncedAt(Slot slot, TimeMs at) const {
  const SignalSpec& spec = specs[slot];
  const Announced what = slots[slot].announced;
  if (spec.kind != SignalKind::kRate || what == Announced::kNothing) return {};
  const auto [near, far] = spec.parents;
  const std::int64_t local = LocalMiddle(spec, at);
  const AnnouncedPool* wider = far != 0 ? &announced[far] : nullptr;
  if (near != 0) return announced[near].At(what, local, wider);
  return wider != nullptr ? wider->At(what, local, nullptr) : AnnouncedPool::Expected{};
}

Prediction DetectorBank::State::PredictAt(Slot slot, TimeMs at) {
  DayFactor factor = CalendarAt(slot, at);
  const DayFactor told = AnnouncedAt(slot, at).factor;
  factor.log += told.log;
  factor.variance += told.variance;
  return Predict(View(slot), at, factor);
}

// In slot order, after all slots of the step are judged.
void DetectorBank::State::NoteCalendar(TimeMs step_end, const Point& point, const Judged& judged) {
  const SignalSpec& spec = specs[point.slot];
  SlotState& s = slots[point.slot];
  // An announced day is odd, and may be an alert: that is what is to be learned of it.
  const bool told = s.announced > Announced::kMoved;
  if (spec.kind != SignalKind::kRate || (!judged.teaches && !told)) return;
  const auto [near, far] = spec.parents;
  if (near == 0 && far == 0) return;
  const auto learned = static_cast<DurationMs>(slots[point.slot].observed) * spec.interval_ms;
  if (learned < kTeachesAfterMs) return;
  // Against the base of the weeks before: the present one follows what the day brings, and may have
  // adopted it.
  if (s.centre == 0) s.centre = s.baseline.base;
  const double gain = static_cast<double>(spec.interval_ms) / kCentreMs;
  if (judged.teaches) s.centre += std::min(1.0, gain) * (s.baseline.base - s.centre);
  if (s.announced == Announced::kMoved) return;
  const double link = judged.season - s.baseline.base + s.centre;
  const double usual =
      std::exp(std::clamp(link, -60.0, 60.0)) * ExposureOf(point, spec.interval_ms);
  const std::int64_t local = LocalMiddle(spec, step_end);
  if (told) {
    const double expected = usual * std::exp(CalendarAt(point.slot, step_end).log);
    for (const std::uint32_t parent : {near, far}) {
      if (parent == 0) continue;
      announced[parent].Note(s.announced, local, point.k, expected, spec.interval_ms);
    }
    return;
  }
  CalendarPool* wider = far != 0 ? &calendars[far] : nullptr;
  if (wider != nullptr) wider->Note(local, point.k, usual, spec.interval_ms, nullptr);
  if (near != 0) calendars[near].Note(local, point.k, usual, spec.interval_ms, wider);
}

Grounds::Calendar DetectorBank::State::CalendarGrounds(Slot slot, TimeMs at) const {
  const SignalSpec& spec = specs[slot];
  Grounds::Calendar out;
  const DayFactor factor = CalendarAt(slot, at);
  const AnnouncedPool::Expected told = AnnouncedAt(slot, at);
  if (std::fabs(told.factor.log) > std::fabs(factor.log)) {
    out.factor = std::exp(factor.log + told.factor.log);
    out.day = {DayRule::kAnnounced, static_cast<std::uint8_t>(slots[slot].announced)};
    out.earlier = static_cast<std::uint32_t>(told.earlier);
    return out;
  }
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
