// Forecasts out of the engine, and as metrics.
#include <algorithm>
#include <cctype>

#include "engine/api/metrics.h"

namespace quell::api {
namespace {

std::string Escaped(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

bool IsPlain(std::string_view name) {
  return name.substr(0, 2) != "__" && std::all_of(name.begin(), name.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
         });
}

}  // namespace

std::string SignalLabels(const std::string& name, const Labels& labels, std::string_view own) {
  std::string out = "signal=\"" + Escaped(name) + '"';
  for (const Label& label : labels) {
    if (!IsPlain(label.name)) continue;
    const bool taken = label.name == "signal" || label.name == own;
    out += (taken ? ",exported_" : ",") + label.name + "=\"" + Escaped(label.value) + '"';
  }
  return out;
}

ForecastRows Engine::Forecasts() {
  const std::lock_guard lock(pipeline_mutex_);
  const signals::SignalEngine& signals = pipeline_->signals();
  ForecastRows out;
  out.refused = pipeline_->forecasts().refused();
  for (const auto& reading : pipeline_->forecasts().Read(signals, pipeline_->event_time())) {
    ForecastRow row{signals.Definition(reading.slot).name, signals.signals()[reading.slot].labels,
                    reading};
    row.labels.Set("alertname", "");
    out.rows.push_back(std::move(row));
  }
  return out;
}

std::string RenderForecasts(const ForecastRows& forecasts) {
  MetricsText out;
  out.Family("quell_forecast_seconds_to_limit", "gauge",
             "Forecast time to the configured limit: median, and the ends of the 80 % interval. "
             "None where it is not met within six hours.");
  size_t known = 0;
  for (const ForecastRow& row : forecasts.rows) {
    if (!row.reading.known) continue;
    ++known;
    const std::string labels = SignalLabels(row.name, row.labels, "bound");
    const auto bound = [&](const char* name, const std::optional<DurationMs>& until) {
      if (!until.has_value()) return;
      out.Sample(labels + ",bound=\"" + name + '"', static_cast<double>(*until) / 1000.0);
    };
    bound("lower", row.reading.until.lower);
    bound("median", row.reading.until.median);
    bound("upper", row.reading.until.upper);
  }
  out.Family("quell_forecast_signals", "gauge", "Signals with a limit.");
  out.Sample("state=\"known\"", static_cast<double>(known));
  out.Sample("state=\"learning\"", static_cast<double>(forecasts.rows.size() - known));
  out.Family("quell_forecast_points_refused_total", "counter",
             "Points of signals with a limit beyond the 500 that are forecast.");
  out.Sample("", static_cast<double>(forecasts.refused));
  return out.text();
}

}  // namespace quell::api
