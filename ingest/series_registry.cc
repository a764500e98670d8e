#include "ingest/series_registry.h"

#include <utility>

#include "core/check.h"
#include "ingest/series_records.h"
#include "ingest/utf8.h"

namespace quell::ingest {
namespace {

constexpr size_t kSlotsAtFirst = 4096;
constexpr std::uint32_t kFormsMax = 8;
constexpr std::uint32_t kSweepMinutes = 5;
constexpr std::uint32_t kRestMinutes = 10;  // longer than any request may take

}  // namespace

SeriesRegistry::SeriesRegistry(const SeriesLimits& limits, SeriesPolicy& policy, std::uint64_t seed)
    : limits_(limits), policy_(policy), seed_(seed), slots_(kSlotsAtFirst) {}

Status SeriesRegistry::Session::Add(const Hash128& key, Form form, Labels labels, SeriesType type,
                                    KeptSeries*& kept) {
  bool wanted = false;
  Without([&] { wanted = Admit(labels, type); });
  return AddJudged(key, form, labels, type, wanted, kept);
}

Status SeriesRegistry::Session::AddJudged(const Hash128& key, Form form, const Labels& labels,
                                          SeriesType type, bool wanted, KeptSeries*& kept) {
  kept = nullptr;
  if (Find(key, kept)) return Ok{};  // another request was first
  if (minute_ >= registry_.swept_minute_ + kSweepMinutes) registry_.Sweep(minute_);
  if (wanted) return registry_.InsertKept(key, labels, type, minute_, kept);
  if (form == Form::kCanonical) return Ok{};
  return registry_.InsertIgnored(key, labels, minute_);
}

Status SeriesRegistry::CheckRoom(const Labels& labels, std::uint64_t name_hash,
                                 std::uint32_t minute) {
  if (live() >= limits_.series_max) Sweep(minute);
  if (live() >= limits_.series_max) {
    ++counters_.refused;
    return MakeError(ErrorCode::kResourceExhausted,
                     "a new series is refused: there are " + std::to_string(live()) +
                         " live series, the limit is live_series_max");
  }
  const auto metric = metric_by_hash_.find(name_hash);
  if (metric == metric_by_hash_.end() ||
      metrics_[metric->second].live < limits_.series_per_metric_max) {
    return Ok{};
  }
  Sweep(minute);
  const auto again = metric_by_hash_.find(name_hash);
  if (again == metric_by_hash_.end() ||
      metrics_[again->second].live < limits_.series_per_metric_max) {
    return Ok{};
  }
  ++counters_.refused_of_metric;
  return MakeError(ErrorCode::kResourceExhausted,
                   "a new series is refused: metric " + Quoted(labels.MetricName()) + " has " +
                       std::to_string(metrics_[again->second].live) +
                       " live series, the limit is live_series_per_metric_max");
}

std::uint32_t SeriesRegistry::MetricOf(std::uint64_t name_hash) {
  const auto known = metric_by_hash_.find(name_hash);
  if (known != metric_by_hash_.end()) return known->second;
  auto metric = static_cast<std::uint32_t>(metrics_.size());
  if (free_metrics_.empty()) {
    metrics_.emplace_back();
  } else {
    metric = free_metrics_.back();
    free_metrics_.pop_back();
  }
  metric_by_hash_[name_hash] = metric;
  metrics_[metric] = {name_hash, 0};
  return metric;
}

KeptSeries& SeriesRegistry::NewKept(std::string_view definition, std::uint64_t hash) {
  std::uint32_t id = 0;
  const auto rested = [&] { return resting_.front().since_minute + kRestMinutes <= swept_minute_; };
  if (!resting_.empty() && rested()) {
    id = resting_.front().id;
    resting_.pop_front();
  } else {
    id = static_cast<std::uint32_t>(kept_.size());
    QUELL_CHECK(id < kSeriesIdsMax);
    kept_.emplace_back(&definitions_);
  }
  kept_by_hash_[hash] = id;
  KeptSeries& fresh = kept_[id];
  fresh.id = id;
  fresh.keys = 0;
  fresh.defined_epoch = 0;
  fresh.definition = definition;
  ++counters_.kept;
  ++counters_.first_seen;
  return fresh;
}

SeriesRegistry::Slot& SeriesRegistry::FreeSlot(const Hash128& key, std::uint32_t minute) {
  if ((used_ + 1) * 10 > slots_.size() * 7) Rebuild(slots_.size() * 2, 0);
  Slot& slot = slots_[Probe(key)];
  slot.key = key;
  slot.seen_minute = minute;
  ++used_;
  return slot;
}

// The same labels may come in several forms (1.0, 2.0, another order): one series, of which so
// many are remembered.
Status SeriesRegistry::InsertKept(const Hash128& key, const Labels& labels, SeriesType type,
                                  std::uint32_t minute, KeptSeries*& kept) {
  std::string definition = DefinitionBody(type, labels);
  const std::uint64_t hash = Hash64(definition, seed_);
  const auto known = kept_by_hash_.find(hash);
  if (known != kept_by_hash_.end() &&
      std::string_view(kept_[known->second].definition) == definition) {
    kept = &kept_[known->second];
    if (kept->keys >= kFormsMax) return Ok{};
  } else {
    const std::uint64_t name_hash = Hash64(labels.MetricName(), seed_);
    QUELL_TRY(CheckRoom(labels, name_hash, minute));
    kept = &NewKept(definition, hash);
    kept->metric = MetricOf(name_hash);
    ++metrics_[kept->metric].live;
  }
  ++kept->keys;
  FreeSlot(key, minute).reference = kept->id;
  return Ok{};
}

Status SeriesRegistry::InsertIgnored(const Hash128& key, const Labels& labels,
                                     std::uint32_t minute) {
  const std::uint64_t name_hash = Hash64(labels.MetricName(), seed_);
  QUELL_TRY(CheckRoom(labels, name_hash, minute));
  const std::uint32_t metric = MetricOf(name_hash);
  ++metrics_[metric].live;
  FreeSlot(key, minute).reference = metric | kIgnoredBit;
  ++ignored_;
  ++counters_.first_seen;
  return Ok{};
}

void SeriesRegistry::Release(std::uint32_t metric) {
  ++counters_.expired;
  if (--metrics_[metric].live > 0) return;
  metric_by_hash_.erase(metrics_[metric].name_hash);
  free_metrics_.push_back(metric);
}

// Forgets what a slot stood for.
void SeriesRegistry::Drop(const Slot& slot) {
  --used_;
  if ((slot.reference & kIgnoredBit) != 0) {
    --ignored_;
    Release(slot.reference & ~kIgnoredBit);
    return;
  }
  KeptSeries& kept = kept_[slot.reference];
  if (--kept.keys > 0) return;
  const auto known = kept_by_hash_.find(Hash64(kept.definition, seed_));
  if (known != kept_by_hash_.end() && known->second == kept.id) kept_by_hash_.erase(known);
  resting_.push_back({kept.id, swept_minute_});
  --counters_.kept;
  Release(kept.metric);
}

// A table of `slots` slots, without series not seen since `idle_before_minute`.
void SeriesRegistry::Rebuild(size_t slots, std::uint32_t idle_before_minute) {
  std::vector<Slot> old(slots);
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.key.low == 0) continue;
    if (slot.seen_minute < idle_before_minute) {
      Drop(slot);
    } else {
      slots_[Probe(slot.key)] = slot;
    }
  }
}

void SeriesRegistry::Sweep(std::uint32_t minute) {
  if (minute == swept_minute_) return;
  swept_minute_ = minute;
  const auto idle = static_cast<std::uint32_t>((limits_.idle_ms + kMinuteMs - 1) / kMinuteMs);
  if (minute > idle) Rebuild(slots_.size(), minute - idle);
}

RegistryCounters SeriesRegistry::counters() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  RegistryCounters out = counters_;
  out.live = live();
  out.bytes = slots_.size() * sizeof(Slot);
  return out;
}

}  // namespace quell::ingest
