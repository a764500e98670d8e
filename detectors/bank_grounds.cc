// What a verdict rests on: the windows, the usual, how much was learned, what isolates the group.
#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "detectors/bank_state.h"

namespace quell::detectors {
namespace {

Grounds::Window WindowOf(const SlotState& s, const SignalSpec& spec, const ChartState& chart,
                         double decay, double link) {
  Grounds::Window out;
  // Weights d^i are worth as much as (1 + d) / (1 - d) even ones.
  const double points = (1 + decay) / (1 - decay);
  out.span_ms = static_cast<DurationMs>(points * static_cast<double>(spec.interval_ms));
  const Opinion opinion = OpinionOf(s, spec.kind, chart, 0, link);
  out.seen = opinion.observed;
  out.expected = opinion.expected;
  if (spec.kind == SignalKind::kGauge) return out;
  // The sums are worth 1 / (1 - d) points: told are those of the even window.
  const double scale = 1 + decay;
  out.k = chart.seen * scale;
  out.expected_k = chart.expected * scale;
  out.n = chart.trials * scale;
  return out;
}

std::uint32_t WholeOf(DurationMs learned, DurationMs cycle) {
  return static_cast<std::uint32_t>(learned / cycle);
}

}  // namespace

Grounds DetectorBank::State::GroundsAt(Slot slot, TimeMs at) {
  const SlotState& s = slots[slot];
  const SignalSpec& spec = specs[slot];
  Grounds out;
  out.learned_ms = static_cast<DurationMs>(s.observed) * spec.interval_ms;
  out.contributions = forest.ContributionsOf(group_of[slot]);
  if (s.started == 0) return out;
  const BaselineView view = View(slot);
  const Prediction prediction = PredictAt(slot, at);
  out.usual = ValueOf(slot, prediction.season);
  out.calendar = CalendarGrounds(slot, at);
  const std::int64_t quarter = FloorDiv(at + view.model.shift_ms, kQuarterMs);
  if (view.cells[DayCell(quarter)].Visited()) {
    out.earlier_days = WholeOf(out.learned_ms, kDayMs);
  }
  if (view.cells[WeekCell(quarter)].Visited()) {
    out.earlier_weeks = WholeOf(out.learned_ms, kWeekMs);
  }
  const Tempo& tempo = tempos[slot];
  out.windows = {WindowOf(s, spec, s.fast, tempo.fast_decay, prediction.link),
                 WindowOf(s, spec, s.slow, tempo.slow_decay, prediction.link)};
  // Had every point come, the decayed count of them would be a full one.
  const double passed = static_cast<double>(std::max<DurationMs>(0, at - s.last)) /
                        static_cast<double>(spec.interval_ms);
  const double full = (1 - std::pow(tempo.slow_decay,
                                    static_cast<double>(std::max<std::uint64_t>(s.observed, 1)))) /
                      (1 - tempo.slow_decay);
  out.arrived = std::clamp(s.slow.weight * std::pow(tempo.slow_decay, passed) / full, 0.0, 1.0);
  return out;
}

double DetectorBank::State::TailUnder(const Point& point, TimeMs at,
                                      const std::array<double, 2>& factors) {
  const SlotState& s = slots[point.slot];
  const SignalSpec& spec = specs[point.slot];
  if (s.started == 0) return 1;
  const Prediction prediction = PredictAt(point.slot, at);
  const double exposure = ExposureOf(point, spec.interval_ms);
  const double floor = NoiseFloor(point.slot, prediction.link);
  const double noise = s.noise.Variance(floor);
  std::array<ChartState, kCharts> charts = {ChartState{}, s.fast, s.slow};
  AddEvidence(charts[0], 1, {point.k, std::exp(prediction.link) * exposure, 0, exposure});
  charts[0].noise = s.noise;
  Judged judged;
  judged.evidence = true;
  for (size_t i = 0; i < kCharts; ++i) {
    const double factor = factors[i < 2 ? 0 : 1];
    charts[i].expected *= factor;
    charts[i].squared *= factor;
    ChartReading reading = ReadChart(charts[i], spec.kind, floor, i == 0 ? 0 : noise,
                                     prediction.variance, kDegreesMax);
    // A window that reaches back before the factor held is off to the other side.
    if ((reading.z < 0) != (factor < 1)) reading.z = 0;
    Opine(point.slot, i, charts[i], reading, prediction.link, judged);
  }
  return Decide(point, judged).tail_probability;
}

double DetectorBank::TailUnder(const Point& point, TimeMs at,
                               const std::array<double, 2>& factors) const {
  QUELL_CHECK(point.slot < size());
  return state_->TailUnder(point, at, factors);
}

Grounds DetectorBank::GroundsOf(Slot slot, TimeMs at) const {
  QUELL_CHECK(slot < size());
  return state_->GroundsAt(slot, at);
}

}  // namespace quell::detectors
