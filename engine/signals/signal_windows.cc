// The closing half of SignalEngine: windows to points, ageing of series.
#include <algorithm>
#include <cmath>

#include "engine/signals/signal_engine.h"

namespace quell::signals {
namespace {

using detectors::SignalKind;

// The bucket edge that "slow" is counted from should leave about this share above it: enough
// requests to count at low volume, few enough that a shift of the body shows.
constexpr double kSlowShare = 0.08;
constexpr double kBoundRequestsMin = 200;
constexpr DurationMs kFewerTargetsMs = kHourMs;
constexpr double kUsualPoints = 8;  // that the usual volume is smoothed over

}  // namespace

// Late samples have a counter of their own by how late they are.
void SignalEngine::Note(const Series& series, Trouble trouble) {
  if (trouble == Trouble::kGap) ++counters_.gaps;
  if (trouble == Trouble::kReset) ++counters_.resets;
  for (std::uint32_t i = 0; i < series.bindings; ++i) {
    Window& window = windows_[bindings_[series.bindings_begin + i].slot];
    if (trouble == Trouble::kReset) ++window.restarted;
    window.troubles.Add(trouble, closed_);
  }
}

void SignalEngine::ExpireSeries(TimeMs step_end) {
  for (Series& series : series_) {
    const DurationMs silent = step_end - series.last_time;
    if (!series.live || silent <= options_.lookback_ms) continue;  // the least that Lookback says
    const Window& window = windows_[bindings_[series.bindings_begin].slot];
    if (silent > Lookback(window)) SetLive(series, false);
  }
}

bool SignalEngine::MakeQuantile(Window& window, const SignalDef& def, StepPoint& out) {
  HistogramWindow& histogram = HistogramOf(window, def);
  const double total = histogram.Total();
  window.last_n = total;
  if (total <= 0) return false;
  out.shown = histogram.Quantile(def.quantile);
  out.point.n = total;
  out.point.k = window.bound > 0 ? std::min(total, histogram.Above(window.bound)) : 0;
  out.point.value = out.point.k / total;
  histogram.Roll();
  if (window.bound > 0) return true;
  const auto edge = histogram.LearnedEdge(kSlowShare, kBoundRequestsMin);
  if (edge) window.bound = *edge;
  return false;  // the next window is the first that is judged by the bound
}

double SignalEngine::LastEdge(std::uint32_t slot) const {
  const Window& window = windows_[slot];
  const std::int32_t at = window.native_bound ? window.native_histogram : window.histogram;
  return at < 0 ? 0 : histograms_[static_cast<size_t>(at)].LastEdge();
}

SignalEngine::UsualLatency SignalEngine::Usual(std::uint32_t slot, double less, double more) const {
  const Window& window = windows_[slot];
  const std::int32_t at = window.native_bound ? window.native_histogram : window.histogram;
  if (at < 0 || Definition(slot).kind != SignalKind::kQuantile) return {};
  const HistogramWindow& histogram = histograms_[static_cast<size_t>(at)];
  const double q = Definition(slot).quantile;
  const auto moved = [&](double by) {
    return histogram.UsualQuantile(std::clamp(q + by, 1e-4, 0.9999));
  };
  return {moved(0), moved(-less), moved(more)};
}

// Whether all targets that usually feed the signal did. Fewer become usual after an hour, more
// after the lookback (a rolling restart shows old and new ones side by side).
bool SignalEngine::Covered(Window& window, TimeMs step_end) const {
  if (window.targets < window.targets_full) {
    window.more_since = 0;
    if (step_end - window.full_at < std::max(kFewerTargetsMs, Lookback(window))) return false;
    window.targets_full = window.targets;
  } else if (window.targets > window.targets_full) {
    if (window.more_since == 0) window.more_since = step_end;
    if (step_end - window.more_since >= Lookback(window)) window.targets_full = window.targets;
  } else {
    window.more_since = 0;
  }
  window.full_at = step_end;
  return true;
}

bool SignalEngine::MakePoint(std::uint32_t slot, TimeMs step_end, StepPoint& out) {
  Window& window = windows_[slot];
  const SignalDef& def = definitions_[signals_[slot].definition];
  out = StepPoint{};
  out.point.slot = slot;
  const double exposure =
      window.contributions == 0 ? 0 : window.covered_ms / 1000.0 / window.contributions;
  out.point.exposure_seconds = exposure;
  switch (def.kind) {
    case SignalKind::kGauge:
      if (window.gauge_samples == 0) return false;
      out.point.n = window.gauge_samples;
      out.point.value = window.gauge_sum / window.gauge_samples;
      if (def.aggregate == Aggregate::kMax) out.point.value = window.gauge_max;
      if (def.aggregate == Aggregate::kSum) out.point.value *= std::max(1U, window.live);
      out.shown = out.point.value;
      return std::isfinite(out.point.value);
    case SignalKind::kQuantile:
      return MakeQuantile(window, def, out);
    case SignalKind::kRatio:
      window.last_n = window.n;
      if (window.n <= 0) return false;
      out.point.n = window.n;
      out.point.k = std::min(window.k, window.n);
      out.point.value = out.shown = out.point.k / out.point.n;
      return true;
    case SignalKind::kRate:
      break;
  }
  if (window.contributions == 0 || exposure <= 0) return false;
  window.last_n = window.n;
  const bool covered = Covered(window, step_end);
  if (window.restarted > 0) return false;
  if (!covered) return MakePartialVolume(window, out);
  out.point.k = out.point.n = window.n;
  out.point.value = out.shown = window.n / exposure;
  window.usual_full = window.usual;
  const bool first = window.rate_full == 0;
  window.rate_full += (out.point.value - window.rate_full) / (first ? 1 : kUsualPoints);
  return true;
}

void SignalEngine::ResetWindow(Window& window, TimeMs step_end) {
  window.k = window.n = window.covered_ms = 0;
  window.gauge_sum = window.gauge_max = 0;
  window.gauge_samples = 0;
  window.contributions = window.targets = window.restarted = 0;
  window.usual = 0;
  window.native = false;
  window.last_close = step_end;
}

std::span<const SignalEngine::StepPoint> SignalEngine::CloseStep(TimeMs step_end) {
  points_.clear();
  closed_ = step_end;
  const std::int64_t step_index = step_end / options_.step_ms;
  StepPoint made;
  for (std::uint32_t slot = 0; slot < windows_.size(); ++slot) {
    Window& window = windows_[slot];
    // A quarter step of jitter does not make a 30 s scrape a 60 s one.
    const std::int64_t multiple = std::max<std::int64_t>(
        1, (window.interval_ms + options_.step_ms * 3 / 4) / options_.step_ms);
    if (step_index % multiple != 0) continue;
    if (MakePoint(slot, step_end, made)) points_.push_back(made);
    ResetWindow(window, step_end);
  }
  ExpireSeries(step_end);
  FindOut();
  return points_;
}

}  // namespace quell::signals
