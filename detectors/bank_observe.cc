// One point on its way through a slot: expectation, evidence, three normal scores, learning.
#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "detectors/bank_state.h"
#include "detectors/normal_tail.h"

namespace quell::detectors {
namespace {

constexpr double kGaugeRangeShare = 0.04;  // and of its standard deviation over days
constexpr double kWinsorSd = 4;
constexpr double kOddZ = 3.29;  // beyond it a point teaches less
constexpr double kHeldZ = 2;    // and none, after an adoption was undone
constexpr DurationMs kYoungMs = 2 * kDayMs;

double Square(double x) { return x * x; }

double Logistic(double x) { return 1 / (1 + std::exp(-std::clamp(x, -30.0, 30.0))); }

// Learning weight of a point: 1 down to odds of 1e-3, 0.01 at 1e-5, then on to 1e-4, log-linear.
double TeachingWeight(double z) {
  constexpr double kSlightZ = 4.42;
  const double size = std::fabs(z);
  if (size <= kOddZ) return 1;
  return std::pow(0.01, std::min(2.0, (size - kOddZ) / (kSlightZ - kOddZ)));
}

// The largest in size, with its sign.
double OddestOf(const std::array<ChartReading, kCharts>& readings) {
  double oddest = 0;
  for (const ChartReading& reading : readings) {
    if (std::fabs(reading.z) > std::fabs(oddest)) oddest = reading.z;
  }
  return oddest;
}

double GaugeValue(const SlotState& s, double link) {
  return s.logarithmic == 0 ? link : std::exp(std::min(link, 700.0)) - s.offset;
}

// What the point brings, and what was expected of it.
Evidence EvidenceOf(const SlotState& s, const SignalSpec& spec, const Point& point, double link) {
  switch (spec.kind) {
    case SignalKind::kRatio:
    case SignalKind::kQuantile:
      return {std::clamp(point.k, 0.0, point.n), point.n * Logistic(link), point.n, 0};
    case SignalKind::kRate: {
      const double exposure = ExposureOf(point, spec.interval_ms);
      return {point.k, std::exp(std::clamp(link, -60.0, 60.0)) * exposure, 0, exposure};
    }
    case SignalKind::kGauge:
      return {GaugeLink(s, point.value) - link, 1, 0, 0};
  }
  return {};
}

void SetBand(Judged& judged, const SlotState& s, const SignalSpec& spec, const Evidence& point,
             double link, double latent) {
  constexpr double kHalf = 2.576;  // central 99 %
  if (spec.kind == SignalKind::kGauge) {
    const double half = kHalf * std::sqrt(latent);
    judged.expected = GaugeValue(s, link);
    judged.band_low = GaugeValue(s, link - half);
    judged.band_high = GaugeValue(s, link + half);
    return;
  }
  // On the square-root scale of counts, where their variance is even.
  const double m = std::max(point.expected, 1e-12);
  const double unit = spec.kind == SignalKind::kRate ? point.exposure : point.trials;
  const double root = std::sqrt(m);
  const double half = 0.5 * kHalf * std::sqrt(1 + m * latent);
  judged.expected = m / unit;
  judged.band_low = Square(std::max(0.0, root - half)) / unit;
  judged.band_high = Square(root + half) / unit;
  if (spec.kind != SignalKind::kRate) judged.band_high = std::min(1.0, judged.band_high);
}

}  // namespace

Opinion OpinionOf(const SlotState& s, SignalKind kind, const ChartState& chart, double z,
                  double link) {
  Opinion out;
  out.z = z;
  if (IsShare(kind)) {
    const double trials = std::max(chart.trials, 1e-12);
    out.observed = chart.seen / trials;
    out.expected = chart.expected / trials;
  } else if (kind == SignalKind::kRate) {
    const double exposure = std::max(chart.exposure, 1e-12);
    out.observed = chart.seen / exposure;
    out.expected = chart.expected / exposure;
  } else {
    const double residual = chart.seen / std::max(chart.expected, 1e-12);
    out.observed = GaugeValue(s, link + residual);
    out.expected = GaugeValue(s, link);
  }
  return out;
}

// What chart `i` makes of its reading.
void DetectorBank::State::Opine(Slot slot, size_t i, const ChartState& chart,
                                const ChartReading& reading, double link, Judged& judged) {
  const SignalKind kind = specs[slot].kind;
  judged.opinions[i] = OpinionOf(slots[slot], kind, chart, reading.z, link);
  judged.raw[i] = Surprise(reading.z);
  judged.support[i] = SupportOf(reading.events, reading.noise_share);
  judged.opinions[i].surprise =
      Tail(DetectorTail(i, kind, judged.support[i], reading.z)).Surprise(judged.raw[i]);
}

// Whatever the noise: half a percent of the value, or a twenty-fifth of the signal's standard
// deviation over days, is nothing to speak of.
double DetectorBank::State::GaugeFloor(const SlotState& s, double link) const {
  const double range = Square(kGaugeRangeShare) * s.spread;
  if (s.logarithmic != 0) return std::max(range, Square(kGaugeFloorShare));
  return std::max(range, Square(kGaugeFloorShare * std::fabs(link)) + 1e-24);
}

BaselineView DetectorBank::State::View(Slot slot) {
  SlotState& s = slots[slot];
  const SignalSpec& spec = specs[slot];
  BaselineModel model{spec.kind, 1, spec.utc_offset_ms - spec.interval_ms / 2};
  if (spec.kind == SignalKind::kGauge) {
    model.unit = std::sqrt(s.noise.Variance(GaugeFloor(s, s.baseline.base)));
  }
  return {s.baseline, &cells[static_cast<size_t>(slot) * kSeasonCells], model};
}

void DetectorBank::State::Teach(Slot slot, const Evidence& evidence, const Prediction& prediction,
                                const std::array<ChartReading, kCharts>& readings,
                                double level_decay, bool routine) {
  SlotState& s = slots[slot];
  const Tempo& tempo = tempos[slot];
  const double oddest = OddestOf(readings);
  // An operator has said that the earlier level is the right one.
  const bool held = s.last < s.shift.held_until || HeldNow(slot);
  if (held && std::fabs(oddest) > kHeldZ) return;
  if (!IsYoung(slot)) s.recurring.Observe(oddest, kOddZ);
  const double floor = NoiseFloor(slot, prediction.link);
  const double noise = s.noise.Variance(floor);
  if (!routine && s.last >= s.scale.held_until) {
    const double most = 2 * std::log(PriorsOf(specs[slot].kind).noise_sd_max);
    s.noise.Update(readings[0].z, readings[0].noise_share, 8, tempo.point_gain_min, most);
    s.fast.noise.Update(readings[1].z, readings[1].noise_share, tempo.fast_settle, tempo.gain_min,
                        most);
    s.slow.noise.Update(readings[2].z, readings[2].noise_share, tempo.slow_settle, tempo.gain_min,
                        most);
    const auto known = [&s](size_t i, double noise_share, double gain_min) {
      const double more = s.noise_known[i] + Square(noise_share);
      s.noise_known[i] = static_cast<float>(std::min(more, 2 / gain_min));
    };
    known(0, readings[0].noise_share, tempo.point_gain_min);
    known(1, readings[2].noise_share, tempo.gain_min);
  }
  Lesson lesson;
  // In the first days everything is new: steps of a daily routine must get in at full size.
  const bool open = routine || IsYoung(slot);
  lesson.weight = open ? 1 : TeachingWeight(oddest);
  lesson.noise_variance = noise;
  lesson.correlated = tempo.correlated;
  lesson.decay = level_decay;
  lesson.expected = evidence.expected;
  const double latent = noise + prediction.variance;
  if (specs[slot].kind == SignalKind::kGauge) {
    const double value = evidence.seen + prediction.link - s.centre;
    s.centre += tempo.range_gain * value;
    s.spread += tempo.range_gain * (Square(value) - s.spread);
    const double most = kWinsorSd * std::sqrt(latent);
    lesson.seen = open ? evidence.seen : std::clamp(evidence.seen, -most, most);
  } else {
    const double sd = std::sqrt(evidence.expected + Square(evidence.expected) * latent);
    lesson.seen =
        routine ? evidence.seen : std::min(evidence.seen, evidence.expected + kWinsorSd * sd + 1);
  }
  Learn(View(slot), prediction, lesson);
}

bool DetectorBank::State::IsYoung(Slot slot) const {
  return static_cast<DurationMs>(slots[slot].observed) * specs[slot].interval_ms < kYoungMs;
}

// Process noise of a quarter-hour's mean: about that of the short window.
double DetectorBank::State::QuarterNoise(Slot slot) const {
  const SlotState& s = slots[slot];
  const double floor = NoiseFloor(slot, s.baseline.base);
  return std::max(s.fast.noise.Variance(floor), 0.5 * s.noise.Variance(floor));
}

double DetectorBank::State::NoiseFloor(Slot slot, double link) const {
  if (specs[slot].kind == SignalKind::kGauge) return GaugeFloor(slots[slot], link);
  return Square(PriorsOf(specs[slot].kind).noise_sd_min);
}

double DetectorBank::State::ValueOf(Slot slot, double link) const {
  if (IsShare(specs[slot].kind)) return Logistic(link);
  if (specs[slot].kind == SignalKind::kRate) return std::exp(std::clamp(link, -60.0, 60.0));
  return GaugeValue(slots[slot], link);
}

void DetectorBank::State::JudgePoint(TimeMs step_end, const Point& point, Judged& judged) {
  judged = Judged{};
  judged.expected = judged.band_low = judged.band_high = point.value;
  if (!Start(point)) {
    slots[point.slot].last = step_end;
    slots[point.slot].observed += 1;
    return;
  }
  SlotState& s = slots[point.slot];
  const SignalSpec& spec = specs[point.slot];
  const Tempo& tempo = tempos[point.slot];
  const DurationMs passed = step_end - s.last;
  const double intervals = static_cast<double>(passed) / static_cast<double>(spec.interval_ms);
  const auto decay = [&](double each) {
    return passed == spec.interval_ms ? each : std::pow(each, intervals);
  };
  s.last = step_end;
  const bool routine = EnterTime(point.slot, step_end, judged.retaught);
  const Prediction own = PredictAt(point.slot, step_end);
  const Prediction prediction = ShrinkLevel(point.slot, own, judged);
  const Evidence evidence = EvidenceOf(s, spec, point, prediction.link);
  if (evidence.expected <= 0) return;
  s.observed += 1;
  const double floor = std::max(NoiseFloor(point.slot, prediction.link),
                                spec.kind == SignalKind::kGauge && s.logarithmic == 0
                                    ? Square(kGaugeFloorShare * point.value)
                                    : 0.0);
  const std::array<NoiseScale, kCharts> own_noise = BorrowNoise(point.slot);
  const double noise = s.noise.Variance(floor);
  ChartState alone;
  AddEvidence(alone, 1, evidence);
  alone.noise = s.noise;
  AddEvidence(s.fast, decay(tempo.fast_decay), evidence);
  AddEvidence(s.slow, decay(tempo.slow_decay), evidence);
  const auto degrees = [](const NoiseScale& scale, double settle) {
    return std::min(kDegreesMax, 4 + scale.points / settle);
  };
  const double model = prediction.variance;
  std::array<ChartReading, kCharts> readings;
  readings[0] = ReadChart(alone, spec.kind, floor, 0, model, degrees(s.noise, 10));
  ForgetRefuted(s.fast, spec.kind, evidence, readings[0].z, noise);
  readings[1] =
      ReadChart(s.fast, spec.kind, floor, noise, model, degrees(s.fast.noise, tempo.fast_settle));
  ForgetRefuted(s.slow, spec.kind, evidence, readings[0].z, noise);
  const Evidence recent{s.fast.seen, s.fast.expected, s.fast.trials, s.fast.exposure};
  ForgetRefuted(s.slow, spec.kind, recent, readings[1].z, s.fast.noise.Variance(floor));
  readings[2] =
      ReadChart(s.slow, spec.kind, floor, noise, model, degrees(s.slow.noise, tempo.slow_settle));

  SetBand(judged, s, spec, evidence, prediction.link, noise + model);
  const std::array<const ChartState*, kCharts> charts = {&alone, &s.fast, &s.slow};
  for (size_t i = 0; i < kCharts; ++i) {
    Opine(point.slot, i, *charts[i], readings[i], prediction.link, judged);
  }
  judged.evidence = HasEvidence(point.slot);
  judged.teaches = s.frozen == 0;
  s.onset.Observe(step_end, readings[0].z);
  recent_z[point.slot * kRecentZ + s.recent % kRecentZ] = static_cast<float>(readings[0].z);
  ++s.recent;
  ReturnNoise(point.slot, own_noise, readings);
  if (s.frozen != kFrozen) {
    Teach(point.slot, EvidenceOf(s, spec, point, own.link), own, readings, decay(tempo.level_decay),
          routine);
  }
  judged.adopted = Follow(point.slot, step_end, own, readings[2].z, passed, routine);
}

DetectorBank::Band DetectorBank::State::BandAt(Slot slot, TimeMs at) {
  SlotState& s = slots[slot];
  if (s.started == 0) return {};
  const SignalSpec& spec = specs[slot];
  Judged judged;
  const Prediction prediction = ShrinkLevel(slot, PredictAt(slot, at), judged);
  // The support of an average recent point.
  const double points = std::max(s.slow.weight, 1e-9);
  Point typical{.slot = slot, .value = GaugeValue(s, prediction.link)};
  typical.n = std::max(1.0, s.slow.trials / points);
  typical.exposure_seconds = s.slow.exposure / points;
  const Evidence evidence = EvidenceOf(s, spec, typical, prediction.link);
  SetBand(judged, s, spec, evidence, prediction.link,
          s.noise.Variance(NoiseFloor(slot, prediction.link)) + prediction.variance);
  return {judged.expected, judged.band_low, judged.band_high};
}

bool DetectorBank::State::HasEvidence(Slot slot) const {
  const SlotState& s = slots[slot];
  const SignalSpec& spec = specs[slot];
  if (s.observed < kEvidencePoints) return false;
  const bool known = static_cast<DurationMs>(s.observed) * spec.interval_ms >= kEvidenceMs;
  if (!known && !LevelPrior(slot)) return false;  // its siblings say what is usual
  if (!IsShare(spec.kind)) return true;
  // If every event of the long window were bad, would that be odd at 1e-4?
  if (s.slow.expected <= 0 || s.slow.squared <= 0) return false;
  const double events = s.slow.trials * s.slow.expected / s.slow.squared;
  return events * -std::log(std::min(kShareMax, s.slow.expected / s.slow.trials)) >= kEvidenceOdds;
}

}  // namespace quell::detectors
