#include "detectors/drift.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "core/random.h"

namespace quell::detectors {
namespace {

constexpr TimeMs kStart = 1787529600000;  // 2026-08-24T00:00:00Z
constexpr DurationMs kCell = 5 * kMinuteMs;
constexpr int kCellsADay = 288;

// Correlated noise of memory `hours` and a level of each day, standing in for what a season leaves.
class Noise {
 public:
  Noise(std::uint64_t seed, double hours, double day_sd)
      : random_(seed), keep_(std::exp(-1.0 / (12 * hours))), day_sd_(day_sd) {}
  double Next(int cell) {
    if (cell % kCellsADay == 0) day_ = day_sd_ * random_.Normal();
    noise_ = keep_ * noise_ + std::sqrt(1 - keep_ * keep_) * random_.Normal();
    return noise_ + day_;
  }

 private:
  Random random_;
  double keep_, day_sd_;
  double noise_ = 0, day_ = 0;
};

using Change = std::function<double(double value, int day)>;

// The verdict of the day `last`, counted from the first.
std::optional<DriftVerdict> Run(std::uint64_t seed, double hours, double day_sd, int last,
                                const Change& change) {
  Noise noise(seed, hours, day_sd);
  DriftMeter meter;
  for (int cell = 0; cell <= (last + 1) * kCellsADay; ++cell) {
    meter.Observe(kStart + (cell + 1) * kCell, change(noise.Next(cell), cell / kCellsADay), 0.01);
  }
  return meter.Latest();
}

double Same(double value, int /*day*/) { return value; }

struct Rates {
  double below_5 = 0, below_1 = 0, advised = 0, psi = 0;
};
Rates NullRates(double hours, double day_sd) {
  constexpr int kRuns = 400;
  Rates rates;
  for (int run = 0; run < kRuns; ++run) {
    const auto verdict = Run(1000 + static_cast<std::uint64_t>(run), hours, day_sd, 10, Same);
    REQUIRE(verdict.has_value());
    REQUIRE(verdict->reference_days >= 4);
    if (verdict->p < 0.05) rates.below_5 += 1.0 / kRuns;
    if (verdict->p < 0.01) rates.below_1 += 1.0 / kRuns;
    if (AdviceOf(*verdict) != DriftAdvice::kNone) rates.advised += 1.0 / kRuns;
    rates.psi += verdict->psi / kRuns;
  }
  return rates;
}

TEST_CASE("Drift: where nothing changes, it is seldom said that something did", "[drift]") {
  for (const auto& [hours, day_sd] :
       std::vector<std::pair<double, double>>{{0.02, 0}, {0.3, 0}, {1, 0.1}, {3, 0.3}, {1, 0.6}}) {
    const Rates rates = NullRates(hours, day_sd);
    INFO("memory " << hours << " h, days " << day_sd << ": below 5 % " << rates.below_5
                   << ", below 1 % " << rates.below_1 << ", advised " << rates.advised << ", psi "
                   << rates.psi);
    CHECK(rates.below_5 < 0.08);
    CHECK(rates.below_5 > 0.002);
    CHECK(rates.below_1 < 0.025);
    CHECK(rates.advised < 0.08);
  }
}

double Found(double hours, double day_sd, const Change& change, DriftAdvice least) {
  constexpr int kRuns = 100;
  double found = 0;
  for (int run = 0; run < kRuns; ++run) {
    const auto verdict = Run(50 + static_cast<std::uint64_t>(run), hours, day_sd, 10, change);
    REQUIRE(verdict.has_value());
    if (AdviceOf(*verdict) >= least) found += 1.0 / kRuns;
  }
  return found;
}

TEST_CASE("Drift: a level and a spread that change are found", "[drift]") {
  const Change level = [](double value, int day) { return day == 10 ? value + 1.5 : value; };
  const Change lower = [](double value, int day) { return day == 10 ? value - 1.5 : value; };
  const Change wider = [](double value, int day) { return day == 10 ? 2.5 * value : value; };
  const Change narrower = [](double value, int day) { return day == 10 ? 0.3 * value : value; };
  CHECK(Found(0.3, 0.1, level, DriftAdvice::kRetrain) > 0.95);
  CHECK(Found(0.3, 0.1, lower, DriftAdvice::kRetrain) > 0.95);
  CHECK(Found(0.3, 0.1, wider, DriftAdvice::kWatch) > 0.9);
  CHECK(Found(0.3, 0.1, narrower, DriftAdvice::kRetrain) > 0.9);
  // Days that differ much among each other hide a small shift, as they should.
  const Change slight = [](double value, int day) { return day == 10 ? value + 0.3 : value; };
  CHECK(Found(0.3, 0.6, slight, DriftAdvice::kWatch) < 0.2);
}

TEST_CASE("Drift: a lasting change is told until it is the reference", "[drift]") {
  const Change step = [](double value, int day) { return day >= 10 ? value + 3 : value; };
  int told = 0;
  for (int last = 10; last < 22; ++last) {
    const auto verdict = Run(7, 0.3, 0.1, last, step);
    if (verdict && AdviceOf(*verdict) == DriftAdvice::kRetrain) ++told;
    if (last == 10) CHECK(told == 1);
    if (last == 21) {
      REQUIRE(verdict.has_value());
      CHECK(AdviceOf(*verdict) == DriftAdvice::kNone);
    }
  }
  CHECK(told >= 1);
  CHECK(told <= 5);
}

TEST_CASE("Drift: no verdict from too little", "[drift]") {
  CHECK_FALSE(Run(3, 0.3, 0, 6, Same).has_value());
  CHECK(Run(3, 0.3, 0, 7, Same).has_value());
  // A value an hour is too few.
  DriftMeter sparse;
  Random random(5);
  for (int hour = 0; hour < 24 * 20; ++hour) {
    sparse.Observe(kStart + hour * kHourMs + kCell, random.Normal(), 0.01);
  }
  CHECK_FALSE(sparse.Latest().has_value());
}

TEST_CASE("Drift: a constant that moves is found, one that does not is not", "[drift]") {
  const auto constant = [](double /*value*/, int /*day*/) { return 5.0; };
  const auto still = Run(1, 1, 0, 11, constant);
  REQUIRE(still.has_value());
  CHECK(AdviceOf(*still) == DriftAdvice::kNone);
  const auto moved =
      Run(1, 1, 0, 11, [](double /*value*/, int day) { return day == 11 ? 5.02 : 5.0; });
  REQUIRE(moved.has_value());
  CHECK(AdviceOf(*moved) == DriftAdvice::kRetrain);
}

TEST_CASE("Drift: odd input leaves every number finite", "[drift]") {
  const std::vector<double> odd = {0, 1e300, -1e300, NAN, INFINITY, 1e-320, 1e30, 7};
  Random random(3);
  DriftMeter meter;
  for (int cell = 0; cell < 20 * kCellsADay; ++cell) {
    meter.Observe(kStart + (cell + 1) * kCell, odd[random.Below(odd.size())], 1e-12);
    const auto verdict = meter.Latest();
    if (!verdict) continue;
    REQUIRE(std::isfinite(verdict->psi));
    REQUIRE(verdict->p > 0);
    REQUIRE(verdict->p <= 1);
  }
  DriftMeter::State state = meter.state();
  CHECK(DriftMeter().Restore(state));
  state.psi = std::numeric_limits<float>::quiet_NaN();
  CHECK_FALSE(DriftMeter().Restore(state));
}

}  // namespace
}  // namespace quell::detectors
