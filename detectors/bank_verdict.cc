// From the detectors' opinions to verdicts, and the calibration that they teach.
#include <algorithm>
#include <cmath>
#include <utility>

#include "core/check.h"
#include "detectors/bank_state.h"
#include "detectors/count_tails.h"
#include "detectors/normal_tail.h"

namespace quell::detectors {
namespace {

constexpr double kSuspicious = 3.0;  // nats: tail probability 0.05
constexpr double kAnomalous = 6.9;   // 1e-3
constexpr double kSurpriseMax = 690;
constexpr size_t kJudgedTogether = 1024;  // slots, by one thread of a crew
constexpr size_t kFetchedAhead = 8;
constexpr double kCertain = 27.6;  // nats: 1e-12

double Square(double x) { return x * x; }
double TailOf(double surprise) { return std::exp(-std::min(surprise, kSurpriseMax)); }

}  // namespace

// Before there is a history: how odd is it that the stated limit is exceeded? Of a share that is a
// question about counts, asked of the point and the windows: two of two are no evidence. 0: it is
// not exceeded.
double DetectorBank::State::AboveStaticLimit(const Point& point) const {
  const SignalSpec& spec = specs[point.slot];
  if (spec.static_limit <= 0 || point.value <= spec.static_limit) return 0;
  if (!IsShare(spec.kind)) return kCertain;
  if (spec.static_limit >= 1) return 0;
  const SlotState& s = slots[point.slot];
  ChartState alone;
  AddEvidence(alone, 1, {point.k, 1, point.n, 0});
  alone.noise = s.noise;
  double most = 0;
  for (const ChartState* chart : {&std::as_const(alone), &s.fast, &s.slow}) {
    if (chart->expected <= 0 || chart->trials <= 0) continue;
    const double scale = chart->squared / chart->expected;  // see ReadChart
    const double n = chart->trials / scale;
    const double k = std::min(chart->seen / scale, n);
    if (k <= n * spec.static_limit) continue;
    const double noise = chart->noise.Variance(Square(PriorsOf(spec.kind).noise_sd_min));
    most = std::max(most, Surprise(BinomialZ(k, n * spec.static_limit, n, noise)));
  }
  return most;
}

// A baseline of the first days has not met its whole season: what it finds odd counts for less.
double DetectorBank::State::Maturity(Slot slot) const {
  constexpr double kYoung = 0.6;
  constexpr double kGrownMs = 2.5 * kDayMs;
  const double age =
      static_cast<double>(slots[slot].observed) * static_cast<double>(specs[slot].interval_ms);
  return kYoung + (1 - kYoung) * std::min(1.0, age / kGrownMs);
}

Verdict DetectorBank::State::Decide(const Point& point, const Judged& judged) {
  const SignalSpec& spec = specs[point.slot];
  Verdict verdict;
  verdict.slot = point.slot;
  verdict.value = point.value;
  verdict.expected = judged.expected;
  verdict.band_low = judged.band_low;
  verdict.band_high = judged.band_high;
  verdict.z = judged.opinions[0].z;
  if (!judged.evidence) {
    const double surprise = AboveStaticLimit(point);
    if (surprise < kAnomalous) return verdict;
    verdict.reason = VerdictReason::kStaticLimit;
    verdict.deviation_sign = 1;
    verdict.tail_probability = TailOf(surprise);
    return verdict;
  }
  const double forest_surprise = forest.Surprise(group_of[point.slot]);
  const Fused fused = Fuse(judged.opinions, forest_surprise, spec.policy);
  const TailCalibrator& calibrator = Tail(FusedTail(spec.kind, judged.support[1]));
  const double surprise =
      Maturity(point.slot) * slots[point.slot].memory.Bound(calibrator.Surprise(fused.surprise));
  verdict.tail_probability = TailOf(surprise);
  const double z = judged.opinions[fused.speaker].z;
  verdict.deviation_sign = z > 0 ? 1 : (z < 0 ? -1 : 0);
  for (size_t i = 0; i < kCharts; ++i) verdict.tail[i] = TailOf(judged.opinions[i].surprise);
  verdict.tail[static_cast<size_t>(DetectorId::kForest)] = TailOf(forest_surprise);
  if (surprise < kAnomalous) {
    verdict.reason = VerdictReason::kNormal;
  } else {
    verdict.reason = fused.bar == VerdictReason::kNormal ? VerdictReason::kAnomalous : fused.bar;
  }
  return verdict;
}

void DetectorBank::State::Calibrate(TimeMs at, Slot slot, const Judged& judged,
                                    double forest_surprise) {
  SlotState& s = slots[slot];
  const SignalKind kind = specs[slot].kind;
  const auto refill = static_cast<float>(static_cast<double>(specs[slot].interval_ms) / kExtremeMs);
  const auto run = static_cast<float>(std::max(
      1.0, static_cast<double>(kExtremeRunMs) / static_cast<double>(specs[slot].interval_ms)));
  // What a baseline finds odd while it learns its day says nothing of the time after.
  const bool young = IsYoung(slot);
  const auto teach = [&](size_t tail, double raw, size_t i) {
    if (young) return;
    TailCalibrator& calibrator = Tail(tail);
    const bool small = calibrator.points() < kSmallPool;
    s.tokens[i] = std::min(s.tokens[i] + kTokensPerPoint, small ? kTokensSmall : kTokensMax);
    s.extreme_tokens[i] = std::min(s.extreme_tokens[i] + refill, small ? 1 : run);
    if (raw > calibrator.threshold()) {
      // Noise wanders, so its surprises come in runs, and the odds are true only if a run counts
      // whole. An incident that nobody noticed runs longer, and teaches no more than a run.
      if (s.tokens[i] < 1 || s.extreme_tokens[i] < 1) return;
      s.tokens[i] -= 1;
      if (raw > kExtremeSurprise) s.extreme_tokens[i] -= 1;
      lessons.Note({at, group_of[slot], static_cast<std::uint32_t>(tail), raw}, slots.size());
      return;
    }
    calibrator.Observe(raw);
  };
  for (size_t i = 0; i < kCharts; ++i) {
    teach(DetectorTail(i, kind, judged.support[i], judged.opinions[i].z), judged.raw[i], i);
  }
  double strongest = 0;
  double watched = 0;  // on the sides that may alert
  for (const Opinion& opinion : judged.opinions) {
    strongest = std::max(strongest, opinion.surprise);
    const bool wrong = PolicyBar(opinion, specs[slot].policy) == VerdictReason::kWrongDirection;
    if (!wrong) watched = std::max(watched, opinion.surprise);
  }
  const size_t fused = FusedTail(kind, judged.support[1]);
  teach(fused, JointSurprise(strongest, forest_surprise), kCharts);
  s.memory.Observe(Tail(fused).Surprise(JointSurprise(watched, forest_surprise)));
}

void DetectorBank::State::Finish(TimeMs step_end) {
  lessons.Release(step_end, [this](size_t tail, double raw) { Tail(tail).Observe(raw); });
  for (TailCalibrator& calibrator : detector_tails) calibrator.RefitIfDue(step_end);
  for (TailCalibrator& calibrator : fused_tails) calibrator.RefitIfDue(step_end);
  last_step = step_end;
}

void DetectorBank::Observe(TimeMs step_end, std::span<const Point> points, std::span<Verdict> out,
                           Crew* crew) {
  State& state = *state_;
  QUELL_CHECK(points.size() == out.size());
  QUELL_CHECK(step_end > state.last_step);
  state.adopted.clear();
  state.retaught_now.clear();
  state.forest.BeginStep(step_end);
  const auto judge = [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      QUELL_CHECK(points[i].slot < state.slots.size());
      QUELL_CHECK(i == 0 || points[i - 1].slot < points[i].slot);
      if (i + kFetchedAhead < end) state.Prefetch(step_end, points[i + kFetchedAhead].slot);
      state.JudgePoint(step_end, points[i], state.scratch[i]);
    }
  };
  if (crew == nullptr) {
    judge(0, points.size());
  } else {
    crew->Run(points.size(), kJudgedTogether, judge);
  }
  for (size_t i = 0; i < points.size(); ++i) {
    const Point& point = points[i];
    const Judged& judged = state.scratch[i];
    if (judged.adopted.since != 0) state.adopted.push_back(judged.adopted);
    if (judged.retaught.side != 0) state.retaught_now.push_back(judged.retaught);
    state.NoteSiblings(step_end, point, judged);
    state.NoteCalendar(step_end, point, judged);
    if (!judged.evidence) continue;
    double strongest = 0;
    for (const Opinion& opinion : judged.opinions) {
      strongest = std::max(strongest, opinion.surprise);
    }
    state.forest.Note(state.group_of[point.slot], state.specs[point.slot].kind,
                      judged.opinions[0].z, strongest > kSuspicious, judged.teaches);
  }
  state.forest.EndStep();
  for (size_t i = 0; i < points.size(); ++i) {
    const Judged& judged = state.scratch[i];
    out[i] = state.Decide(points[i], judged);
    const std::uint32_t group = state.group_of[points[i].slot];
    if (state.slots[points[i].slot].frozen == kFrozen) state.lessons.Alerted(group, step_end);
    if (!judged.evidence || !judged.teaches) continue;
    state.Calibrate(step_end, points[i].slot, judged, state.forest.Surprise(group));
  }
  state.Finish(step_end);
}

DetectorBank::Band DetectorBank::Expect(Slot slot, TimeMs at) const {
  QUELL_CHECK(slot < size());
  return state_->BandAt(slot, at);
}

}  // namespace quell::detectors
