#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "core/file.h"
#include "core/random.h"
#include "replay/runner/forecast_backtest.h"
#include "tests/support/temp_folder.h"

namespace quell::replay {
namespace {

constexpr TimeMs kStart = 1787529600000;  // 2026-08-24T00:00:00Z

// A pool with the shape of a day, and a disk that fills by a steady amount, for a week.
std::string Levels() {
  std::string out;
  Random random(4);
  for (int minute = 1; minute <= 7 * 24 * 60; ++minute) {
    const std::string time = std::to_string(kStart / 1000 + minute * 60) + "\n";
    const double pool = 50 + 30 * std::sin(2 * M_PI * minute / 1440) + 6 * random.Normal();
    const double disk = 1e9 + 1e6 * minute + 2e6 * random.Normal();
    out += "pool_in_use " + std::to_string(pool) + ' ' + time;
    out += "disk_used " + std::to_string(disk) + ' ' + time;
  }
  return out + "# EOF\n";
}

ForecastOptions OptionsFor(const std::string& file) {
  ForecastOptions options;
  options.replay.sources = {{Source::Kind::kOpenMetrics, file}};
  options.replay.evaluate_from = kStart + 5 * kDayMs;
  return options;
}

TEST_CASE("Forecast backtest: better than the naive and the linear one, and covered", "[replay]") {
  const test::TempFolder folder;
  REQUIRE(WriteFileAtomic(folder.File("m.om"), Levels()).ok());
  ForecastOptions options = OptionsFor(folder.File("m.om"));

  const auto none = RunForecast(options, nullptr);
  REQUIRE_FALSE(none.ok());
  CHECK(none.error().message.find("--all") != std::string::npos);

  options.all = true;
  const auto outcome = RunForecast(options, nullptr);
  REQUIRE(outcome.ok());
  REQUIRE(outcome->signals.size() == 2);
  CHECK(outcome->signals[0].name == "disk_used");
  for (const ForecastOfSignal& signal : outcome->signals) {
    for (const ForecastScore& score : signal.ahead) {
      INFO(signal.name << " in " << score.coverage);
      CHECK(score.forecasts > 450);
      CHECK(score.coverage > 0.65);
      CHECK(score.coverage < 0.95);
    }
    CHECK(signal.ahead[2].error < 0.5 * signal.ahead[2].naive);
  }
  // A line is a line: as good as knowing it. A day's wave is not.
  CHECK(outcome->signals[0].ahead[2].error < outcome->signals[0].ahead[2].linear);
  CHECK(outcome->signals[1].ahead[2].error < 0.3 * outcome->signals[1].ahead[2].linear);
  const std::string text = FormatForecast(*outcome, 1);
  CHECK(text.find("forecasts of 2 signals") != std::string::npos);
  CHECK(text.find("  all\n") != std::string::npos);

  // Only what has a limit, and what is beyond the bound is told.
  signals::SignalDef def;
  def.name = "pool";
  def.kind = detectors::SignalKind::kGauge;
  signals::ApplyKindDefaults(def);
  def.selector = *Selector::Parse("pool_in_use");
  def.limit = 90;
  options.replay.pipeline.definitions = {def};
  options.all = false;
  const auto limited = RunForecast(options, nullptr);
  REQUIRE(limited.ok());
  REQUIRE(limited->signals.size() == 1);
  CHECK(limited->signals[0].name == "pool");
  options.all = true;
  options.signals_max = 1;
  const auto bounded = RunForecast(options, nullptr);
  REQUIRE(bounded.ok());
  CHECK(bounded->left_out == 1);
}

}  // namespace
}  // namespace quell::replay
