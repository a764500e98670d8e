#include "engine/signals/signal_engine.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/check.h"
#include "core/hash.h"
#include "ingest/series_records.h"

namespace quell::signals {
namespace {

constexpr std::uint32_t kLongerSpacingsMax = 64;  // then the scrape interval really grew

// "0.25", "+Inf"; NaN where it is no number.
double ParseEdge(std::string_view text) {
  if (text == "+Inf" || text == "Inf" || text == "inf") {
    return std::numeric_limits<double>::infinity();
  }
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc() || end != text.data() + text.size()) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return value;
}

}  // namespace

std::string_view SignalStateName(SignalState state) {
  switch (state) {
    case SignalState::kLive:
      return "live";
    case SignalState::kZero:
      return "zero";
    case SignalState::kLate:
      return "late";
    case SignalState::kDead:
      return "dead";
    case SignalState::kRetired:
      return "retired";
  }
  return "dead";
}

SignalEngine::SignalEngine(std::vector<SignalDef> definitions, const SignalOptions& options)
    : options_(options),
      definitions_(std::move(definitions)),
      configured_(definitions_.size()),
      likeness_(definitions_) {
  QUELL_CHECK(options_.step_ms > 0);
  for (std::uint32_t i = 0; i < definitions_.size(); ++i) {
    definition_by_name_.emplace(definitions_[i].name, i);
  }
}

std::uint32_t SignalEngine::DefinitionOf(const SignalDef& def) {
  const auto [at, added] =
      definition_by_name_.try_emplace(def.name, static_cast<std::uint32_t>(definitions_.size()));
  if (added) definitions_.push_back(def);
  return at->second;
}

std::uint32_t SignalEngine::SlotFor(std::uint32_t definition, const Labels& group) {
  if (group.Has("alertname")) {  // the signal's own name takes its place
    Labels rest = group;
    rest.Set("alertname", "");
    return SlotFor(definition, rest);
  }
  const auto pair_of = [definition](std::uint32_t group_id) {
    return std::uint64_t{definition} << 32U | group_id;
  };
  const auto known_group = group_by_labels_.find(group);
  if (known_group != group_by_labels_.end()) {
    const auto found = slot_by_definition_and_group_.find(pair_of(known_group->second));
    if (found != slot_by_definition_and_group_.end()) return found->second;
  }
  if (signals_.size() >= options_.signals_max) {
    ++counters_.refused_signals;
    return std::numeric_limits<std::uint32_t>::max();
  }
  const auto slot = static_cast<std::uint32_t>(signals_.size());
  const auto group_index = static_cast<std::uint32_t>(group_by_labels_.size());
  const std::uint32_t group_id = group_by_labels_.try_emplace(group, group_index).first->second;
  slot_by_definition_and_group_.emplace(pair_of(group_id), slot);
  Labels labels = group;
  labels.Set("alertname", definitions_[definition].name);
  signals_.push_back({definition, std::move(labels), group_id, 0});
  Window window;
  if (definitions_[definition].kind == detectors::SignalKind::kQuantile) {
    window.histogram = static_cast<std::int32_t>(histograms_.size());
    window.bound = definitions_[definition].bound;
    histograms_.emplace_back();
  }
  windows_.push_back(window);
  return slot;
}

void SignalEngine::AddBinding(std::uint32_t definition, std::uint8_t role, const Labels& group,
                              const Labels& labels, ingest::SeriesType type,
                              std::vector<Binding>& out) {
  const bool native = type == ingest::SeriesType::kHistogram;
  // A signal is made by a series that feeds it.
  const double edge = role == kRoleBucket && !native ? ParseEdge(labels.Get("le")) : 0;
  ++missed_bindings_;  // until it is made
  if (std::isnan(edge)) return;
  const std::uint32_t slot = SlotFor(definition, group);
  if (slot >= signals_.size()) return;
  const std::uint32_t target = TargetOf(labels);
  Binding binding{slot, UseOf(slot, target), 0, role};
  if (role == kRoleBucket && native) {
    if (windows_[slot].native_histogram < 0) {
      windows_[slot].native_histogram = static_cast<std::int32_t>(histograms_.size());
      histograms_.emplace_back();
    }
  } else if (role == kRoleBucket) {
    const auto histogram = static_cast<size_t>(windows_[slot].histogram);
    const auto bucket = histograms_[histogram].Bucket(edge);
    if (!bucket) return;
    binding.bucket = static_cast<std::uint16_t>(*bucket);
  }
  ++signals_[slot].series;
  out.push_back(binding);
  --missed_bindings_;
}

void SignalEngine::BindConfigured(const Labels& labels, std::vector<Binding>& out) {
  using detectors::SignalKind;
  for (std::uint32_t i = 0; i < configured_; ++i) {
    const SignalDef& def = definitions_[i];
    std::uint8_t role = 0;
    switch (def.kind) {
      case SignalKind::kRatio:
        if (def.total && def.total->Matches(labels)) role |= kRoleTotal;
        if (def.bad && def.bad->Matches(labels)) role |= kRoleBad;
        break;
      case SignalKind::kQuantile:
        if (def.selector && def.selector->Matches(labels) && labels.Has("le")) role = kRoleBucket;
        break;
      case SignalKind::kRate:
        if (def.selector && def.selector->Matches(labels)) role = kRoleVolume;
        break;
      case SignalKind::kGauge:
        if (def.selector && def.selector->Matches(labels)) role = kRoleGauge;
        break;
    }
    if (role == 0) continue;
    static const std::vector<std::string> kNameOnly = {std::string(kMetricName)};
    const Labels group = def.by_all ? labels.Without(kNameOnly) : labels.Only(def.by);
    AddBinding(i, role, group, labels, ingest::SeriesType::kFloat, out);
  }
}

void SignalEngine::BindDiscovered(const Labels& labels, ingest::SeriesType type,
                                  std::vector<Binding>& out) {
  for (const DiscoveredSignal& found : Discover(labels, type)) {
    const std::uint32_t definition = DefinitionOf(found.def);
    // A recording rule may have taken the name for a signal of another kind: first come, first
    // kept.
    if (definitions_[definition].kind != found.def.kind) continue;
    AddBinding(definition, found.role, found.group, labels, type, out);
  }
}

SeriesId SignalEngine::Intern(const Labels& labels, ingest::SeriesType type) {
  const bool native = type == ingest::SeriesType::kHistogram;
  const std::string body = ingest::DefinitionBody(type, labels);
  const Hash128 definition = WideHash(body, 0);
  if (const auto known = Find(definition)) return *known;
  if (const auto bound = InternLike(definition, body)) return *bound;
  if (series_by_definition_.size() >= options_.series_max) {
    ++counters_.refused_series;
    return kIgnoredSeries;
  }
  std::vector<Binding> found;
  const std::uint64_t missed = missed_bindings_;
  native ? BindNative(labels, found) : BindConfigured(labels, found);
  if (found.empty() && options_.discover) BindDiscovered(labels, type, found);
  if (found.empty() && !native && IsUp(labels)) return InternUp(definition, body, labels);
  if (found.empty()) {
    ++counters_.ignored_series;
    series_by_definition_.emplace(definition, kIgnoredSeries);
    return kIgnoredSeries;
  }
  Series series;
  series.target = TargetOf(labels);
  series.bindings_begin = static_cast<std::uint32_t>(bindings_.size());
  series.bindings = static_cast<std::uint8_t>(std::min<size_t>(found.size(), 255));
  series.counter = (found.front().role & kRoleGauge) == 0;
  if (native) series.native = 0;
  bindings_.insert(bindings_.end(), found.begin(), found.begin() + series.bindings);
  const SeriesId id = AddSeries(definition, body, series);
  if (missed == missed_bindings_ && found.size() == series.bindings) RememberLike(id, body);
  return id;
}

std::optional<SeriesId> SignalEngine::Find(const Hash128& definition) const {
  const auto known = series_by_definition_.find(definition);
  if (known == series_by_definition_.end()) return std::nullopt;
  return known->second;
}

// With many series what a sample touches is far from the processor's caches: it is asked for in
// stages, each of which needs what the one before has brought.
void SignalEngine::Observe(std::span<const SeriesSample> samples) {
  constexpr size_t kStage = 6;  // samples
  const auto series_at = [&](size_t i) -> const Series* {
    const bool is = i < samples.size() && samples[i].series != kIgnoredSeries;
    return is ? &series_[samples[i].series] : nullptr;
  };
  for (size_t i = 0; i < samples.size(); ++i) {
    if (const Series* far = series_at(i + 4 * kStage)) __builtin_prefetch(far, 1);
    if (const Series* next = series_at(i + 3 * kStage)) {
      __builtin_prefetch(bindings_.data() + next->bindings_begin);
    }
    if (const Series* next = series_at(i + 2 * kStage); next != nullptr && next->bindings != 0) {
      const Binding& binding = bindings_[next->bindings_begin];
      const auto* window = reinterpret_cast<const char*>(&windows_[binding.slot]);
      for (size_t line = 0; line < sizeof(Window); line += 64) __builtin_prefetch(window + line, 1);
      __builtin_prefetch(&uses_[binding.use], 1);
    }
    if (const Series* next = series_at(i + kStage); next != nullptr && next->bindings != 0) {
      const Binding& binding = bindings_[next->bindings_begin];
      const Window& window = windows_[binding.slot];
      if (binding.role == kRoleBucket && window.histogram >= 0) {
        histograms_[static_cast<size_t>(window.histogram)].Prefetch(binding.bucket);
      }
    }
    Observe(samples[i].series, samples[i].time, samples[i].value);
  }
}

void SignalEngine::Observe(SeriesId id, TimeMs time, double value) {
  if (id == kIgnoredSeries) return;
  Series& series = series_[id];
  if (series.native >= 0) return;  // no float belongs to it
  ++counters_.samples;
  if (ingest::IsStale(value)) {
    ++counters_.stale_markers;
    return;
  }
  if (!std::isfinite(value) || (series.counter && value < 0)) {
    ++counters_.not_finite;
    return;
  }
  if (series.bindings == 0) return ObserveUp(series, time, value);
  if (series.seen && time <= series.last_time) {
    if (time < series.last_time) {
      ++counters_.out_of_order;
    } else if (value == series.last_value) {
      ++counters_.duplicates;
    } else {
      ++counters_.duplicate_times;
    }
    return;
  }
  if (IsTooOld(series, time)) return;
  if (series.seen) LearnInterval(series, time - series.last_time);
  if (series.counter) {
    ObserveCounter(series, time, value);
  } else {
    ObserveGauge(series, time, value);
  }
  series.seen = true;
  series.last_time = time;
  series.last_value = value;
  for (std::uint32_t i = 0; i < series.bindings; ++i) {
    Window& window = windows_[bindings_[series.bindings_begin + i].slot];
    window.last_seen = std::max(window.last_seen, time);
  }
}

// An increase is true whenever it is learned of; a level of long ago says nothing about now.
bool SignalEngine::IsTooOld(const Series& series, TimeMs time) {
  if (time > closed_) return false;
  const bool level = !series.counter && series.native < 0;
  const bool too_old = closed_ - time > (level ? options_.lookback_ms : options_.late_max_ms);
  ++(too_old ? counters_.too_old : counters_.late);
  Note(series, Trouble::kLate);
  return too_old;
}

void SignalEngine::ObserveCounter(Series& series, TimeMs time, double value) {
  TimeMs& born = target_born_[series.target];
  if (born == 0) born = time;
  if (!series.seen) {
    if (born + kBornAfterMs <= time) Contribute(series, value, 0);
    return;
  }
  const DurationMs spacing = time - series.last_time;
  const Window& window = windows_[bindings_[series.bindings_begin].slot];
  if (spacing > Lookback(window)) {
    Note(series, Trouble::kGap);
    SetLive(series, true);
    return;
  }
  double increase = value - series.last_value;
  if (increase < 0) {
    Note(series, Trouble::kReset);
    increase = value;
  }
  SetLive(series, true);
  Contribute(series, increase, spacing);
}

void SignalEngine::ObserveGauge(Series& series, TimeMs /*time*/, double value) {
  SetLive(series, true);
  for (std::uint32_t i = 0; i < series.bindings; ++i) {
    Window& window = windows_[bindings_[series.bindings_begin + i].slot];
    window.gauge_max = window.gauge_samples == 0 ? value : std::max(window.gauge_max, value);
    window.gauge_sum += value;
    ++window.gauge_samples;
  }
}

void SignalEngine::Contribute(Series& series, double increase, DurationMs covered) {
  for (std::uint32_t i = 0; i < series.bindings; ++i) {
    const Binding& binding = bindings_[series.bindings_begin + i];
    Window& window = windows_[binding.slot];
    if (series.native >= 0) {
      AddNative(window, binding, increase);
    } else if (binding.role == kRoleBucket) {
      histograms_[static_cast<size_t>(window.histogram)].Add(binding.bucket, increase);
    } else if (!window.native) {
      if ((binding.role & kRoleBad) != 0) window.k += increase;
      if ((binding.role & (kRoleTotal | kRoleVolume)) != 0) window.n += increase;
    }
    window.covered_ms += static_cast<double>(covered);
    if (covered <= 0) continue;
    if (series.contributed_closed < window.last_close) ++window.contributions;
    NoteUse(binding, window, increase);
  }
  if (covered > 0) series.contributed_closed = closed_;
}

void SignalEngine::LearnInterval(const Series& series, DurationMs spacing) {
  if (spacing < kSecondMs) return;
  for (std::uint32_t i = 0; i < series.bindings; ++i) {
    Window& window = windows_[bindings_[series.bindings_begin + i].slot];
    if (window.interval_ms == 0 || spacing * 4 < window.interval_ms * 3) {
      window.interval_ms = spacing;
      window.longer_spacings = 0;
    } else if (spacing * 3 > window.interval_ms * 4) {
      if (++window.longer_spacings < kLongerSpacingsMax) continue;
      window.interval_ms = spacing;
      window.longer_spacings = 0;
    } else {
      window.longer_spacings = 0;
    }
  }
}

void SignalEngine::SetLive(Series& series, bool live) {
  if (series.live == live) return;
  series.live = live;
  for (std::uint32_t i = 0; i < series.bindings; ++i) {
    Window& window = windows_[bindings_[series.bindings_begin + i].slot];
    window.live += live ? 1U : -1U;
  }
}

DurationMs SignalEngine::Lookback(const Window& window) const {
  return std::max(options_.lookback_ms, 3 * window.interval_ms);
}

SignalState SignalEngine::State(std::uint32_t slot, TimeMs now) const {
  const Window& window = windows_[slot];
  const DurationMs silent = now - window.last_seen;
  const DurationMs interval = std::max(window.interval_ms, options_.step_ms);
  if (silent > std::max(options_.retire_after_ms, Lookback(window))) return SignalState::kRetired;
  if (silent > Lookback(window)) return SignalState::kDead;
  if (silent > 2 * interval) return SignalState::kLate;
  const bool counts = definitions_[signals_[slot].definition].kind != detectors::SignalKind::kGauge;
  return counts && window.last_n <= 0 ? SignalState::kZero : SignalState::kLive;
}

}  // namespace quell::signals
