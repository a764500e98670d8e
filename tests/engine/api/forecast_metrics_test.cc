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

TEST_CASE("Drift metrics: the most drifting by name, all of them by number", "[api]") {
  DriftRows drift;
  DriftRow row;
  row.name = "volume";
  row.labels = Labels({{"region", "eu"}, {"advice", "x"}});
  row.verdict.psi = 0.5;
  row.verdict.p = 0.001;
  drift.most.push_back(row);
  drift.judged = 9;
  drift.above_tenth = 3;
  drift.above_quarter = 1;
  drift.watch = 2;
  drift.retrain = 1;
  drift.learning = 4;
  drift.left_out = 2;
  drift.counters.refused = 77;
  const std::string text = RenderDrift(drift);
  for (const char* part :
       {"quell_signal_drift_psi{signal=\"volume\",exported_advice=\"x\",region=\"eu\","
        "advice=\"retrain\"} 0.5",
        "quell_signals_drift_psi_above{threshold=\"0.1\"} 3\n",
        "quell_signals_drift_psi_above{threshold=\"0.25\"} 1\n",
        "quell_signals_drift_advice{advice=\"none\"} 6\n",
        "quell_signals_drift_advice{advice=\"retrain\"} 1\n",
        "quell_signals_drift_advice{advice=\"unknown\"} 4\n", "quell_drift_signals_left_out 2\n",
        "quell_drift_points_refused_total 77\n"}) {
    INFO(text);
    INFO(part);
    CHECK(text.find(part) != std::string::npos);
  }
}

}  // namespace
}  // namespace quell::api
