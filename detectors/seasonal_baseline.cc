// A quarter-hour's evidence is G "effective events" (counts, deflated for process noise) or one
// mean residual. With prior variance P = base + day + week of the parts it informs, the joint
// shift is
//   counts   ln((seen + 1/P) / (expected + 1/P))      gauges   P / (P + R) * mean residual
// and each part takes its share of it, by the variances (see Part).
#include "detectors/seasonal_baseline.h"

#include <algorithm>
#include <cmath>

#include "detectors/season_clock.h"

namespace quell::detectors {
namespace {

constexpr double kBaseLeak = 0.00103;  // per quarter-hour: half-life of a week
constexpr double kVisitGrowth = 0.01;  // of an observation's variance: steady gain about 0.1
constexpr double kTaughtMax = 0.8;
constexpr std::int64_t kCarryQuartersMax = 8;

double Square(double x) { return x * x; }

bool Flipped(const BaselineView& view) { return IsShare(view.model.kind) && view.state.base > 0; }

struct Interpolated {
  double mean = 0;
  double variance = 0;
  bool visited = false;
};

// Linear between the centres of neighbouring cells, leaving out cells never visited.
Interpolated Interpolate(const SeasonCell* cells, int count, std::int64_t local, DurationMs width) {
  const std::int64_t in_cycle = FloorMod(local, count * width);
  const std::int64_t own = in_cycle / width;
  const double place = static_cast<double>(in_cycle - own * width) / static_cast<double>(width);
  const std::int64_t other = place < 0.5 ? (own + count - 1) % count : (own + 1) % count;
  const double share = std::fabs(place - 0.5);  // of the other
  const SeasonCell& a = cells[own];
  const SeasonCell& b = cells[other];
  if (a.Visited() && b.Visited()) {
    return {(1 - share) * a.Mean() + share * b.Mean(),
            Square(1 - share) * a.Variance() + Square(share) * b.Variance(), true};
  }
  if (a.Visited()) return {a.Mean(), a.Variance(), true};
  return {0, 0, false};
}

double LevelOf(const BaselineView& view, double prior_variance) {
  const BaselineState& s = view.state;
  const double prior = 1 / prior_variance;
  double level = 0;
  if (view.model.kind == SignalKind::kGauge) {
    level = s.level_seen / (s.level_expected + prior);
  } else if (s.level_expected > 0) {
    level = std::log((s.level_seen + prior) / (s.level_expected + prior));
    if (Flipped(view)) level = -level;
  }
  const double bound = PriorsOf(view.model.kind).level_max * view.model.unit;
  return std::clamp(level, -bound, bound);
}

// The parts of a quarter-hour's expectation: how uncertain each is given all that is known
// (prior), and how much of a surprise it is to blame for (blame).
struct Part {
  double prior = 0;
  double blame = 0;
};

Part DayPart(const BaselineView& view, const SeasonCell& day) {
  // On the first visit the neighbour before said much about this quarter-hour, but whatever it
  // did not say belongs to the time of day.
  const double fresh = Square(PriorsOf(view.model.kind).day_sd * view.model.unit);
  if (view.state.first_visit != 0) return {day.Visited() ? day.Variance() : fresh, fresh};
  return {day.Variance(), day.Variance()};
}

Part WeekPart(const BaselineView& view, const SeasonCell& week) {
  if (week.Visited()) return {week.Variance(), week.Variance()};
  const KindPriors& priors = PriorsOf(view.model.kind);
  const double hour = 2 * Square(priors.week_hour_sd * view.model.unit);
  if (view.state.first_visit != 0) return {hour, hour};
  return {Square(priors.week_sd * view.model.unit), hour};
}

void Blame(SeasonCell& cell, const Part& part, double blames, double shift, double gain,
           double growth) {
  const double share = part.blame / blames;
  cell.Set(cell.Mean() + shift * share,
           std::min(part.prior, part.blame) * (1 - share * gain) + growth);
}

void FinishQuarter(BaselineView view, double noise_variance) {
  BaselineState& s = view.state;
  const KindPriors& priors = PriorsOf(view.model.kind);
  const double unit2 = Square(view.model.unit);
  SeasonCell& day = view.cells[DayCell(s.quarter)];
  SeasonCell& week = view.cells[WeekCell(s.quarter)];
  const Part day_part = DayPart(view, day);
  const Part week_part = WeekPart(view, week);
  const double total = s.base_variance + day_part.prior + week_part.prior;
  const double blames = s.base_variance + day_part.blame + week_part.blame;
  double shift = 0;
  double gain = 0;
  double observed = 0;  // variance of the observation
  if (view.model.kind == SignalKind::kGauge) {
    observed = noise_variance * s.quarter_points / s.quarter_expected;
    gain = total / (total + observed);
    shift = gain * s.quarter_seen / s.quarter_expected;
  } else {
    // Process noise is that of the whole quarter-hour, whatever weight its points were given.
    const double deflate = 1 / (1 + s.quarter_points * noise_variance);
    const double evidence = s.quarter_expected * deflate;
    observed = 1 / evidence;
    gain = evidence / (evidence + 1 / total);
    shift = std::log((s.quarter_seen * deflate + 1 / total) / (evidence + 1 / total));
    if (Flipped(view)) shift = -shift;
  }
  const double growth = std::min(kVisitGrowth * observed, Square(priors.visit_sd_max) * unit2);
  // A cell that took most of the shift took it from the level.
  const bool cell_led = s.first_visit != 0 && gain > 0.5;
  Blame(day, day_part, blames, shift, gain, growth);
  Blame(week, week_part, blames, shift, gain, growth);
  if (s.first_visit != 0) {
    // How much a time of day differs from one day to the next cannot be known from one day.
    const double daily = Square(priors.day_step_sd) * unit2;
    day.Set(day.Mean(), std::max<double>(day.Variance(), daily));
  }
  s.base += shift * s.base_variance / blames;
  s.base_variance *= 1 - s.base_variance / blames * gain;
  s.base += kBaseLeak * LevelOf(view, Square(priors.level_sd) * unit2);
  if (cell_led) s.level_seen = s.level_expected = 0;
}

void OpenCell(BaselineView view, std::int64_t quarter) {
  SeasonCell& cell = view.cells[DayCell(quarter)];
  view.state.first_visit = cell.Visited() ? 0 : 1;
  if (cell.Visited()) return;
  const KindPriors& priors = PriorsOf(view.model.kind);
  const double unit2 = Square(view.model.unit);
  const double spread = Square(priors.day_sd) * unit2;
  cell.Set(0, spread);
  if (view.state.quarter == INT64_MIN) return;
  const std::int64_t gap = quarter - view.state.quarter;
  if (gap <= 0 || gap > kCarryQuartersMax) return;
  const SeasonCell& before = view.cells[DayCell(view.state.quarter)];
  if (!before.Visited()) return;
  const double step = static_cast<double>(gap) * Square(priors.day_step_sd) * unit2;
  cell.Set(before.Mean() * std::exp(-0.5 * step / spread),
           std::min(spread, before.Variance() + step));
}

}  // namespace

void StartBaseline(BaselineView view, double link, double variance) {
  view.state = BaselineState{};
  view.state.base = link;
  view.state.base_variance = variance;
  for (int i = 0; i < kSeasonCells; ++i) view.cells[i] = SeasonCell{};
}

void EnterQuarter(BaselineView view, TimeMs at, double noise_variance) {
  BaselineState& s = view.state;
  const std::int64_t quarter = FloorDiv(at + view.model.shift_ms, kQuarterMs);
  if (quarter == s.quarter) return;
  if (s.quarter != INT64_MIN && s.quarter_expected > 0) FinishQuarter(view, noise_variance);
  OpenCell(view, quarter);
  s.quarter = quarter;
  s.quarter_seen = s.quarter_expected = s.quarter_points = 0;
}

Prediction Predict(const BaselineView& view, TimeMs at, const DayFactor& day_factor) {
  const BaselineState& s = view.state;
  const KindPriors& priors = PriorsOf(view.model.kind);
  const double unit2 = Square(view.model.unit);
  const std::int64_t local = at + view.model.shift_ms;
  Interpolated day = Interpolate(view.cells, kDayCells, local, kQuarterMs);
  const Interpolated week = Interpolate(view.cells + kDayCells, kWeekCells, local, kHourMs);
  if (!day.visited) day.variance = Square(priors.day_sd) * unit2;
  const double week_variance = week.visited ? week.variance : Square(priors.week_sd) * unit2;
  const double season_variance = s.base_variance + day.variance + week_variance;
  const double ordinary = Square(priors.level_sd) * unit2 + day_factor.variance;
  Prediction out;
  out.season = s.base + day.mean + week.mean;
  out.level_variance = ordinary + season_variance;
  out.level = LevelOf(view, out.level_variance);
  out.link = out.season + day_factor.log + out.level;
  out.taught = std::min(kTaughtMax, ordinary / out.level_variance);
  out.known = view.model.kind == SignalKind::kGauge ? s.level_expected
                                                    : std::min(s.level_seen, s.level_expected);
  out.variance = 1 / (out.known + 1 / out.level_variance) +
                 std::min(day.variance, 2 * Square(priors.day_step_sd) * unit2) +
                 std::min(week_variance, Square(priors.week_hour_sd) * unit2);
  return out;
}

void Learn(BaselineView view, const Prediction& prediction, const Lesson& lesson) {
  BaselineState& s = view.state;
  const double untaught = (1 - prediction.taught) * prediction.level;
  s.level_seen *= lesson.decay;
  s.level_expected *= lesson.decay;
  if (view.model.kind == SignalKind::kGauge) {
    s.quarter_points += 1;
    const double precision = lesson.weight / (lesson.noise_variance * lesson.correlated);
    s.level_seen += precision * (lesson.seen + prediction.level);
    s.level_expected += precision;
    s.quarter_seen += lesson.weight * (lesson.seen + untaught);
    s.quarter_expected += lesson.weight;
    return;
  }
  const double sign = Flipped(view) ? -1 : 1;
  const double share =
      lesson.weight / (1 + lesson.expected * lesson.noise_variance * lesson.correlated);
  s.level_seen += share * lesson.seen;
  s.level_expected += share * lesson.expected * std::exp(-sign * prediction.level);
  s.quarter_seen += lesson.weight * lesson.seen;
  const double expected = lesson.expected * std::exp(-sign * untaught);
  s.quarter_expected += lesson.weight * expected;
  s.quarter_points += expected;
}

void DoubtTimeOfDay(BaselineView view) {
  const double spread = Square(PriorsOf(view.model.kind).day_sd * view.model.unit);
  SeasonCell& cell = view.cells[DayCell(view.state.quarter)];
  cell.Set(cell.Mean(), spread);
}

void Restore(BaselineView view, double shift, double variance) {
  Relevel(view, -shift);
  view.state.base_variance = variance;
}

void Relevel(BaselineView view, double shift) {
  BaselineState& s = view.state;
  const double doubt = Square(0.3 * shift);
  s.base += shift;
  s.base_variance += doubt;
  s.level_seen = s.level_expected = 0;
  s.quarter_seen = s.quarter_expected = s.quarter_points = 0;
}

}  // namespace quell::detectors
