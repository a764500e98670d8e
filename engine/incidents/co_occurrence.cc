#include "engine/incidents/co_occurrence.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

namespace quell::incidents {
namespace {

constexpr double kHalfLifeMs = 30.0 * static_cast<double>(kDayMs);
constexpr size_t kSinglesMax = 20000;
constexpr size_t kPairsMax = 50000;
constexpr size_t kRecentMax = 4096;
constexpr size_t kStorm = 32;  // so many identities at once say nothing about any pair
constexpr double kTimesMin = 1.5;
constexpr double kTailMax = 1e-4;     // small, as many pairs are asked about
constexpr double kTogetherMin = 0.4;  // share of the rarer one's beginnings
constexpr double kPrior = 0.5;

double Decay(TimeMs from, TimeMs to) {
  return std::exp2(-static_cast<double>(std::max<TimeMs>(0, to - from)) / kHalfLifeMs);
}

// P(X >= count) for X ~ Poisson(mean), count rounded to whole events.
double PoissonTail(double count, double mean) {
  const int whole = static_cast<int>(std::min(std::round(count), 1000.0));
  double term = std::exp(-mean);
  double below = 0;
  for (int i = 0; i < whole; ++i) {
    below += term;
    term *= mean / (i + 1);
  }
  return std::max(0.0, 1.0 - below);
}

// Drops the weakest tenth of a table that has outgrown its bound.
template <typename Table>
void EvictWeakest(Table& table, size_t max, TimeMs now) {
  if (table.size() <= max) return;
  std::vector<std::pair<double, typename Table::key_type>> order;
  order.reserve(table.size());
  for (const auto& [key, count] : table) {
    order.emplace_back(count.value * Decay(count.at, now), key);
  }
  std::sort(order.begin(), order.end());
  const size_t drop = table.size() - max + max / 10;
  for (size_t i = 0; i < drop; ++i) table.erase(order[i].second);
}

}  // namespace

void CoOccurrence::Learn(TimeMs now, std::span<const Sighting> sightings) {
  if (!started_) {
    started_ = true;
    started_at_ = now;
  }
  std::erase_if(recent_, [&](const Recent& recent) { return now - recent.at >= window_ms_; });
  for (const Sighting& sighting : std::set<Sighting>(sightings.begin(), sightings.end())) {
    Count& count = singles_[sighting.identity];
    if (count.value > 0 && now - count.at < window_ms_) continue;
    count.value = count.value * Decay(count.at, now) + 1;
    count.at = now;
    recent_.push_back(Recent{now, sighting});
  }
  if (recent_.size() > kStorm) {
    if (recent_.size() > kRecentMax) recent_.resize(kRecentMax);
  } else {
    for (const Recent& recent : recent_) {
      if (recent.at == now) LearnPairs(now, recent.sighting);
    }
  }
  EvictWeakest(singles_, kSinglesMax, now);
  EvictWeakest(pairs_, kPairsMax, now);
}

// Pairs with what was counted before it: earlier in time, or earlier in this step's order.
void CoOccurrence::LearnPairs(TimeMs now, const Sighting& sighting) {
  for (const Recent& other : recent_) {
    if (other.sighting.identity == sighting.identity) return;
    if (other.sighting.part == sighting.part) continue;
    Count& pair = pairs_[{std::min(sighting.identity, other.sighting.identity),
                          std::max(sighting.identity, other.sighting.identity)}];
    pair.value = pair.value * Decay(pair.at, now) + 1;
    pair.at = now;
  }
}

CoOccurrence::Lift CoOccurrence::Between(TimeMs now, std::uint64_t a, std::uint64_t b) const {
  const auto pair = pairs_.find({std::min(a, b), std::max(a, b)});
  if (a == b || pair == pairs_.end()) return {};
  const auto single_a = singles_.find(a);
  const auto single_b = singles_.find(b);
  if (single_a == singles_.end() || single_b == singles_.end()) return {};
  const double times = pair->second.value * Decay(pair->second.at, now);
  const double count_a = single_a->second.value * Decay(single_a->second.at, now);
  const double count_b = single_b->second.value * Decay(single_b->second.at, now);
  // Observation time with the same decay: the integral of 2^(-t / half-life).
  const double observed_ms = (1 - Decay(started_at_, now)) * kHalfLifeMs / std::numbers::ln2;
  const double expected = count_a * count_b * 2 * static_cast<double>(window_ms_) /
                          std::max(observed_ms, static_cast<double>(kHourMs));
  if (times < kTimesMin || times < kTogetherMin * std::min(count_a, count_b) ||
      PoissonTail(times, expected) > kTailMax)
    return {};
  const double log_lift = std::log((times + kPrior) / (expected + kPrior));
  return log_lift > 0 ? Lift{log_lift, times} : Lift{};
}

void CoOccurrence::Save(ByteWriter& out) const {
  out.Put(started_);
  out.Put(started_at_);
  out.Put(static_cast<std::uint64_t>(recent_.size()));
  for (const Recent& recent : recent_) {
    out.Put(recent.at);
    out.Put(recent.sighting.identity);
    out.Put(recent.sighting.part);
  }
  out.Put(static_cast<std::uint64_t>(singles_.size()));
  for (const auto& [id, count] : singles_) {
    out.Put(id);
    out.Put(count.value);
    out.Put(count.at);
  }
  out.Put(static_cast<std::uint64_t>(pairs_.size()));
  for (const auto& [key, count] : pairs_) {
    out.Put(key.first);
    out.Put(key.second);
    out.Put(count.value);
    out.Put(count.at);
  }
}

void CoOccurrence::Load(ByteReader& in) {
  started_ = in.Get<std::uint8_t>() != 0;
  started_at_ = in.Get<TimeMs>();
  const size_t recents = in.GetCount(24);
  for (size_t i = 0; i < recents; ++i) {
    Recent recent;
    recent.at = in.Get<TimeMs>();
    recent.sighting.identity = in.Get<std::uint64_t>();
    recent.sighting.part = in.Get<std::uint64_t>();
    recent_.push_back(recent);
  }
  const size_t singles = in.GetCount(24);
  for (size_t i = 0; i < singles; ++i) {
    const auto id = in.Get<std::uint64_t>();
    const auto value = in.Get<double>();
    singles_[id] = Count{value, in.Get<TimeMs>()};
  }
  const size_t pairs = in.GetCount(32);
  for (size_t i = 0; i < pairs; ++i) {
    const auto first = in.Get<std::uint64_t>();
    const auto second = in.Get<std::uint64_t>();
    const auto value = in.Get<double>();
    pairs_[{first, second}] = Count{value, in.Get<TimeMs>()};
  }
}

}  // namespace quell::incidents
