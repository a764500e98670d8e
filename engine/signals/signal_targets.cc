// SignalEngine's part for scrape targets: which are out when a step closes, and what is blind then.
#include <algorithm>
#include <map>

#include "engine/signals/signal_engine.h"

namespace quell::signals {
namespace {

constexpr float kUsualPoints = 8;
constexpr double kPartMin = 0.1;     // of the usual volume; less says nothing about the rest
constexpr double kSurelyLess = 0.5;  // of the volume while all targets were there

void SortUnique(std::vector<std::uint32_t>& slots) {
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
}

}  // namespace

std::uint32_t SignalEngine::TargetOf(std::uint64_t hash, std::string_view job,
                                     std::string_view instance) {
  const auto [at, added] =
      target_by_hash_.try_emplace(hash, static_cast<std::uint32_t>(target_born_.size()));
  if (added) {
    target_born_.push_back(0);
    target_place_.push_back(targets_.Add(job, instance));
  }
  return at->second;
}

std::uint32_t SignalEngine::TargetOf(const Labels& labels) {
  const std::string_view job = labels.Get("job");
  const std::string_view instance = labels.Get("instance");
  return TargetOf(TargetHash(labels.MetricName(), job, instance), job, instance);
}

std::uint32_t SignalEngine::UseOf(std::uint32_t slot, std::uint32_t target) {
  const std::uint64_t pair = (std::uint64_t{slot} << 32U) | target;
  const auto [at, added] =
      use_by_slot_and_target_.try_emplace(pair, static_cast<std::uint32_t>(uses_.size()));
  if (added) uses_.emplace_back();
  return at->second;
}

SeriesId SignalEngine::InternUp(const Hash128& definition, std::string_view body,
                                const Labels& labels) {
  Series series;
  series.target = TargetOf(TargetHash("up", labels.Get("job"), labels.Get("instance")),
                           labels.Get("job"), labels.Get("instance"));
  series.bindings_begin = static_cast<std::uint32_t>(bindings_.size());
  return AddSeries(definition, body, series);
}

void SignalEngine::ObserveUp(Series& series, TimeMs time, double value) {
  targets_.Up(target_place_[series.target], time, value);
  series.seen = true;
  series.last_time = std::max(series.last_time, time);
  series.last_value = value;
}

// The first of a window tells what the window before it brought.
void SignalEngine::NoteUse(const Binding& binding, Window& window, double increase) {
  Use& use = uses_[binding.use];
  if (use.at < window.last_close) {
    ++window.targets;
    if (window.full_at == window.last_close) {
      use.usual = use.usual == 0 ? use.now : use.usual + (use.now - use.usual) / kUsualPoints;
    }
    window.usual += use.usual;
    use.now = 0;
  }
  use.at = closed_;
  if ((binding.role & kRoleVolume) != 0) use.now += static_cast<float>(increase);
}

// While targets are missing, those that are left stand for what they usually bring: by it they say
// what all would bring if nothing had moved to them. Only where that is less than half of what was,
// the volume has surely fallen.
bool SignalEngine::MakePartialVolume(const Window& window, StepPoint& out) {
  if (window.usual_full <= 0 || window.rate_full <= 0) return false;
  const double share = std::min(1.0, window.usual / window.usual_full);
  if (share < kPartMin) return false;
  out.point.exposure_seconds *= share;
  out.point.k = out.point.n = window.n;
  out.point.value = out.shown = window.n / out.point.exposure_seconds;
  return out.point.value < kSurelyLess * window.rate_full;
}

// What is blind is what nothing has fed since the target was last seen, and should have been fed.
void SignalEngine::FeedsOf(std::map<std::uint32_t, OutTarget>& out) const {
  for (const Series& series : series_) {
    if (!series.seen || series.bindings == 0) continue;
    const auto found = out.find(target_place_[series.target]);
    if (found == out.end()) continue;
    for (std::uint32_t i = 0; i < series.bindings; ++i) {
      const std::uint32_t slot = bindings_[series.bindings_begin + i].slot;
      const SignalState state = State(slot, closed_);
      if (state == SignalState::kRetired) continue;
      const bool silent = state == SignalState::kLate || state == SignalState::kDead;
      const DurationMs slack = 2 * std::max(windows_[slot].interval_ms, options_.step_ms);
      const bool fed_later =
          windows_[slot].last_seen > targets_.LastSeen(found->second.target) + slack;
      (silent && !fed_later ? found->second.blind : found->second.seen).push_back(slot);
    }
  }
  for (auto& [target, one] : out) {
    SortUnique(one.blind);
    SortUnique(one.seen);
  }
}

DurationMs SignalEngine::PatienceWith(const OutTarget& target) const {
  DurationMs interval = options_.step_ms;
  for (const std::uint32_t slot : target.blind) {
    interval = std::max(interval, windows_[slot].interval_ms);
  }
  return 2 * interval;
}

// Copies that were replaced are silent as well, all day: of the silent, those count that leave
// signals blind.
void SignalEngine::FindOut() {
  using State = ScrapeTargets::State;
  const DurationMs least = 2 * options_.step_ms;
  std::map<std::uint32_t, OutTarget> out;
  for (const Series& series : series_) {
    if (series.seen && series.bindings != 0) {
      targets_.Seen(target_place_[series.target], series.last_time);
    }
  }
  for (std::uint32_t i = 0; i < targets_.size(); ++i) {
    const State state = targets_.StateAt(i, closed_, least, options_.retire_after_ms);
    if (state != State::kFailing && state != State::kSilent) continue;
    OutTarget& one = out[i];
    one.target = i;
    one.failing = state == State::kFailing;
    one.since = targets_.OutSince(i);
  }
  out_.clear();
  if (out.empty()) return;
  FeedsOf(out);
  std::erase_if(out, [&](const auto& entry) {
    const OutTarget& one = entry.second;
    if (one.failing) return false;
    const State state =
        targets_.StateAt(entry.first, closed_, PatienceWith(one), options_.retire_after_ms);
    return state != State::kSilent || one.blind.size() < kBlindMin;
  });
  if (out.empty()) return;
  std::map<std::string_view, std::uint32_t> seen_of;
  for (std::uint32_t i = 0; i < targets_.size(); ++i) {
    const bool seen = targets_.StateAt(i, closed_, least, options_.retire_after_ms) == State::kSeen;
    if (seen && !targets_.Job(i).empty()) ++seen_of[targets_.Job(i)];
  }
  for (auto& [target, one] : out) {
    one.job = targets_.Job(target);
    one.instance = targets_.Instance(target);
    const auto seen = seen_of.find(one.job);
    one.others_seen = seen == seen_of.end() ? 0 : seen->second;
    out_.push_back(std::move(one));
  }
}

}  // namespace quell::signals
