// Save and Load of SignalEngine (docs/formats/signals.md). What binds series to signals is saved as
// it stands, so that a start does not discover it again: half a million series load in a fraction
// of the seconds that interning them takes.
#include <bit>

#include "engine/signals/numbered_keys.h"
#include "engine/signals/signal_engine.h"
#include "ingest/series_records.h"

namespace quell::signals {
namespace {

void PutDefinition(const SignalDef& def, ByteWriter& out) {
  out.PutString(def.name);
  out.Put(def.kind);
  out.Put(def.by_all);
  out.Put(def.policy.direction);
  out.Put(def.policy.min_abs_deviation);
  out.Put(def.policy.min_rel_deviation);
  out.Put(def.missing);
  out.Put(def.aggregate);
  out.Put(def.static_limit);
  out.Put(def.quantile);
  out.Put(def.bound);
  out.PutString(def.unit);
  out.PutString(def.what);
}

SignalDef GetDefinition(ByteReader& in) {
  SignalDef def;
  def.name = in.GetString();
  def.kind = in.Get<detectors::SignalKind>();
  def.by_all = in.Get<bool>();
  def.policy.direction = in.Get<detectors::Direction>();
  def.policy.min_abs_deviation = in.Get<double>();
  def.policy.min_rel_deviation = in.Get<double>();
  def.missing = in.Get<Missing>();
  def.aggregate = in.Get<Aggregate>();
  def.static_limit = in.Get<double>();
  def.quantile = in.Get<double>();
  def.bound = in.Get<double>();
  def.unit = in.GetString();
  def.what = in.GetString();
  return def;
}

bool NumberKeys(const std::vector<std::uint64_t>& keys, NumberedKeys& numbers) {
  numbers.reserve(keys.size());
  for (std::uint32_t i = 0; i < keys.size(); ++i) numbers.emplace(keys[i], i);
  return numbers.size() == keys.size();
}

}  // namespace

void SignalEngine::SaveSignals(ByteWriter& out) const {
  out.Put(static_cast<std::uint64_t>(definitions_.size() - configured_));
  for (size_t i = configured_; i < definitions_.size(); ++i) PutDefinition(definitions_[i], out);
  out.Put(static_cast<std::uint64_t>(signals_.size()));
  for (const Signal& signal : signals_) {
    out.Put(signal.definition);
    out.Put(signal.group);
    out.Put(signal.series);
    out.PutString(ingest::DefinitionBody(ingest::SeriesType::kFloat, signal.labels));
  }
}

bool SignalEngine::LoadSignals(ByteReader& in) {
  static const std::vector<std::string> kOwnName = {"alertname"};
  const size_t discovered = in.GetCount(8);
  for (size_t i = 0; i < discovered && in.ok(); ++i) {
    SignalDef def = GetDefinition(in);
    const auto index = static_cast<std::uint32_t>(definitions_.size());
    if (def.kind > detectors::SignalKind::kGauge) return false;
    if (!definition_by_name_.emplace(def.name, index).second) return false;
    definitions_.push_back(std::move(def));
  }
  const size_t count = in.GetCount(16);
  signals_.reserve(count);
  slot_by_definition_and_group_.reserve(count);
  for (size_t i = 0; i < count && in.ok(); ++i) {
    Signal signal;
    signal.definition = in.Get<std::uint32_t>();
    signal.group = in.Get<std::uint32_t>();
    signal.series = in.Get<std::uint32_t>();
    auto named = ingest::ReadDefinitionBody(in.GetString());
    if (!named.ok() || signal.definition >= definitions_.size()) return false;
    signal.labels = std::move(named->labels);
    const Labels group = signal.labels.Without(kOwnName);
    // Groups were numbered by their first signals.
    const auto number = static_cast<std::uint32_t>(group_by_labels_.size());
    if (group_by_labels_.try_emplace(group, number).first->second != signal.group) return false;
    const std::uint64_t pair = std::uint64_t{signal.definition} << 32U | signal.group;
    if (!slot_by_definition_and_group_.emplace(pair, i).second) return false;
    signals_.push_back(std::move(signal));
  }
  return in.ok();
}

void SignalEngine::SaveSeries(ByteWriter& out) const {
  out.Put(static_cast<std::uint64_t>(series_.size()));
  for (size_t i = 0; i < series_.size(); ++i) {
    const Series& series = series_[i];
    out.PutString(definition_bodies_[i]);
    out.Put(series.last_time);
    out.Put(series.last_value);
    out.Put(series.target);
    out.Put(series.bindings);
    out.Put(series.seen);
    out.Put(series.live);
    out.Put(series.counter);
    out.Put(series.native >= 0);
    out.Put(series.contributed_closed);
  }
  out.PutArray(bindings_);
  SaveNatives(out);
}

bool SignalEngine::LoadSeries(ByteReader& in) {
  const size_t count = in.GetCount(32);
  series_by_definition_.reserve(count);
  definition_bodies_.reserve(count);
  series_.reserve(count);
  std::uint32_t bindings = 0;
  for (size_t i = 0; i < count && in.ok(); ++i) {
    Series series;
    std::string body = in.GetString();
    series.last_time = in.Get<TimeMs>();
    series.last_value = in.Get<double>();
    series.target = in.Get<std::uint32_t>();
    series.bindings = in.Get<std::uint8_t>();
    series.seen = in.Get<bool>();
    series.live = in.Get<bool>();
    series.counter = in.Get<bool>();
    if (in.Get<bool>()) {
      series.native = static_cast<std::int32_t>(natives_.size());
      natives_.emplace_back();
    }
    series.contributed_closed = in.Get<TimeMs>();
    series.bindings_begin = bindings;
    bindings += series.bindings;
    const auto id = static_cast<SeriesId>(i);
    if (!series_by_definition_.emplace(WideHash(body, 0), id).second) {
      return false;
    }
    definition_bodies_.push_back(bodies_.Add(body));
    series_.push_back(series);
  }
  bindings_ = in.GetArray<Binding>();
  return bindings_.size() == bindings && LoadNatives(in);
}

void SignalEngine::SaveWindows(ByteWriter& out) const {
  out.Put(static_cast<std::uint64_t>(windows_.size()));
  for (const Window& w : windows_) {
    for (const double value : {w.k, w.n, w.covered_ms, w.gauge_sum, w.gauge_max, w.bound, w.last_n,
                               w.usual, w.usual_full, w.rate_full}) {
      out.Put(value);
    }
    for (const TimeMs value : {w.interval_ms, w.last_seen, w.last_close, w.full_at, w.more_since}) {
      out.Put(value);
    }
    for (const std::uint32_t value : {w.gauge_samples, w.contributions, w.live, w.longer_spacings,
                                      w.targets, w.targets_full, w.restarted}) {
      out.Put(value);
    }
    out.Put(w.histogram);
    out.Put(w.native_histogram);
    out.Put(w.native);
    out.Put(w.native_bound);
    out.Put(std::bit_cast<std::uint64_t>(w.troubles));
  }
  out.Put(static_cast<std::uint64_t>(histograms_.size()));
  for (const HistogramWindow& histogram : histograms_) histogram.Save(out);
}

bool SignalEngine::LoadWindows(ByteReader& in) {
  windows_.resize(in.GetCount(64));
  for (Window& w : windows_) {
    for (double* value : {&w.k, &w.n, &w.covered_ms, &w.gauge_sum, &w.gauge_max, &w.bound,
                          &w.last_n, &w.usual, &w.usual_full, &w.rate_full}) {
      *value = in.Get<double>();
    }
    for (TimeMs* value : {&w.interval_ms, &w.last_seen, &w.last_close, &w.full_at, &w.more_since}) {
      *value = in.Get<TimeMs>();
    }
    for (std::uint32_t* value : {&w.gauge_samples, &w.contributions, &w.live, &w.longer_spacings,
                                 &w.targets, &w.targets_full, &w.restarted}) {
      *value = in.Get<std::uint32_t>();
    }
    w.histogram = in.Get<std::int32_t>();
    w.native_histogram = in.Get<std::int32_t>();
    w.native = in.Get<bool>();
    w.native_bound = in.Get<bool>();
    w.troubles = std::bit_cast<RecentTroubles>(in.Get<std::uint64_t>());
  }
  histograms_.resize(in.GetCount(8));
  for (HistogramWindow& histogram : histograms_) histogram.Load(in);
  const auto histograms = static_cast<std::int32_t>(histograms_.size());
  for (const Window& w : windows_) {
    if (w.histogram < -1 || w.histogram >= histograms || w.native_histogram < -1 ||
        w.native_histogram >= histograms) {
      return false;
    }
  }
  return in.ok() && windows_.size() == signals_.size();
}

// Whether every number that one part has of another is one.
bool SignalEngine::IsConsistent() const {
  for (const Series& series : series_) {
    if (series.target >= target_born_.size()) return false;
  }
  for (const std::uint32_t place : target_place_) {
    if (place != ScrapeTargets::kNone && place >= targets_.size()) return false;
  }
  for (const Binding& binding : bindings_) {
    if (binding.slot >= windows_.size() || binding.use >= uses_.size()) return false;
    const Window& window = windows_[binding.slot];
    const bool latency = Definition(binding.slot).kind == detectors::SignalKind::kQuantile;
    if (latency && window.histogram < 0 && window.native_histogram < 0) return false;
    if (binding.role != kRoleBucket || window.histogram < 0) continue;
    const auto& histogram = histograms_[static_cast<size_t>(window.histogram)];
    if (binding.bucket >= histogram.buckets() && window.native_histogram < 0) return false;
  }
  return target_by_hash_.size() == target_born_.size() &&
         target_place_.size() == target_born_.size() &&
         use_by_slot_and_target_.size() == uses_.size();
}

void SignalEngine::Save(ByteWriter& out) const {
  out.Put(closed_);
  SaveSignals(out);
  SaveSeries(out);
  SaveWindows(out);
  out.PutArray(KeysByNumber(target_by_hash_));
  out.PutArray(target_born_);
  out.PutArray(target_place_);
  targets_.Save(out);
  out.PutArray(KeysByNumber(use_by_slot_and_target_));
  out.PutArray(uses_);
  for (const std::uint64_t value :
       {counters_.samples, counters_.duplicates, counters_.duplicate_times, counters_.out_of_order,
        counters_.late, counters_.stale_markers, counters_.resets, counters_.not_finite,
        counters_.gaps, counters_.refused_series, counters_.refused_signals, counters_.histograms,
        counters_.too_old, counters_.retired_series}) {
    out.Put(value);
  }
}

Status SignalEngine::Load(ByteReader& in) {
  const Error bad = MakeError(ErrorCode::kCorrupt, "signals snapshot does not decode");
  closed_ = in.Get<TimeMs>();
  if (!LoadSignals(in) || !LoadSeries(in) || !LoadWindows(in)) return bad;
  const std::vector<std::uint64_t> targets = in.GetArray<std::uint64_t>();
  target_born_ = in.GetArray<TimeMs>();
  target_place_ = in.GetArray<std::uint32_t>();
  if (!targets_.Load(in)) return bad;
  const std::vector<std::uint64_t> uses = in.GetArray<std::uint64_t>();
  uses_ = in.GetArray<Use>();
  for (std::uint64_t* value :
       {&counters_.samples, &counters_.duplicates, &counters_.duplicate_times,
        &counters_.out_of_order, &counters_.late, &counters_.stale_markers, &counters_.resets,
        &counters_.not_finite, &counters_.gaps, &counters_.refused_series,
        &counters_.refused_signals, &counters_.histograms, &counters_.too_old,
        &counters_.retired_series}) {
    *value = in.Get<std::uint64_t>();
  }
  if (!in.ok() || !NumberKeys(targets, target_by_hash_)) return bad;
  if (!NumberKeys(uses, use_by_slot_and_target_) || !IsConsistent()) return bad;
  for (std::uint32_t slot = 0; slot < windows_.size(); ++slot) {
    if (Definition(slot).bound > 0) windows_[slot].bound = Definition(slot).bound;  // may be new
  }
  return Ok{};
}

}  // namespace quell::signals
