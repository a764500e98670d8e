#include "engine/signals/scrape_targets.h"

#include <algorithm>

#include "core/hash.h"

namespace quell::signals {
namespace {

constexpr std::uint32_t kZerosMin = 2;  // one scrape that fails is no outage

}  // namespace

bool IsUp(const Labels& labels) {
  return labels.MetricName() == "up" && (labels.Has("job") || labels.Has("instance"));
}

std::uint64_t ScrapeTargets::Key(std::string_view job, std::string_view instance) {
  Hasher hasher;
  hasher.Add(job);
  hasher.Add(instance);
  return hasher.Finish();
}

std::uint32_t ScrapeTargets::Add(std::string_view job, std::string_view instance) {
  if (job.empty() && instance.empty()) return kNone;
  const auto [at, added] = by_key_.try_emplace(Key(job, instance), size());
  if (added) {
    Target& target = targets_.emplace_back();
    target.job = job;
    target.instance = instance;
  }
  return at->second;
}

void ScrapeTargets::Up(std::uint32_t number, TimeMs time, double value) {
  if (number == kNone) return;
  Target& target = targets_[number];
  if (time <= target.up_at) return;
  target.up_at = time;
  if (value != 0) {
    target.down_since = 0;
    target.zeros = 0;
    return;
  }
  if (target.zeros == 0) target.down_since = time;
  target.zeros = std::min(target.zeros + 1, kZerosMin);
}

ScrapeTargets::State ScrapeTargets::StateAt(std::uint32_t number, TimeMs now, DurationMs patience,
                                            DurationMs gone_after) const {
  const Target& target = targets_[number];
  const TimeMs latest = std::max(target.seen, target.up_at);
  if (latest == 0) return State::kUnknown;
  if (now - latest > gone_after) return State::kGone;
  if (target.zeros >= kZerosMin && target.seen < target.down_since) {
    return now - target.up_at <= gone_after ? State::kFailing : State::kGone;
  }
  const bool up = target.zeros == 0 && now - target.up_at <= patience;
  if (up || now - target.seen <= patience) return State::kSeen;
  return target.seen == 0 ? State::kUnknown : State::kSilent;
}

TimeMs ScrapeTargets::OutSince(std::uint32_t number) const {
  const Target& target = targets_[number];
  return target.zeros >= kZerosMin && target.seen < target.down_since ? target.down_since
                                                                      : target.seen;
}

std::vector<std::uint32_t> ScrapeTargets::Keep(const std::vector<bool>& keep) {
  std::vector<std::uint32_t> now_at(targets_.size(), kNone);
  std::vector<Target> kept;
  by_key_.clear();
  for (std::uint32_t i = 0; i < targets_.size(); ++i) {
    if (!keep[i]) continue;
    now_at[i] = static_cast<std::uint32_t>(kept.size());
    by_key_.emplace(Key(targets_[i].job, targets_[i].instance), now_at[i]);
    kept.push_back(std::move(targets_[i]));
  }
  targets_ = std::move(kept);
  return now_at;
}

void ScrapeTargets::Save(ByteWriter& out) const {
  out.Put(static_cast<std::uint64_t>(targets_.size()));
  for (const Target& target : targets_) {
    out.PutString(target.job);
    out.PutString(target.instance);
    out.Put(target.seen);
    out.Put(target.up_at);
    out.Put(target.down_since);
    out.Put(target.zeros);
  }
}

bool ScrapeTargets::Load(ByteReader& in) {
  const size_t count = in.GetCount(36);
  for (size_t i = 0; i < count && in.ok(); ++i) {
    const std::string job = in.GetString();
    const std::string instance = in.GetString();
    if (Add(job, instance) != i) return false;
    Target& target = targets_.back();
    target.seen = in.Get<TimeMs>();
    target.up_at = in.Get<TimeMs>();
    target.down_since = in.Get<TimeMs>();
    target.zeros = std::min(in.Get<std::uint32_t>(), kZerosMin);
  }
  return in.ok();
}

}  // namespace quell::signals
