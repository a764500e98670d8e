// SignalEngine's part for native histograms: one series holds all buckets and the count.
#include <algorithm>

#include "engine/signals/native_role.h"
#include "engine/signals/signal_engine.h"

namespace quell::signals {

void SignalEngine::BindNative(const Labels& labels, std::vector<Binding>& out) {
  static const std::vector<std::string> kNameOnly = {std::string(kMetricName)};
  for (std::uint32_t i = 0; i < configured_; ++i) {
    const SignalDef& def = definitions_[i];
    const std::uint8_t role = NativeRole(def, labels);
    if (role == 0) continue;
    const Labels group = def.by_all ? labels.Without(kNameOnly) : labels.Only(def.by);
    AddBinding(i, role, group, labels, ingest::SeriesType::kHistogram, out);
  }
}

void SignalEngine::ObserveHistogram(SeriesId id, const ingest::HistogramSample& sample) {
  if (id == kIgnoredSeries || series_[id].native < 0) return;
  Series& series = series_[id];
  NativeState& state = natives_[static_cast<size_t>(series.native)];
  ++counters_.samples;
  ++counters_.histograms;
  if (sample.stale) {
    ++counters_.stale_markers;
    return;
  }
  if (series.seen && sample.time <= series.last_time) {
    if (sample.time < series.last_time) {
      ++counters_.out_of_order;
    } else if (sample.count == state.count && sample.buckets == state.buckets) {
      ++counters_.duplicates;
    } else {
      ++counters_.duplicate_times;
    }
    return;
  }
  if (IsTooOld(series, sample.time)) return;
  if (series.seen) LearnInterval(series, sample.time - series.last_time);
  AddGrowth(series, state, sample);
  series.seen = true;
  series.last_time = sample.time;
  series.last_value = sample.count;
  state.count = sample.count;
  state.buckets.assign(sample.buckets.begin(), sample.buckets.end());
  for (std::uint32_t i = 0; i < series.bindings; ++i) {
    Window& window = windows_[bindings_[series.bindings_begin + i].slot];
    window.last_seen = std::max(window.last_seen, sample.time);
  }
}

// The rules of ObserveCounter, for a count and its buckets.
void SignalEngine::AddGrowth(Series& series, const NativeState& state,
                             const ingest::HistogramSample& sample) {
  TimeMs& born = target_born_[series.target];
  if (born == 0) born = sample.time;
  if (!series.seen) {
    if (born + kBornAfterMs > sample.time) return;
    growth_.assign(sample.buckets.begin(), sample.buckets.end());
    Contribute(series, sample.count, 0);
    return;
  }
  const DurationMs spacing = sample.time - series.last_time;
  SetLive(series, true);
  if (spacing > Lookback(windows_[bindings_[series.bindings_begin].slot])) {
    Note(series, Trouble::kGap);
    return;
  }
  double count = std::max(0.0, sample.count - state.count);
  if (sample.gauge) {  // no counter: what it says is what there was
    growth_.assign(sample.buckets.begin(), sample.buckets.end());
    count = sample.count;
  } else if (IncreaseSince(state, sample, growth_) == NativeChange::kReset) {
    Note(series, Trouble::kReset);
    count = sample.count;
  }
  Contribute(series, count, spacing);
}

// A signal may be fed by a histogram in both its forms. Native samples then speak for it, and what
// the classic series added in the same window is dropped.
void SignalEngine::AddNative(Window& window, const Binding& binding, double increase) {
  if (!window.native) window.k = window.n = 0;
  window.native = true;
  if ((binding.role & kRoleBad) != 0) window.k += increase;
  if ((binding.role & (kRoleTotal | kRoleVolume)) != 0) window.n += increase;
  if (binding.role == kRoleBucket) {
    histograms_[static_cast<size_t>(window.native_histogram)].AddIncrements(growth_);
  }
}

// The histogram that the window's point is made of. A bound that was learned on the edges of the
// other form is learned anew.
HistogramWindow& SignalEngine::HistogramOf(Window& window, const SignalDef& def) {
  HistogramWindow& classic = histograms_[static_cast<size_t>(window.histogram)];
  if (!window.native) {
    if (window.native_bound && classic.Total() > 0) window.bound = def.bound;
    if (classic.Total() > 0) window.native_bound = false;
    return classic;
  }
  classic.Roll();
  HistogramWindow& native = histograms_[static_cast<size_t>(window.native_histogram)];
  if (!window.native_bound && native.Total() > 0) window.bound = def.bound;
  if (native.Total() > 0) window.native_bound = true;
  return native;
}

void SignalEngine::SaveNatives(ByteWriter& out) const {
  for (const NativeState& state : natives_) {
    out.Put(state.count);
    out.PutArray(state.buckets);
  }
}

bool SignalEngine::LoadNatives(ByteReader& in) {
  for (NativeState& state : natives_) {
    state.count = in.Get<double>();
    state.buckets = in.GetArray<ingest::HistogramBucket>();
    if (state.buckets.size() > ingest::kHistogramBucketsMax) return false;
  }
  return in.ok();
}

}  // namespace quell::signals
