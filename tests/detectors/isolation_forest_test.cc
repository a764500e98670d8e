#include "detectors/isolation_forest.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

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

TEST_CASE("Forest: what isolates a vector is told of the feature it was planted in",
          "[detectors]") {
  const IsolationForest forest = IsolationForest::Fit(NormalRows(2000, 1), {}, 7);
  for (size_t planted = 0; planted < kForestFeatures; ++planted) {
    FeatureVector vector{};
    vector[planted] = 6;
    const auto shortening = forest.Shortening(vector);
    double others = 0;
    for (size_t f = 0; f < kForestFeatures; ++f) {
      if (f != planted) others += std::max(0.0, shortening[f]);
    }
    CHECK(shortening[planted] > 1.5);
    CHECK(shortening[planted] > 4 * others);
  }
}

TEST_CASE("Forest: what the features shorten adds up to the score", "[detectors]") {
  const IsolationForest forest = IsolationForest::Fit(NormalRows(2000, 1), {}, 7);
  for (const FeatureVector& vector :
       {FeatureVector{0, 0, 0, 0, 0, 0}, FeatureVector{6, 5, -6, 4, 5, -5},
        FeatureVector{0, 0, 3, 0, 0, -1}}) {
    double sum = 0;
    for (const double part : forest.Shortening(vector)) sum += part;
    CHECK(std::exp2(sum / AveragePathLength(256) - 1) ==
          Approx(forest.Score(vector)).epsilon(1e-5));
  }
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

TEST_CASE("Forest watch: the signals that set a group apart are named, the strongest first",
          "[detectors]") {
  ForestWatch watch({.refit_ms = 30 * kMinuteMs, .install_delay_ms = 5 * kMinuteMs});
  for (int i = 0; i < 10; ++i) watch.AddGroup();
  Random random(4);
  TimeMs at = 0;
  for (int step = 0; step < 1000; ++step) {
    at += 30 * kSecondMs;
    watch.BeginStep(at);
    for (std::uint32_t g = 0; g < 10; ++g) {
      // Volume has been gone for long: its level isolates, and its change says nothing.
      const double shift = step >= 900 && g == 3 ? 9 : 0;
      watch.Note(g, SignalKind::kRatio, random.Normal(), shift > 0, shift == 0);
      watch.Note(g, SignalKind::kRate, random.Normal() - shift, shift > 0, shift == 0);
    }
    watch.EndStep();
    if (step == 40) CHECK(watch.ContributionsOf(3)[0].share == 0);  // no forest yet
  }
  const Contributions found = watch.ContributionsOf(3);
  CHECK(ForestFeatureName(found[0].feature) == "volume");
  CHECK(found[0].share > 0.6);
  CHECK(found[0].value < -5);
  double all = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    all += found[i].share;
    if (i > 0) CHECK(found[i].share <= found[i - 1].share);
  }
  CHECK(all <= 1 + 1e-9);
}

}  // namespace quell::detectors
