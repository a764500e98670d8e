// Speed of the detectors: BM_<Subject>_<Scenario>/<axis>. Fixed seeds; prints a digest of results.
#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "core/random.h"
#include "detectors/bank.h"
#include "detectors/isolation_forest.h"

namespace quell::detectors {
namespace {

Point Sample(Slot slot, SignalKind kind, Random& random) {
  Point point{.slot = slot, .exposure_seconds = 30};
  if (kind == SignalKind::kGauge) {
    point.value = 0.2 * std::exp(0.1 * random.Normal());
    return point;
  }
  point.n = static_cast<double>(random.Poisson(100));
  point.k = kind == SignalKind::kRate ? point.n : static_cast<double>(random.Poisson(1.5));
  point.value = kind == SignalKind::kRate ? point.k / 30 : point.k / std::max(point.n, 1.0);
  return point;
}

void BM_Bank_Observe(benchmark::State& state) {
  const auto signals = static_cast<std::uint32_t>(state.range(0));
  DetectorBank bank = *DetectorBank::Create({});
  Random random(1);
  for (std::uint32_t i = 0; i < signals; ++i) {
    SignalSpec spec;
    spec.kind = static_cast<SignalKind>(i % kSignalKinds);
    spec.group = i / kSignalKinds;
    bank.AddSignal(spec);
  }
  constexpr int kPrepared = 16;
  std::vector<std::vector<Point>> steps(kPrepared);
  for (auto& points : steps) {
    for (std::uint32_t i = 0; i < signals; ++i) {
      points.push_back(Sample(i, static_cast<SignalKind>(i % kSignalKinds), random));
    }
  }
  std::vector<Verdict> verdicts(signals);
  TimeMs now = 1'754'265'600'000;
  const auto step = [&] {
    now += 30 * kSecondMs;
    bank.Observe(now, steps[random.Below(kPrepared)], verdicts);
  };
  for (int i = 0; i < 300; ++i) step();
  for (auto _ : state) step();
  double digest = 0;
  for (const Verdict& verdict : verdicts) digest += verdict.tail_probability;
  state.counters["digest"] = digest;
  state.SetItemsProcessed(state.iterations() * signals);
}
BENCHMARK(BM_Bank_Observe)
    ->ArgName("signals")
    ->Arg(100)
    ->Arg(1000)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Arg(1'000'000);

FeatureMatrix Vectors() {
  Random random(2);
  FeatureMatrix rows(4096, kForestFeatures);
  for (Eigen::Index i = 0; i < rows.rows(); ++i) {
    for (Eigen::Index f = 0; f < rows.cols(); ++f) rows(i, f) = static_cast<float>(random.Normal());
  }
  return rows;
}

void BM_Forest_Fit(benchmark::State& state) {
  const FeatureMatrix rows = Vectors();
  for (auto _ : state) benchmark::DoNotOptimize(IsolationForest::Fit(rows, {}, 3));
}
BENCHMARK(BM_Forest_Fit)->Unit(benchmark::kMillisecond);

void BM_Forest_Score(benchmark::State& state) {
  const IsolationForest forest = IsolationForest::Fit(Vectors(), {}, 3);
  Random random(4);
  double digest = 0;
  for (auto _ : state) {
    FeatureVector vector{};
    for (float& x : vector) x = static_cast<float>(random.Normal());
    digest += forest.Score(vector);
  }
  state.counters["mean"] = digest / static_cast<double>(state.iterations());
}
BENCHMARK(BM_Forest_Score);

}  // namespace
}  // namespace quell::detectors

BENCHMARK_MAIN();
