// The closing half of SignalEngine: windows to points, ageing of series, snapshots.
#include <algorithm>
#include <cmath>

#include "engine/signals/signal_engine.h"
#include "ingest/series_records.h"

namespace quell::signals {
namespace {

using detectors::SignalKind;

// The bucket edge that "slow" is counted from should leave about this share above it: enough
// requests to count at low volume, few enough that a shift of the body shows.
constexpr double kSlowShare = 0.08;
constexpr double kBoundRequestsMin = 200;
constexpr DurationMs kFewerTargetsMs = kHourMs;

}  // namespace

void SignalEngine::ExpireSeries(TimeMs step_end) {
  for (Series& series : series_) {
    if (!series.live) continue;
    const Window& window = windows_[bindings_[series.bindings_begin].slot];
    if (step_end - series.last_time > Lookback(window)) SetLive(series, false);
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
  if (!Covered(window, step_end) || window.restarted > 0) return false;
  out.point.k = out.point.n = window.n;
  out.point.value = out.shown = window.n / exposure;
  return true;
}

void SignalEngine::ResetWindow(Window& window, TimeMs step_end) {
  window.k = window.n = window.covered_ms = 0;
  window.gauge_sum = window.gauge_max = 0;
  window.gauge_samples = 0;
  window.contributions = window.targets = window.restarted = 0;
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
  return points_;
}

void SignalEngine::Save(ByteWriter& out) const {
  out.Put(closed_);
  out.Put(static_cast<std::uint64_t>(definition_bodies_.size()));
  for (const std::string& body : definition_bodies_) out.PutString(body);
  for (const Series& series : series_) {
    out.Put(series.last_time);
    out.Put(series.last_value);
    out.Put(series.seen);
    out.Put(series.live);
    out.Put(series.contributed_closed);
  }
  SaveNatives(out);
  for (const Window& w : windows_) {
    for (const double value :
         {w.k, w.n, w.covered_ms, w.gauge_sum, w.gauge_max, w.bound, w.last_n}) {
      out.Put(value);
    }
    for (const TimeMs value : {w.interval_ms, w.last_seen, w.last_close, w.full_at, w.more_since}) {
      out.Put(value);
    }
    for (const std::uint32_t value : {w.gauge_samples, w.contributions, w.live, w.longer_spacings,
                                      w.targets, w.targets_full, w.restarted}) {
      out.Put(value);
    }
    out.Put(w.native);
    out.Put(w.native_bound);
  }
  for (const HistogramWindow& histogram : histograms_) histogram.Save(out);
  out.PutArray(target_born_);
  out.PutArray(target_uses_);
  for (const std::uint64_t value :
       {counters_.samples, counters_.duplicates, counters_.duplicate_times, counters_.out_of_order,
        counters_.late, counters_.stale_markers, counters_.resets, counters_.not_finite,
        counters_.gaps, counters_.refused_series, counters_.refused_signals, counters_.histograms,
        counters_.too_old}) {
    out.Put(value);
  }
}

Status SignalEngine::Load(ByteReader& in) {
  const Error bad = MakeError(ErrorCode::kCorrupt, "signals snapshot does not decode");
  closed_ = in.Get<TimeMs>();
  const size_t count = in.GetCount(4);
  series_by_definition_.reserve(count);
  definition_bodies_.reserve(count);
  for (size_t i = 0; i < count && in.ok(); ++i) {
    const auto definition = ingest::ReadDefinitionBody(in.GetString());
    // Interned in the same order, series, signals and definitions get the same numbers.
    if (!definition.ok() || Intern(definition->labels, definition->type) != i) return bad;
  }
  for (Series& series : series_) {
    series.last_time = in.Get<TimeMs>();
    series.last_value = in.Get<double>();
    series.seen = in.Get<bool>();
    series.live = in.Get<bool>();
    series.contributed_closed = in.Get<TimeMs>();
  }
  if (!LoadNatives(in)) return bad;
  for (Window& w : windows_) {
    for (double* value :
         {&w.k, &w.n, &w.covered_ms, &w.gauge_sum, &w.gauge_max, &w.bound, &w.last_n}) {
      *value = in.Get<double>();
    }
    for (TimeMs* value : {&w.interval_ms, &w.last_seen, &w.last_close, &w.full_at, &w.more_since}) {
      *value = in.Get<TimeMs>();
    }
    for (std::uint32_t* value : {&w.gauge_samples, &w.contributions, &w.live, &w.longer_spacings,
                                 &w.targets, &w.targets_full, &w.restarted}) {
      *value = in.Get<std::uint32_t>();
    }
    w.native = in.Get<bool>();
    w.native_bound = in.Get<bool>();
  }
  for (std::uint32_t slot = 0; slot < windows_.size(); ++slot) {
    if (Definition(slot).bound > 0) windows_[slot].bound = Definition(slot).bound;  // may be new
  }
  for (HistogramWindow& histogram : histograms_) histogram.Load(in);
  const std::vector<TimeMs> born = in.GetArray<TimeMs>();
  if (born.size() != target_born_.size()) return bad;
  target_born_ = born;
  const std::vector<TimeMs> uses = in.GetArray<TimeMs>();
  if (uses.size() != target_uses_.size()) return bad;
  target_uses_ = uses;
  for (std::uint64_t* value :
       {&counters_.samples, &counters_.duplicates, &counters_.duplicate_times,
        &counters_.out_of_order, &counters_.late, &counters_.stale_markers, &counters_.resets,
        &counters_.not_finite, &counters_.gaps, &counters_.refused_series,
        &counters_.refused_signals, &counters_.histograms, &counters_.too_old}) {
    *value = in.Get<std::uint64_t>();
  }
  if (!in.ok()) return bad;
  return Ok{};
}

}  // namespace quell::signals
