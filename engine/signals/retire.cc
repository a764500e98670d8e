// SignalEngine's part for series that are gone for good: pods come and go, their labels stay.
#include <algorithm>

#include "engine/signals/numbered_keys.h"
#include "engine/signals/signal_engine.h"

namespace quell::signals {
namespace {

constexpr size_t kWorthShare = 8;  // tables are written anew when one series in so many is silent
constexpr std::uint32_t kNone = 0xFFFFFFFFU;

// Numbers what is kept anew, in the order in which it is asked for.
template <typename Value>
class Renumbering {
 public:
  Renumbering(NumberedKeys& by_key, std::vector<Value>& values)
      : by_key_(by_key), values_(values), keys_(KeysByNumber(by_key)), now_(keys_.size(), kNone) {
    by_key_.clear();
  }
  [[nodiscard]] std::uint64_t Key(std::uint32_t old) const { return keys_[old]; }
  std::uint32_t Keep(std::uint32_t old, std::uint64_t key) {
    if (now_[old] == kNone) {
      now_[old] = static_cast<std::uint32_t>(kept_.size());
      kept_.push_back(values_[old]);
      by_key_.emplace(key, now_[old]);
    }
    return now_[old];
  }
  void Finish() { values_ = std::move(kept_); }

 private:
  NumberedKeys& by_key_;
  std::vector<Value>& values_;
  std::vector<std::uint64_t> keys_;
  std::vector<std::uint32_t> now_;
  std::vector<Value> kept_;
};

}  // namespace

// With its last metric a target goes.
void SignalEngine::KeepPlaces(const std::vector<TargetOfMetric>& of_metrics) {
  std::vector<bool> keep_place(targets_.size());
  for (const TargetOfMetric& one : of_metrics) {
    if (one.place != ScrapeTargets::kNone) keep_place[one.place] = true;
  }
  const std::vector<std::uint32_t> place_at = targets_.Keep(keep_place);
  target_born_.clear();
  target_place_.clear();
  for (const TargetOfMetric& one : of_metrics) {
    target_born_.push_back(one.born);
    target_place_.push_back(one.place == ScrapeTargets::kNone ? one.place : place_at[one.place]);
  }
}

std::vector<SeriesId> SignalEngine::RetireSeries(std::span<const SeriesId> keep,
                                                 const RetiredCall& retired) {
  std::vector<bool> gone(series_.size());
  size_t count = 0;
  for (size_t i = 0; i < series_.size(); ++i) {
    const Series& series = series_[i];
    gone[i] = !series.live && closed_ - series.last_time > options_.retire_after_ms;
    count += gone[i] ? 1 : 0;
  }
  for (const SeriesId id : keep) {
    if (id == kIgnoredSeries || !gone[id]) continue;
    gone[id] = false;
    --count;
  }
  if (count == 0 || count < series_.size() / kWorthShare) return {};

  const std::vector<Series> all = std::move(series_);
  const std::vector<Binding> bindings = std::move(bindings_);
  const std::vector<std::string_view> bodies = std::move(definition_bodies_);
  const TextArena texts = std::move(bodies_);
  std::vector<NativeState> natives = std::move(natives_);
  series_ = {};
  bindings_ = {};
  definition_bodies_ = {};
  bodies_ = {};
  natives_ = {};
  series_by_definition_.clear();
  series_by_likeness_.clear();
  series_.reserve(all.size() - count);
  definition_bodies_.reserve(all.size() - count);
  std::vector<TargetOfMetric> of_metrics(target_born_.size());
  for (size_t i = 0; i < of_metrics.size(); ++i) {
    of_metrics[i] = {target_born_[i], target_place_[i]};
  }
  Renumbering targets(target_by_hash_, of_metrics);
  Renumbering uses(use_by_slot_and_target_, uses_);
  std::vector<SeriesId> now_at(all.size(), kIgnoredSeries);
  for (SeriesId id = 0; id < all.size(); ++id) {
    if (gone[id]) {
      retired(id, bodies[id]);
      continue;
    }
    Series series = all[id];
    series.target = targets.Keep(series.target, targets.Key(series.target));
    series.bindings_begin = static_cast<std::uint32_t>(bindings_.size());
    for (std::uint32_t i = 0; i < series.bindings; ++i) {
      Binding binding = bindings[all[id].bindings_begin + i];
      const auto target = static_cast<std::uint32_t>(uses.Key(binding.use));
      const std::uint64_t key =
          (std::uint64_t{binding.slot} << 32U) | targets.Keep(target, targets.Key(target));
      binding.use = uses.Keep(binding.use, key);
      bindings_.push_back(binding);
    }
    now_at[id] = AddSeries(WideHash(bodies[id], 0), bodies[id], series);
    if (series.native >= 0) {
      natives_.back() = std::move(natives[static_cast<size_t>(all[id].native)]);
    }
  }
  targets.Finish();
  uses.Finish();
  KeepPlaces(of_metrics);
  counters_.retired_series += count;
  return now_at;
}

}  // namespace quell::signals
