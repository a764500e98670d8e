#include "detectors/calibration.h"

#include <boost/accumulators/accumulators.hpp>
#include <boost/accumulators/statistics/mean.hpp>
#include <boost/accumulators/statistics/stats.hpp>
#include <catch2/catch.hpp>
#include <cmath>

#include "core/random.h"

namespace quell::detectors {
namespace {

TailCalibrator Taught(int points, double scale, std::uint64_t seed) {
  TailCalibrator calibrator;
  Random random(seed);
  for (int i = 0; i < points; ++i) {
    calibrator.Observe(scale * random.Exponential());
    calibrator.RefitIfDue(i * kSecondMs);
  }
  return calibrator;
}

}  // namespace

TEST_CASE("Pareto tail: the fit recovers known tails", "[detectors]") {
  Random random(3);
  for (const double shape : {0.0, 0.15, 0.3}) {
    std::vector<float> excesses;
    for (int i = 0; i < 20'000; ++i) {
      const double u = 1 - random.Uniform();
      const double x = shape == 0 ? -std::log(u) : (std::pow(u, -shape) - 1) / shape;
      excesses.push_back(static_cast<float>(2 * x));
    }
    const ParetoTail tail = FitParetoTail(excesses);
    CHECK(tail.shape == Approx(shape).margin(0.04));
    CHECK(tail.scale == Approx(2).epsilon(0.06));
  }
}

TEST_CASE("Pareto tail: equal excesses do not divide by zero", "[detectors]") {
  std::vector<float> equal(10, 1.5F);
  const ParetoTail tail = FitParetoTail(equal);
  CHECK(std::isfinite(tail.Surprise(100)));
  std::vector<float> zero(10, 0.F);
  CHECK(std::isfinite(FitParetoTail(zero).Surprise(1)));
}

TEST_CASE("Calibration: before any data the prior is slightly heavier than the normal",
          "[detectors]") {
  const TailCalibrator calibrator;
  CHECK(calibrator.Surprise(0) == Approx(0).margin(1e-9));
  CHECK(calibrator.Surprise(10) < 10);
  CHECK(calibrator.Surprise(10) > 7);
}

TEST_CASE("Calibration: observed tail rates match the nominal ones", "[detectors]") {
  for (const double scale : {0.6, 1.0, 1.8}) {
    const TailCalibrator calibrator = Taught(200'000, scale, 5);
    Random random(6);
    int below3 = 0;
    int below4 = 0;
    const int points = 1'000'000;
    for (int i = 0; i < points; ++i) {
      const double y = calibrator.Surprise(scale * random.Exponential());
      below3 += y > -std::log(1e-3) ? 1 : 0;
      below4 += y > -std::log(1e-4) ? 1 : 0;
    }
    CHECK(below3 > 500);
    CHECK(below3 < 2000);
    CHECK(below4 > 50);
    CHECK(below4 < 200);
  }
}

TEST_CASE("Calibration: surprises increase with the raw value, without end", "[detectors]") {
  const TailCalibrator calibrator = Taught(50'000, 1, 7);
  double last = -1;
  for (double x = 0; x < 700; x += 0.37) {
    const double y = calibrator.Surprise(x);
    CHECK(y >= last);
    CHECK(std::isfinite(y));
    last = y;
  }
  CHECK(calibrator.Surprise(40) > 27.6);  // resolves 1e-12
}

TEST_CASE("Calibration: a few gross values among many do not hide a large deviation",
          "[detectors]") {
  TailCalibrator clean;
  TailCalibrator soiled;
  Random random(8);
  for (int i = 0; i < 100'000; ++i) {
    const double x = random.Exponential();
    clean.Observe(x);
    soiled.Observe(i % 5000 == 0 ? 300 : x);
    clean.RefitIfDue(i);
    soiled.RefitIfDue(i);
  }
  CHECK(soiled.Surprise(40) > 0.7 * clean.Surprise(40));
}

TEST_CASE("Calibration: incremental counts equal a batch count", "[detectors]") {
  namespace acc = boost::accumulators;
  TailCalibrator calibrator;
  Random random(9);
  acc::accumulator_set<double, acc::stats<acc::tag::mean>> above;
  for (int i = 0; i < 300'000; ++i) {
    const double x = random.Exponential() + random.Exponential();
    calibrator.Observe(x);
    calibrator.RefitIfDue(i);
    above(x > 5 ? 1 : 0);
  }
  CHECK(std::exp(-calibrator.Surprise(5)) == Approx(acc::mean(above)).epsilon(0.1));
}

TEST_CASE("Calibration: the tail refitted on the way is the one of a batch refit over all points",
          "[detectors]") {
  for (const double shape : {0.0, 0.1, 0.2}) {
    TailCalibrator calibrator;
    Random random(13);
    std::vector<double> all;
    for (int i = 0; i < 300'000; ++i) {
      const double u = 1 - random.Uniform();
      const double x = shape == 0 ? -std::log(u) : (std::pow(u, -shape) - 1) / shape;
      all.push_back(x);
      calibrator.Observe(x);
      calibrator.RefitIfDue(i);
    }
    std::vector<float> excesses;
    for (const double x : all) {
      if (x <= calibrator.threshold()) continue;
      excesses.push_back(static_cast<float>(x - calibrator.threshold()));
    }
    const auto points = static_cast<double>(all.size());
    const double at_threshold = -std::log(static_cast<double>(excesses.size()) / points);
    const ParetoTail batch = FitParetoTail(excesses);
    CAPTURE(shape, batch.shape, calibrator.tail().shape);
    for (const double excess : {1.0, 2.0, 4.0, 6.0}) {
      const double incremental = calibrator.Surprise(calibrator.threshold() + excess);
      CHECK(incremental == Approx(at_threshold + batch.Surprise(excess)).margin(0.35));
    }
  }
}

TEST_CASE("Calibration: a restored calibrator answers and learns alike", "[detectors]") {
  TailCalibrator calibrator = Taught(30'000, 1.3, 11);
  ByteWriter out;
  calibrator.Save(out);
  TailCalibrator restored;
  ByteReader in(out.bytes());
  REQUIRE(restored.Load(in));
  Random random(12);
  for (int i = 0; i < 30'000; ++i) {
    const double x = random.Exponential();
    calibrator.Observe(x);
    restored.Observe(x);
    calibrator.RefitIfDue(i);
    restored.RefitIfDue(i);
  }
  ByteWriter a;
  ByteWriter b;
  calibrator.Save(a);
  restored.Save(b);
  CHECK(a.bytes() == b.bytes());
}

}  // namespace quell::detectors
