// Signals' series, as an engine hands them out.
#include <cmath>
#include <unordered_set>

#include "engine/api/engine.h"
#include "engine/api/metrics.h"

namespace quell::api {
namespace {

using detectors::VerdictReason;
using signals::SignalState;

bool Reports(SignalState state) {
  return state != SignalState::kDead && state != SignalState::kRetired;
}

// A pipeline that was just loaded has judged nothing yet.
bool WasJudged(const detectors::Verdict& verdict) {
  return verdict.reason != VerdictReason::kInsufficientEvidence || verdict.value != 0 ||
         verdict.expected != 0 || verdict.band_high != 0;
}

}  // namespace

exports::SignalSeriesSet Engine::SignalSeries() {
  exports::SignalSeriesSet out;
  if (!ready_) return out;
  const std::lock_guard lock(pipeline_mutex_);
  const signals::SignalEngine& signals = pipeline_->signals();
  std::vector<std::uint32_t> slots;
  for (std::uint32_t slot = 0; slot < signals.signals().size(); ++slot) {
    const detectors::Verdict* verdict = pipeline_->LastVerdict(slot);
    if (verdict == nullptr || !WasJudged(*verdict)) continue;
    if (Reports(signals.State(slot, pipeline_->event_time()))) slots.push_back(slot);
  }
  out.at = pipeline_->last_step();
  std::stable_partition(slots.begin(), slots.end(),
                        [this](std::uint32_t slot) { return pipeline_->Alerting(slot); });
  std::unordered_set<std::uint64_t> seen;  // names may coincide once they are written plainly
  for (const std::uint32_t slot : slots) {
    if (out.signals.size() == exports_.signals_max) break;
    const detectors::Verdict& verdict = *pipeline_->LastVerdict(slot);
    const pipeline::Reading reading = pipeline_->LastReading(slot);
    exports::SignalSeries series;
    series.labels =
        exports::SeriesLabels(signals.signals()[slot].labels, signals.Definition(slot).name);
    series.value = reading.value;
    if (verdict.reason != VerdictReason::kInsufficientEvidence) {
      series.score = exports::ScoreOf(verdict.tail_probability);
      if (verdict.reason != VerdictReason::kStaticLimit) {
        series.expected = reading.expected;
        series.low = reading.low;
        series.high = reading.high;
      }
    }
    if (seen.insert(series.labels.Hash()).second) out.signals.push_back(std::move(series));
  }
  out.left_out = slots.size() - out.signals.size();
  return out;
}

void Engine::StartExport() {
  if (exports_.remote_write.url.empty()) return;
  writer_ = std::make_unique<exports::RemoteWriter>(
      exports_.remote_write, [this] { return SignalSeries(); }, clock_);
  writer_->Start();
}

std::string RenderExport(const exports::WriterCounters& counters) {
  MetricsText out;
  out.Family("quell_export_samples_total", "counter",
             "Samples of signals' series for remote write, by what became of them.");
  out.Sample("outcome=\"sent\"", static_cast<double>(counters.sent));
  out.Sample("outcome=\"refused\"", static_cast<double>(counters.refused));
  out.Sample("outcome=\"dropped\"", static_cast<double>(counters.dropped));
  out.Family("quell_export_failures_total", "counter",
             "Requests of remote write out that have to be sent again.");
  out.Sample("", static_cast<double>(counters.failures));
  out.Family("quell_export_waiting", "gauge", "Requests of remote write out that wait.");
  out.Sample("", static_cast<double>(counters.waiting));
  return out.text();
}

}  // namespace quell::api
