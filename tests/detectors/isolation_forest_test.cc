#include "detectors/isolation_forest.h"

#include <catch2/catch.hpp>

#include "core/random.h"
#include "detectors/forest_watch.h"

namespace quell::detectors {
namespace {

FeatureMatrix NormalRows(int rows, std::uint64_t seed) {
  Random random(seed);
  FeatureMatrix out(rows, kForestFeatures);
  for (int i = 0; i < rows; ++i) {
    for (int f = 0; f < kForestFeatures; ++f) out(i, f) = static_cast<float>(random.Normal());
  }
  return out;
}

std::string BytesOf(const IsolationForest& forest) {
  ByteWriter out;
  forest.Save(out);
  return out.Take();
}

}  // namespace

TEST_CASE("Forest: the average path length is that of the paper", "[detectors]") {
  CHECK(AveragePathLength(1) == 0);
  CHECK(AveragePathLength(2) == 1);
  CHECK(AveragePathLength(256) == Approx(10.2448).epsilon(1e-4));
}

TEST_CASE("Forest: an outlier is isolated early, the centre is not", "[detectors]") {
  const IsolationForest forest = IsolationForest::Fit(NormalRows(2000, 1), {}, 7);
  const double centre = forest.Score({0, 0, 0, 0, 0, 0});
  const double outlier = forest.Score({6, 5, -6, 4, 5, -5});
  CHECK(centre < 0.5);
  CHECK(outlier > 0.7);
  CHECK(outlier < 1);
}

TEST_CASE("Forest: the fit depends on data and seed alone", "[detectors]") {
  const FeatureMatrix rows = NormalRows(500, 2);
  CHECK(BytesOf(IsolationForest::Fit(rows, {}, 3)) == BytesOf(IsolationForest::Fit(rows, {}, 3)));
  CHECK(BytesOf(IsolationForest::Fit(rows, {}, 3)) != BytesOf(IsolationForest::Fit(rows, {}, 4)));
}

TEST_CASE("Forest: constant rows make a forest that scores", "[detectors]") {
  const FeatureMatrix rows = FeatureMatrix::Zero(300, kForestFeatures);
  const IsolationForest forest = IsolationForest::Fit(rows, {}, 5);
  const double score = forest.Score({1, 1, 1, 1, 1, 1});
  CHECK(score > 0);
  CHECK(score < 1);
}

TEST_CASE("Forest: bytes that are no forest are refused", "[detectors]") {
  const IsolationForest forest = IsolationForest::Fit(NormalRows(100, 6), {.trees = 3}, 1);
  std::string bytes = BytesOf(forest);
  IsolationForest restored;
  ByteReader whole(bytes);
  CHECK(restored.Load(whole));
  CHECK(BytesOf(restored) == bytes);
  bytes[12] = 1;  // the root's left child no longer comes after it
  bytes[13] = bytes[14] = bytes[15] = 0;
  ByteReader broken(bytes);
  IsolationForest refused;
  CHECK_FALSE((refused.Load(broken) && refused.Score({}) < 0));
  ByteReader shortened(std::string_view(bytes).substr(0, bytes.size() / 2));
  CHECK_FALSE(refused.Load(shortened));
  CHECK_FALSE(refused.fitted());
}

TEST_CASE("Forest watch: a group off on all signals at once surprises", "[detectors]") {
  ForestWatch watch({.refit_ms = 30 * kMinuteMs, .install_delay_ms = 5 * kMinuteMs});
  for (int i = 0; i < 10; ++i) watch.AddGroup();
  Random random(4);
  TimeMs at = 0;
  for (int step = 0; step < 1000; ++step) {
    at += 30 * kSecondMs;
    const bool wild = step == 999;
    watch.BeginStep(at);
    for (std::uint32_t g = 0; g < 10; ++g) {
      const double shift = wild && g == 3 ? 7 : 0;
      watch.Note(g, SignalKind::kRatio, random.Normal() + shift, shift > 0, true);
      watch.Note(g, SignalKind::kQuantile, random.Normal() + shift, shift > 0, true);
      watch.Note(g, SignalKind::kRate, random.Normal() - shift, shift > 0, true);
    }
    watch.EndStep();
  }
  CHECK(watch.Surprise(3) > 5);
  CHECK(watch.Surprise(3) > watch.Surprise(4));
}

}  // namespace quell::detectors
