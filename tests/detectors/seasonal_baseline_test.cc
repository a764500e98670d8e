#include "detectors/seasonal_baseline.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/random.h"

namespace quell::detectors {
namespace {

constexpr TimeMs kMonday = 1'754'265'600'000;
constexpr DurationMs kStep = kMinuteMs;

// A volume of `Level(t)` events a minute, watched by one baseline.
struct Watched {
  BaselineState state;
  std::vector<SeasonCell> cells = std::vector<SeasonCell>(kSeasonCells);
  Random random{5};

  BaselineView View() { return {state, cells.data(), {SignalKind::kRate, 1, -kStep / 2}}; }

  template <typename Level>
  void Learn(TimeMs from, TimeMs to, Level level, double weight = 1) {
    for (TimeMs at = from + kStep; at <= to; at += kStep) {
      EnterQuarter(View(), at, 0.001);
      const Prediction prediction = Predict(View(), at);
      Lesson lesson;
      lesson.seen = static_cast<double>(random.Poisson(level(at)));
      lesson.expected = std::exp(prediction.link);
      lesson.weight = weight;
      lesson.noise_variance = 0.002;
      lesson.correlated = 10;
      lesson.decay = std::exp2(-1.0 / 120);
      quell::detectors::Learn(View(), prediction, lesson);
    }
  }
  double Expected(TimeMs at) { return std::exp(Predict(View(), at).link); }
};

double Daily(TimeMs at) {
  return 300 - 200 * std::cos(2 * M_PI * static_cast<double>(at % kDayMs) / kDayMs);
}
double Weekly(TimeMs at) { return Daily(at) * ((at / kDayMs + 3) % 7 >= 5 ? 0.5 : 1.0); }

}  // namespace

TEST_CASE("SeasonCell: four bytes keep mean and variance to their stated precision",
          "[detectors]") {
  SeasonCell cell;
  CHECK_FALSE(cell.Visited());
  CHECK(cell.Mean() == 0);
  for (double size = 1e-12; size < 1e30; size *= 3.7) {
    cell.Set(-size, size);
    CHECK(cell.Visited());
    CHECK(std::abs(cell.Mean() + size) <= 4.9e-4 * size);
    CHECK(std::abs(cell.Variance() - size) <= 0.016 * size);
    // What is stored is stored again as it is.
    const SeasonCell before = cell;
    cell.Set(cell.Mean(), cell.Variance());
    CHECK(cell.Mean() == before.Mean());
    CHECK(cell.Variance() == before.Variance());
  }
  cell.Set(0, 0);
  CHECK(cell.Visited());
  CHECK(cell.Mean() == 0);
  cell.Set(1e300, 1e300);
  CHECK(std::isfinite(cell.Mean()));
  CHECK(std::isfinite(cell.Variance()));
}

TEST_CASE("Baseline: learns the time of day", "[detectors]") {
  Watched w;
  StartBaseline(w.View(), std::log(100), 4);
  w.Learn(kMonday, kMonday + 4 * kDayMs, Daily);
  for (int hour = 1; hour < 24; hour += 2) {
    const TimeMs at = kMonday + 4 * kDayMs + hour * kHourMs;
    CHECK(w.Expected(at) == Approx(Daily(at)).epsilon(0.15));
  }
}

TEST_CASE("Baseline: learns the weekend", "[detectors]") {
  Watched w;
  StartBaseline(w.View(), std::log(100), 4);
  w.Learn(kMonday, kMonday + 26 * kDayMs, Weekly);
  for (const int day : {26, 27, 28, 30}) {
    const TimeMs noon = kMonday + day * kDayMs + 12 * kHourMs;
    w.Learn(noon - 12 * kHourMs, noon, Weekly);
    CHECK(w.Expected(noon + kMinuteMs) == Approx(Weekly(noon)).epsilon(0.1));
    w.Learn(noon, noon + 12 * kHourMs, Weekly);
    if (day == 28) w.Learn(noon + 12 * kHourMs, noon + 36 * kHourMs, Weekly);
  }
}

TEST_CASE("Baseline: says how uncertain it is before a day has been seen", "[detectors]") {
  Watched w;
  StartBaseline(w.View(), std::log(100), 4);
  w.Learn(kMonday, kMonday + 3 * kHourMs, Daily);
  const double early = Predict(w.View(), kMonday + 9 * kHourMs).variance;
  w.Learn(kMonday + 3 * kHourMs, kMonday + 15 * kDayMs, Daily);
  const double late = Predict(w.View(), kMonday + 15 * kDayMs + 9 * kHourMs).variance;
  CHECK(late < 0.1 * early);
  CHECK(late > 0);
}

TEST_CASE("Baseline: an outage learned at low weight leaves the season in place", "[detectors]") {
  Watched w;
  StartBaseline(w.View(), std::log(100), 4);
  const TimeMs noon = kMonday + 7 * kDayMs + 12 * kHourMs;
  w.Learn(kMonday, noon, Daily);
  w.Learn(
      noon, noon + kHourMs, [](TimeMs) { return 5.0; }, 1e-4);
  const TimeMs after = noon + kHourMs + kMinuteMs;
  CHECK(w.Expected(after) == Approx(Daily(after)).epsilon(0.12));
  w.Learn(noon + kHourMs, noon + kDayMs, Daily);
  CHECK(w.Expected(noon + kDayMs + 30 * kMinuteMs) == Approx(Daily(noon)).epsilon(0.12));
}

TEST_CASE("Baseline: a holiday is followed within hours but not learned as the season",
          "[detectors]") {
  Watched w;
  StartBaseline(w.View(), std::log(100), 4);
  const TimeMs day = kMonday + 14 * kDayMs;
  w.Learn(kMonday, day, Daily);
  w.Learn(day, day + 16 * kHourMs, [](TimeMs at) { return 0.7 * Daily(at); });
  const TimeMs at = day + 16 * kHourMs + kMinuteMs;
  CHECK(w.Expected(at) == Approx(0.7 * Daily(at)).epsilon(0.1));
  w.Learn(day + 16 * kHourMs, day + kDayMs, [](TimeMs t) { return 0.7 * Daily(t); });
  w.Learn(day + kDayMs, day + kDayMs + 12 * kHourMs, Daily);
  const TimeMs next = day + kDayMs + 12 * kHourMs + kMinuteMs;
  CHECK(w.Expected(next) == Approx(Daily(next)).epsilon(0.1));
}

TEST_CASE("Baseline: thin counts shrink to the level of the signal", "[detectors]") {
  Watched w;
  StartBaseline(w.View(), std::log(0.05), 1);
  w.Learn(kMonday, kMonday + 14 * kDayMs, [](TimeMs) { return 0.05; });
  for (int hour = 0; hour < 24; ++hour) {
    const double expected = w.Expected(kMonday + 14 * kDayMs + hour * kHourMs + kMinuteMs);
    CHECK(expected > 0.02);
    CHECK(expected < 0.12);
  }
}

TEST_CASE("Baseline: adopting a level moves every hour", "[detectors]") {
  Watched w;
  StartBaseline(w.View(), std::log(100), 4);
  w.Learn(kMonday, kMonday + 7 * kDayMs, Daily);
  Relevel(w.View(), std::log(0.5));
  for (const int hour : {3, 12, 20}) {
    const TimeMs at = kMonday + 7 * kDayMs + hour * kHourMs;
    CHECK(w.Expected(at) == Approx(0.5 * Daily(at)).epsilon(0.15));
  }
}

}  // namespace quell::detectors
