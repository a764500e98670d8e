#include "detectors/forecast.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>

#include "core/random.h"

namespace quell::detectors {
namespace {

constexpr TimeMs kStart = 1750000200000;  // a whole five minutes
static_assert(kStart % kForecastCellMs == 0);

double NoSeason(TimeMs /*at*/) { return 0; }

using Series = std::function<double(TimeMs)>;

// Feeds a point a minute, the ends of minutes, for so long.
void Feed(Forecaster& forecaster, TimeMs from, DurationMs length, const Series& series,
          const SeasonCall& season = NoSeason) {
  for (TimeMs at = from + kMinuteMs; at <= from + length; at += kMinuteMs) {
    forecaster.Observe(at, series(at), season);
  }
}

double Hours(TimeMs at) { return static_cast<double>(at - kStart) / kHourMs; }

TEST_CASE("Forecast: a straight line with noise meets its limit when it will", "[forecast]") {
  for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
    Random random(seed);
    const Series line = [&](TimeMs at) { return 100 + 20 * Hours(at) + 2 * random.Normal(); };
    Forecaster forecaster;
    Feed(forecaster, kStart, 12 * kHourMs, line);  // 340 at the end
    REQUIRE(forecaster.Known());
    const double now = Hours(forecaster.AsOf());
    const Outlook outlook = forecaster.Look(NoSeason);
    const double limit = 400;
    const TimeToLimit until = forecaster.Until(outlook, limit, true);
    REQUIRE(until.median.has_value());
    REQUIRE(until.lower.has_value());
    REQUIRE(until.upper.has_value());
    const double truth = (limit - 100) / 20 - now;  // about 3 h
    INFO("seed " << seed << " truth " << truth);
    CHECK(static_cast<double>(*until.median) / kHourMs == Approx(truth).margin(0.12));
    CHECK(*until.lower <= *until.median);
    CHECK(*until.median <= *until.upper);
    CHECK(static_cast<double>(*until.upper - *until.lower) / kHourMs < 0.7);
    // The other side, and what is too far away.
    CHECK_FALSE(forecaster.Until(outlook, 600, true).lower.has_value());
    CHECK_FALSE(forecaster.Until(outlook, 50, false).lower.has_value());
    CHECK(forecaster.Until(outlook, 300, true).median == 0);
  }
}

TEST_CASE("Forecast: a line without noise is met to the minute, downwards too", "[forecast]") {
  Forecaster forecaster;
  Feed(forecaster, kStart, 10 * kHourMs, [](TimeMs at) { return 1000 - 30 * Hours(at); });
  const double now = Hours(forecaster.AsOf());
  const TimeToLimit until = forecaster.Until(forecaster.Look(NoSeason), 610, false);
  REQUIRE(until.median.has_value());
  // A point stands for the minute before it.
  CHECK(static_cast<double>(*until.median) / kMinuteMs == Approx((13 - now) * 60).margin(1));
}

TEST_CASE("Forecast: nothing is said from too little data", "[forecast]") {
  Forecaster forecaster;
  const Series line = [](TimeMs at) { return Hours(at); };
  CHECK_FALSE(forecaster.Known());
  Feed(forecaster, kStart, 85 * kMinuteMs, line);
  CHECK_FALSE(forecaster.Known());
  Feed(forecaster, kStart + 85 * kMinuteMs, 30 * kMinuteMs, line);
  CHECK(forecaster.Known());
  // After a gap of more than the window: again nothing.
  Feed(forecaster, kStart + 8 * kHourMs, 30 * kMinuteMs, line);
  CHECK_FALSE(forecaster.Known());
  // One point in half an hour is too rare.
  Forecaster rare;
  for (int i = 1; i < 200; ++i) rare.Observe(kStart + i * 30 * kMinuteMs, i, NoSeason);
  CHECK_FALSE(rare.Known());
}

// Share of cells that fell into the interval forecast for them, by how many cells ahead.
class Coverage {
 public:
  explicit Coverage(std::vector<int> ahead) : ahead_(std::move(ahead)) {}
  void Take(const Forecaster& forecaster, const SeasonCall& season, bool counts) {
    const auto cell = static_cast<int>(forecaster.AsOf() / kForecastCellMs) - 1;
    for (const int ahead : ahead_) {
      const auto due = pending_.find({ahead, cell});
      if (due == pending_.end()) continue;
      const double seen = forecaster.Latest();
      Tally& tally = tallies_[ahead];
      ++tally.all;
      if (seen >= due->second.low && seen <= due->second.high) ++tally.inside;
      tally.error += std::abs(seen - due->second.median);
      pending_.erase(due);
    }
    if (!counts || !forecaster.Known()) return;
    const Outlook outlook = forecaster.Look(season);
    for (const int ahead : ahead_) {
      pending_[{ahead, cell + ahead}] = outlook[static_cast<size_t>(ahead - 1)];
    }
  }
  double Share(int ahead) { return tallies_[ahead].inside / tallies_[ahead].all; }
  double Error(int ahead) { return tallies_[ahead].error / tallies_[ahead].all; }

 private:
  struct Tally {
    double inside = 0, all = 0, error = 0;
  };
  std::vector<int> ahead_;
  std::map<std::pair<int, int>, ForecastPoint> pending_;
  std::map<int, Tally> tallies_;
};

TEST_CASE("Forecast: four of five lie within the interval, for correlated noise on a trend",
          "[forecast]") {
  const std::vector<int> ahead = {3, 12, 48};
  std::map<int, double> share;
  const int runs = 8;
  for (int run = 0; run < runs; ++run) {
    Random random(100 + static_cast<std::uint64_t>(run));
    Forecaster forecaster;
    Coverage coverage(ahead);
    double noise = 0;
    const double keep = std::exp(-1.0 / (10 + 20 * run));  // minutes of memory
    const double slope = 0.5 * (run - 4);
    for (TimeMs at = kStart + kMinuteMs; at <= kStart + 6 * kDayMs; at += kMinuteMs) {
      noise = keep * noise + std::sqrt(1 - keep * keep) * 10 * random.Normal();
      const double value = 1000 + slope * Hours(at) + noise;
      if (!forecaster.Observe(at, value, NoSeason)) continue;
      coverage.Take(forecaster, NoSeason, at > kStart + 2 * kDayMs);
    }
    for (const int cells : ahead) {
      INFO("run " << run << " ahead " << cells);
      CHECK(coverage.Share(cells) > 0.65);
      CHECK(coverage.Share(cells) < 0.92);
      share[cells] += coverage.Share(cells) / runs;
    }
  }
  for (const int cells : ahead) {
    INFO("ahead " << cells << ": " << share[cells]);
    CHECK(share[cells] > 0.7);
    CHECK(share[cells] < 0.9);
  }
}

TEST_CASE("Forecast: a known season is used, a useless one does no harm", "[forecast]") {
  const auto wave = [](TimeMs at) { return 500 + 400 * std::sin(2 * M_PI * Hours(at) / 24); };
  const auto error_with = [&](const SeasonCall& season) {
    Random random(7);
    Forecaster forecaster;
    Coverage coverage({48});
    for (TimeMs at = kStart + kMinuteMs; at <= kStart + 4 * kDayMs; at += kMinuteMs) {
      if (!forecaster.Observe(at, 1.1 * wave(at) + 20 * random.Normal(), season)) continue;
      coverage.Take(forecaster, season, at > kStart + kDayMs);
    }
    CHECK(coverage.Share(48) > 0.65);
    return coverage.Error(48);
  };
  const double known = error_with(wave);
  const double flat = error_with(NoSeason);
  const double wild = error_with([](TimeMs at) { return at % 7 == 0 ? 1e9 : NAN; });
  INFO("known " << known << " flat " << flat << " wild " << wild);
  CHECK(known < 0.15 * flat);
  CHECK(wild < 1.3 * flat);
}

TEST_CASE("Forecast: odd input leaves every number finite", "[forecast]") {
  const std::vector<double> odd = {0,      0,   1e300, -1e300,   std::numeric_limits<double>::max(),
                                   1e-320, NAN, 1e30,  INFINITY, 5};
  Forecaster forecaster;
  Random random(3);
  for (TimeMs at = kStart + kMinuteMs; at <= kStart + kDayMs; at += kMinuteMs) {
    const double value = odd[random.Below(odd.size())];
    forecaster.Observe(at, value, [](TimeMs t) { return t % 2 == 0 ? INFINITY : -1e305; });
    if (!forecaster.Known()) continue;
    for (const ForecastPoint& point : forecaster.Look(NoSeason)) {
      REQUIRE(std::isfinite(point.low));
      REQUIRE(std::isfinite(point.high));
      REQUIRE(point.low <= point.median);
      REQUIRE(point.median <= point.high);
    }
  }
  REQUIRE(forecaster.Known());
  // Times that go back are not taken.
  CHECK_FALSE(forecaster.Observe(kStart, 1, NoSeason));
}

TEST_CASE("Forecast: restored state goes on as if nothing had happened", "[forecast]") {
  Random random(9);
  const Series line = [&](TimeMs at) { return Hours(at) + 0.1 * random.Normal(); };
  Forecaster one;
  Feed(one, kStart, 7 * kHourMs + 2 * kMinuteMs, line);
  Forecaster other;
  REQUIRE(other.Restore(one.state()));
  for (TimeMs at = kStart + 7 * kHourMs + 3 * kMinuteMs; at < kStart + 9 * kHourMs;
       at += kMinuteMs) {
    const double value = line(at);
    CHECK(one.Observe(at, value, NoSeason) == other.Observe(at, value, NoSeason));
  }
  CHECK(std::memcmp(&one.state(), &other.state(), sizeof(Forecaster::State)) == 0);
  Forecaster::State broken = one.state();
  broken.grades[1].spread[0].error = NAN;
  CHECK_FALSE(other.Restore(broken));
}

}  // namespace
}  // namespace quell::detectors
