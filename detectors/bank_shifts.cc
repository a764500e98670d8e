// What lastingly changes in a slot (level, scale, time of day), what is adopted of it, and taking
// that back.
#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "detectors/bank_state.h"

namespace quell::detectors {
namespace {

constexpr double kShiftZ = 3.5;             // of the long window: a shift is under way ...
constexpr double kShiftGoneZ = 1.0;         // ... until nothing is left of it
constexpr double kScaleDoubtMax = 0.1;      // variance of a noise's logarithm that says something
constexpr double kRetaughtNoiseMin = 2;     // standard deviations of a quarter-hour
constexpr double kRetaughtLogMin = 0.2231;  // of logarithms: a factor of 1.25
constexpr double kSaidDoubt = 0.05;         // of a shift that somebody calls normal
constexpr double kSaidDoubtMax = 0.1;       // link units
constexpr double kWindowPointsMin = 2;
constexpr double kWindowEventsMin = 10;        // below, the short window says little
constexpr DurationMs kShapeYoungMs = kWeekMs;  // no scale or time of day is lasting before

std::array<float, kCharts> NoisesOf(const SlotState& s) {
  return {s.noise.log_variance, s.fast.noise.log_variance, s.slow.noise.log_variance};
}

}  // namespace

// At most one is said a point; the other waits for the next.
AdoptedShift DetectorBank::State::Follow(Slot slot, TimeMs step_end, const Prediction& prediction,
                                         double slow_z, DurationMs passed, bool routine) {
  const AdoptedShift level = FollowLevel(slot, step_end, prediction, slow_z);
  if (level.since != 0 || slots[slot].frozen != 0 || routine) return level;
  return FollowScale(slot, step_end, std::min(passed, specs[slot].interval_ms), prediction.link);
}

// Follows a lasting deviation, and takes it for the new normal when it has settled.
AdoptedShift DetectorBank::State::FollowLevel(Slot slot, TimeMs step_end,
                                              const Prediction& prediction, double slow_z) {
  SlotState& s = slots[slot];
  if (s.frozen == 0) {
    // A thin lane's window wavers: what has begun goes on while something of it is left.
    const double left = s.shift.side == 0 ? 0 : static_cast<double>(s.shift.side) * slow_z;
    if (IsYoung(slot) || (left < kShiftGoneZ && std::fabs(slow_z) < kShiftZ)) {
      s.shift.Reset();
      return {};
    }
  }
  const Deviation seen = DeviationOf(slot, s.slow);
  s.shift.Observe(step_end, seen.link, tempos[slot].shift_decay);
  const double noise_sd = std::sqrt(s.slow.noise.Variance(NoiseFloor(slot, s.baseline.base)));
  if (HeldNow(slot) || !s.shift.Adopted(step_end, noise_sd, options.adopt_after_ms, seen.stop)) {
    return {};
  }
  return TakeLevel(slot, ShiftKind::kLevel, s.shift.since, s.shift.settled, prediction);
}

DetectorBank::State::Deviation DetectorBank::State::DeviationOf(Slot slot,
                                                                const ChartState& window) const {
  const SignalKind kind = specs[slot].kind;
  Deviation out;
  if (window.expected <= 0) return out;
  if (kind == SignalKind::kGauge) {
    out.link = window.seen / window.expected;
    return out;
  }
  const double seen = std::max(window.seen, 0.01 * window.expected + 1e-9);
  out.link = std::log(seen / window.expected);
  if (IsShare(kind)) {
    const double p = std::min(seen / window.trials, 1 - 1e-6);
    const double q = 1 - std::min(window.expected / window.trials, 1 - 1e-6);
    out.link -= std::log((1 - p) / q);
    out.stop = p > 0.5 && q > 0.5;
  } else {
    out.stop = seen < 0.05 * window.expected;
  }
  return out;
}

// `prediction`: of the latest point, before it is moved by `deviation`.
AdoptedShift DetectorBank::State::TakeLevel(Slot slot, ShiftKind why, TimeMs since,
                                            double deviation, const Prediction& prediction) {
  SlotState& s = slots[slot];
  AdoptedShift out{.slot = slot, .what = why, .since = since};
  out.variance = s.baseline.base_variance;
  // The local level has met some of it.
  out.shift = deviation + prediction.level;
  out.from = ValueOf(slot, prediction.link);
  out.to = ValueOf(slot, prediction.link + deviation);
  Relevel(View(slot), out.shift);
  for (ChartState* chart : {&s.fast, &s.slow}) {
    chart->seen = specs[slot].kind == SignalKind::kGauge ? 0 : chart->expected;
  }
  s.shift.Reset();
  s.onset = ChangeOnset{};
  s.frozen = 0;
  return out;
}

// Whether a change of what is expected of a time of day is one to speak of: by a quarter (or by the
// standard deviation of the values over days), and beyond the noise.
bool DetectorBank::State::WorthTelling(Slot slot, double change, double noise) const {
  const SlotState& s = slots[slot];
  const DurationMs learned = static_cast<DurationMs>(s.observed) * specs[slot].interval_ms;
  if (learned < kShapeYoungMs || std::fabs(change) < kRetaughtNoiseMin * std::sqrt(noise)) {
    return false;
  }
  const bool linear = specs[slot].kind == SignalKind::kGauge && s.logarithmic == 0;
  return std::fabs(change) >= (linear ? std::sqrt(s.spread) : kRetaughtLogMin);
}

// Opens the quarter-hour of a point. True if what deviates in it is routine: it is learned as if
// this time of day were new. (Failing payments are never routine by themselves.)
bool DetectorBank::State::EnterTime(Slot slot, TimeMs step_end, RetaughtQuarter& retaught) {
  SlotState& s = slots[slot];
  const BaselineView view = View(slot);
  const std::int64_t before = s.baseline.quarter;
  const double noise = QuarterNoise(slot);
  const auto season = [&](const SeasonCell& day) {
    return s.baseline.base + day.Mean() + view.cells[WeekCell(before)].Mean();
  };
  const double from = s.before.Visited() ? season(s.before) : 0;
  EnterQuarter(view, step_end, noise);
  const std::int64_t now = s.baseline.quarter;
  if (now != before && before != INT64_MIN) {
    s.recurring.Finish(DayCell(before));
    if (s.before.Visited()) {
      const double to = season(view.cells[DayCell(before)]);
      if (WorthTelling(slot, to - from, noise)) {
        retaught.slot = slot;
        retaught.cell = {static_cast<std::uint32_t>(DayCell(before)), s.before.bits()};
        retaught.begins = before * kQuarterMs - specs[slot].utc_offset_ms;
        retaught.from = ValueOf(slot, from);
        retaught.to = ValueOf(slot, to);
        retaught.side = to < from ? -1 : 1;
      }
      s.before = SeasonCell{};
    }
  }
  if (HeldNow(slot)) return false;
  const int side = s.frozen == 0 ? s.recurring.Recurs(DayCell(now)) : 0;
  const bool recurs = specs[slot].kind == SignalKind::kRatio ? side < 0 : side != 0;
  const bool routine = s.frozen == kRoutine || recurs;
  if (!routine) return false;
  if (!s.before.Visited()) s.before = view.cells[DayCell(now)];
  DoubtTimeOfDay(view);
  return true;
}

// Whether an operator has said that the earlier shape of this time of day is the right one.
bool DetectorBank::State::HeldNow(Slot slot) const {
  const SlotState& s = slots[slot];
  return s.baseline.quarter != INT64_MIN && s.recurring.Held(DayCell(s.baseline.quarter));
}

// A noise's standard deviation in the value's unit, where `link` is expected.
double DetectorBank::State::SpreadOf(Slot slot, double link, double variance) const {
  const double sd = std::sqrt(variance);
  const double value = ValueOf(slot, link);
  if (IsShare(specs[slot].kind)) return value * (1 - value) * sd;
  if (specs[slot].kind == SignalKind::kRate) return value * sd;
  return slots[slot].logarithmic == 0 ? sd : (value + slots[slot].offset) * sd;
}

// Follows how wide the noise is, of a point that taught; it says when that is lastingly new.
AdoptedShift DetectorBank::State::FollowScale(Slot slot, TimeMs step_end, DurationMs passed,
                                              double link) {
  SlotState& s = slots[slot];
  if (IsYoung(slot) || step_end < s.scale.held_until) return {};
  const std::array<float, kCharts> noises = NoisesOf(s);
  const auto interval = static_cast<double>(specs[slot].interval_ms);
  // Until a week is known the usual is the mean of what was seen since the slot was young.
  const double learned = static_cast<double>(s.observed) * interval;
  const bool young = learned < kShapeYoungMs || NoiseDoubt(slot, 0) > kScaleDoubtMax;
  if (s.scale.usual == std::array<float, kCharts>{}) s.scale.Settle(noises);
  double change = static_cast<double>(noises[0]) - s.scale.usual[0];
  double floor = 0;
  if (std::fabs(change) > ScaleShift::kGone) {
    floor = NoiseFloor(slot, s.baseline.base);
    change = std::log(s.noise.Variance(floor)) -
             std::log(NoiseScale{s.scale.usual[0], 0}.Variance(floor));
  }
  s.scale.Observe(step_end, young ? 0 : change, noises, static_cast<double>(passed) / kHourMs,
                  tempos[slot].scale_gain);
  if (!s.scale.Adopted(step_end, options.adopt_after_ms)) return {};
  AdoptedShift out{.slot = slot, .what = ShiftKind::kScale, .since = s.scale.since};
  out.noises = s.scale.usual;
  out.from = SpreadOf(slot, link, NoiseScale{s.scale.usual[0], 0}.Variance(floor));
  out.to = SpreadOf(slot, link, s.noise.Variance(floor));
  s.scale.Settle(noises);
  return out;
}

AdoptedShift DetectorBank::AdoptLevel(Slot slot) {
  QUELL_CHECK(slot < size());
  State& state = *state_;
  SlotState& s = state.slots[slot];
  if (s.started == 0) return {};
  const bool thin = s.fast.weight < kWindowPointsMin ||
                    (state.specs[slot].kind != SignalKind::kGauge &&
                     std::max(s.fast.expected, s.fast.seen) < kWindowEventsMin);
  const TimeMs since = s.shift.side != 0 ? s.shift.since : state.OnsetOf(slot);
  const double deviation = state.DeviationOf(slot, thin ? s.slow : s.fast).link;
  const AdoptedShift out = state.TakeLevel(slot, ShiftKind::kNewNormal, since, deviation,
                                           state.PredictAt(slot, state.last_step));
  // It was said, not guessed: siblings have little to say about it.
  const double doubt = std::min(kSaidDoubt * std::fabs(out.shift), kSaidDoubtMax);
  s.baseline.base_variance = out.variance + doubt * doubt;
  return out;
}

DetectorBank::NewNormal DetectorBank::PreviewLevel(Slot slot, TimeMs at) {
  QUELL_CHECK(slot < size());
  const SlotState kept = state_->slots[slot];
  NewNormal out;
  out.before = state_->BandAt(slot, at);
  out.adopted = AdoptLevel(slot);
  out.after = state_->BandAt(slot, at);
  state_->slots[slot] = kept;  // a level is part of the slot alone
  return out;
}

void DetectorBank::UndoLevel(Slot slot, double shift, double variance) {
  QUELL_CHECK(slot < size());
  State& state = *state_;
  SlotState& s = state.slots[slot];
  if (s.started == 0) return;
  Restore(state.View(slot), shift, variance);
  // What the windows hold deviates from it at once.
  for (ChartState* chart : {&s.fast, &s.slow}) {
    if (state.specs[slot].kind == SignalKind::kGauge) {
      chart->seen += shift * chart->expected;
      continue;
    }
    double ratio = std::exp(-shift);
    if (IsShare(state.specs[slot].kind) && chart->trials > 0) {
      const double p = std::min(chart->expected / chart->trials, 1 - 1e-6);
      ratio /= 1 - p + p * ratio;
    }
    chart->expected *= ratio;
    chart->squared *= ratio;
  }
  s.onset = ChangeOnset{};
  s.shift.Reset();
  s.shift.held_until = state.last_step + LevelShift::kStopFactor * state.options.adopt_after_ms;
}

void DetectorBank::UndoScale(Slot slot, const std::array<float, kCharts>& noises) {
  QUELL_CHECK(slot < size());
  SlotState& s = state_->slots[slot];
  if (s.started == 0) return;
  s.noise.log_variance = noises[0];
  s.fast.noise.log_variance = noises[1];
  s.slow.noise.log_variance = noises[2];
  s.scale.Settle(noises);
  s.scale.held_until = state_->last_step + ScaleShift::kLastFactor * state_->options.adopt_after_ms;
}

void DetectorBank::UndoTime(Slot slot, std::span<const QuarterBefore> quarters) {
  QUELL_CHECK(slot < size());
  SlotState& s = state_->slots[slot];
  if (s.started == 0) return;
  const BaselineView view = state_->View(slot);
  for (const QuarterBefore& quarter : quarters) {
    QUELL_CHECK(quarter.cell < kDayCells);
    const auto cell = static_cast<int>(quarter.cell);
    view.cells[cell] = SeasonCell::OfBits(quarter.before);
    s.recurring.Hold(cell);
    if (cell != DayCell(s.baseline.quarter)) continue;
    s.baseline.quarter_seen = s.baseline.quarter_expected = s.baseline.quarter_points = 0;
    s.before = SeasonCell{};
  }
}

bool DetectorBank::HoldsTime(Slot slot) const {
  QUELL_CHECK(slot < size());
  const SlotState& s = state_->slots[slot];
  if (s.started == 0 || s.baseline.quarter == INT64_MIN) return false;
  bool held = false;
  for (std::int64_t near = -2; near <= 2; ++near) {
    held = held || s.recurring.Held(DayCell(s.baseline.quarter + near));
  }
  return held;
}

}  // namespace quell::detectors
