// A slot's first points: a baseline to start from.
#include <algorithm>
#include <cmath>

#include "detectors/bank_state.h"

namespace quell::detectors {
namespace {

constexpr size_t kGaugeStartMin = 24;

double Square(double x) { return x * x; }

double Median(std::span<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double Skewness(std::span<const double> values) {
  double mean = 0;
  for (const double x : values) mean += x / static_cast<double>(values.size());
  double second = 0;
  double third = 0;
  for (const double x : values) {
    second += Square(x - mean);
    third += (x - mean) * Square(x - mean);
  }
  if (second <= 0) return 0;
  return third / std::pow(second, 1.5) * std::sqrt(static_cast<double>(values.size()));
}

// The link of a gauge that is never below zero. Far from zero the logarithm does no harm, and noise
// usually grows with the level. Near it (queues that are empty now and then) a zero would be
// infinitely odd: a started logarithm, log(x + c), with the c among shares of the median that
// leaves the least skew. The c stays: levels come and go.
void ChooseLink(SlotState& s, std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  const double lowest = *std::min_element(sorted.begin(), sorted.end());
  const double median = Median(sorted);
  if (lowest < 0 || median <= 0) return;
  if (lowest > 0.2 * median) {
    s.logarithmic = 1;
    return;
  }
  double best = std::fabs(Skewness(values));
  if (best <= 0.3) return;
  for (const double share : {0.1, 0.3, 1.0}) {
    std::vector<double> links(values.begin(), values.end());
    for (double& x : links) x = std::log(x + share * median);
    const double skew = std::fabs(Skewness(links));
    if (skew >= best) continue;
    best = skew;
    s.logarithmic = 1;
    s.offset = share * median;
  }
}

void StartGauge(SlotState& s, BaselineView view, std::span<const float> first) {
  std::vector<double> values(first.begin(), first.end());
  ChooseLink(s, values);
  if (s.logarithmic != 0) {
    for (double& x : values) x = std::log(x + s.offset);
  }
  std::vector<double> jumps;
  for (size_t i = 1; i < values.size(); ++i) jumps.push_back(std::fabs(values[i] - values[i - 1]));
  std::vector<double> recent(values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                             values.end());
  const double centre = Median(recent);
  std::vector<double> distances;
  for (const double x : values) distances.push_back(std::fabs(x - centre));
  const double jump_sd = Median(jumps) / 0.954;
  const double spread_sd = Median(distances) / 0.6745;
  const double sd = std::max(jump_sd, 0.5 * spread_sd);
  const double floor =
      s.logarithmic != 0 ? kGaugeFloorShare : kGaugeFloorShare * std::fabs(centre) + 1e-12;
  const auto log_variance = static_cast<float>(2 * std::log(std::max(sd, floor)));
  s.noise = s.fast.noise = s.slow.noise = {log_variance, 0};
  const double variance = Square(std::max(sd, floor));
  s.centre = centre;
  s.spread = Square(spread_sd);
  view.model.unit = std::sqrt(variance);
  StartBaseline(view, centre, variance);
}

}  // namespace

// True once the slot has a baseline. Gauges collect their first values in the ring of z.
bool DetectorBank::State::Start(const Point& point) {
  SlotState& s = slots[point.slot];
  if (s.started != 0) return true;
  const SignalSpec& spec = specs[point.slot];
  const KindPriors& priors = PriorsOf(spec.kind);
  if (spec.kind == SignalKind::kGauge) {
    float* first = &recent_z[point.slot * kRecentZ];
    first[s.recent++] = static_cast<float>(point.value);
    const size_t wanted = std::clamp<size_t>(static_cast<size_t>(kEvidenceMs / spec.interval_ms),
                                             kGaugeStartMin, kRecentZ);
    if (s.recent < wanted) return false;
    StartGauge(s, View(point.slot), {first, s.recent});
    std::fill_n(first, kRecentZ, 0.0F);
    s.recent = 0;
  } else {
    if (IsShare(spec.kind) && point.n <= 0) return false;
    const auto log_variance = static_cast<float>(2 * std::log(priors.noise_sd));
    s.noise = s.fast.noise = s.slow.noise = {log_variance, 0};
    if (spec.kind == SignalKind::kRate) {
      const double exposure = ExposureOf(point, spec.interval_ms);
      StartBaseline(View(point.slot), std::log((point.k + 0.5) / exposure), 4);
    } else {
      // As if 5 events had been seen before, 2 % of them bad.
      const double p = (std::clamp(point.k, 0.0, point.n) + 0.1) / (point.n + 5);
      StartBaseline(View(point.slot), std::log(p / (1 - p)), 1);
    }
  }
  s.started = 1;
  return false;
}

}  // namespace quell::detectors
