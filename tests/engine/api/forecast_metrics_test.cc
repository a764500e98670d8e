#include <catch2/catch.hpp>

#include "engine/api/metrics.h"

namespace quell::api {
namespace {

TEST_CASE("Forecast metrics: three bounds where they are met, labels escaped", "[api]") {
  ForecastRows forecasts;
  ForecastRow row;
  row.name = "queue";
  row.labels = Labels({{"queue", "a\"b\\c\nd"}, {"bound", "x"}, {"odd.name", "y"}});
  row.reading.known = true;
  row.reading.until.lower = 90 * kSecondMs;
  row.reading.until.median = 2 * kHourMs;
  forecasts.rows.push_back(row);
  ForecastRow learning;
  learning.name = "pool";
  learning.reading.until.lower = 5;  // of a signal that is not known nothing is told
  forecasts.rows.push_back(learning);
  forecasts.refused = 3;
  const std::string text = RenderForecasts(forecasts);
  const auto has = [&](const std::string& part) {
    INFO(text);
    INFO(part);
    CHECK(text.find(part) != std::string::npos);
  };
  const std::string labels = R"(signal="queue",exported_bound="x",queue="a\"b\\c\nd")";
  has("quell_forecast_seconds_to_limit{" + labels + ",bound=\"lower\"} 90\n");
  has("quell_forecast_seconds_to_limit{" + labels + ",bound=\"median\"} 7200\n");
  CHECK(text.find("bound=\"upper\"") == std::string::npos);
  CHECK(text.find("pool") == std::string::npos);
  has("quell_forecast_signals{state=\"known\"} 1\n");
  has("quell_forecast_signals{state=\"learning\"} 1\n");
  has("quell_forecast_points_refused_total 3\n");
}

}  // namespace
}  // namespace quell::api
