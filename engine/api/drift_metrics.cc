// Drift out of the engine, and as metrics.
#include <algorithm>

#include "engine/api/metrics.h"

namespace quell::api {

DriftRows Engine::Drifts() {
  const std::lock_guard lock(pipeline_mutex_);
  const signals::SignalEngine& signals = pipeline_->signals();
  DriftRows out;
  out.counters = pipeline_->drifts().counters();
  std::vector<pipeline::DriftReading> readings = pipeline_->drifts().Read(pipeline_->event_time());
  out.judged = readings.size();
  const size_t all = signals.signals().size();
  out.left_out = pipeline::Drifts::LeftOut(all);
  out.learning = all - out.left_out - std::min(all - out.left_out, readings.size());
  for (const auto& [slot, verdict] : readings) {
    if (verdict.psi >= 0.1) ++out.above_tenth;
    if (verdict.psi >= 0.25) ++out.above_quarter;
    const detectors::DriftAdvice advice = detectors::AdviceOf(verdict);
    if (advice == detectors::DriftAdvice::kWatch) ++out.watch;
    if (advice == detectors::DriftAdvice::kRetrain) ++out.retrain;
  }
  std::stable_sort(readings.begin(), readings.end(),
                   [](const auto& a, const auto& b) { return a.verdict.psi > b.verdict.psi; });
  if (readings.size() > DriftRows::kRowsMax) readings.resize(DriftRows::kRowsMax);
  for (const auto& [slot, verdict] : readings) {
    DriftRow row{signals.Definition(slot).name, signals.signals()[slot].labels, verdict};
    row.labels.Set("alertname", "");
    out.most.push_back(std::move(row));
  }
  return out;
}

std::string RenderDrift(const DriftRows& drift) {
  MetricsText out;
  out.Family("quell_signal_drift_psi", "gauge",
             "Population stability index of the latest day against the week before, of the 20 "
             "signals where it is largest.");
  for (const DriftRow& row : drift.most) {
    const std::string advice(detectors::DriftAdviceName(detectors::AdviceOf(row.verdict)));
    out.Sample(SignalLabels(row.name, row.labels, "advice") + ",advice=\"" + advice + '"',
               row.verdict.psi);
  }
  const auto count = [&](const std::string& labels, std::uint64_t value) {
    out.Sample(labels, static_cast<double>(value));
  };
  out.Family("quell_signals_drift_psi_above", "gauge", "Signals whose index is at least so much.");
  count("threshold=\"0.1\"", drift.above_tenth);
  count("threshold=\"0.25\"", drift.above_quarter);
  out.Family("quell_signals_drift_advice", "gauge", "Signals by what their drift advises.");
  count("advice=\"none\"", drift.judged - drift.watch - drift.retrain);
  count("advice=\"watch\"", drift.watch);
  count("advice=\"retrain\"", drift.retrain);
  count("advice=\"unknown\"", drift.learning);
  out.Family("quell_drift_signals_left_out", "gauge",
             "Signals whose drift is not watched: those that appeared after the first 20,000.");
  count("", drift.left_out);
  out.Family("quell_drift_points_refused_total", "counter",
             "Points of signals beyond the 20,000 whose drift is watched.");
  count("", drift.counters.refused);
  return out.text();
}

}  // namespace quell::api
