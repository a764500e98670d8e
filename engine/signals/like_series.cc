// SignalEngine's part for series that are like one it knows: bound as that one is.
#include "engine/signals/signal_engine.h"

namespace quell::signals {
namespace {

// Above it all are forgotten, and found anew. 64 to 128 bytes each.
constexpr size_t kLikesMax = 1U << 19U;

}  // namespace

SeriesId SignalEngine::AddSeries(const Hash128& definition, std::string_view body,
                                 const Series& series) {
  const auto id = static_cast<SeriesId>(series_.size());
  series_.push_back(series);
  if (!series.seen) series_.back().last_time = closed_;  // its age begins
  if (series.native >= 0) {
    series_.back().native = static_cast<std::int32_t>(natives_.size());
    natives_.emplace_back();
  }
  series_by_definition_.emplace(definition, id);
  definition_bodies_.push_back(bodies_.Add(body));
  return id;
}

// A signal that is grouped by every label has one series of its kind.
void SignalEngine::RememberLike(SeriesId id, std::string_view body) {
  const Series& series = series_[id];
  for (std::uint32_t i = 0; i < series.bindings; ++i) {
    if (Definition(bindings_[series.bindings_begin + i].slot).by_all) return;
  }
  const auto traits = likeness_.Of(body);
  if (!traits) return;
  if (series_by_likeness_.size() >= kLikesMax) series_by_likeness_.clear();
  series_by_likeness_.emplace(traits->key, id);
}

std::optional<SeriesId> SignalEngine::InternLike(const Hash128& definition, std::string_view body) {
  const auto traits = likeness_.Of(body);
  if (!traits) return std::nullopt;
  const auto like = series_by_likeness_.find(traits->key);
  if (like == series_by_likeness_.end()) return std::nullopt;
  if (series_by_definition_.size() >= options_.series_max) {
    ++counters_.refused_series;
    return kIgnoredSeries;
  }
  const Series& other = series_[like->second];
  Series series;
  series.target = TargetOf(traits->target, traits->job, traits->instance);
  series.bindings_begin = static_cast<std::uint32_t>(bindings_.size());
  series.bindings = other.bindings;
  series.counter = other.counter;
  series.native = other.native;
  for (std::uint32_t i = 0; i < other.bindings; ++i) {
    Binding binding = bindings_[other.bindings_begin + i];
    binding.use = UseOf(binding.slot, series.target);
    ++signals_[binding.slot].series;
    bindings_.push_back(binding);
  }
  return AddSeries(definition, body, series);
}

}  // namespace quell::signals
