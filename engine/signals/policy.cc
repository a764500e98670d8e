#include "engine/signals/policy.h"

namespace quell::signals {

using detectors::Direction;

bool BusinessHours::Contains(TimeMs local) const {
  constexpr int kWeekdayOfEpoch = 3;  // a Thursday, where Monday is 0
  constexpr int kDays = 7;
  const TimeMs day = local >= 0 ? local / kDayMs : (local - kDayMs + 1) / kDayMs;
  const auto minute = static_cast<std::int32_t>((local - day * kDayMs) / kMinuteMs);
  const auto today = static_cast<int>(((day + kWeekdayOfEpoch) % kDays + kDays) % kDays);
  const auto begins_on = [&](int weekday) { return ((days >> weekday) & 1U) != 0; };
  if (from_minute < to_minute) {
    return begins_on(today) && minute >= from_minute && minute < to_minute;
  }
  return (begins_on(today) && minute >= from_minute) ||
         (begins_on((today + kDays - 1) % kDays) && minute < to_minute);
}

int SignalPolicy::BeyondLimit(double value) const {
  if (deviation.direction != Direction::kDown && value > rules.ceiling) return 1;
  if (deviation.direction != Direction::kUp && value < rules.floor) return -1;
  return 0;
}

bool SignalPolicy::NobodyCares(double value) const {
  switch (deviation.direction) {
    case Direction::kUp:
      return value <= rules.floor;
    case Direction::kDown:
      return value >= rules.ceiling;
    case Direction::kBoth:
      return false;
  }
  return false;
}

void PolicyChange::ApplyTo(SignalPolicy& policy) const {
  const auto set = [](const auto& from, auto& to) {
    if (from) to = *from;
  };
  set(direction, policy.deviation.direction);
  set(min_abs_deviation, policy.deviation.min_abs_deviation);
  set(min_rel_deviation, policy.deviation.min_rel_deviation);
  set(static_limit, policy.static_limit);
  set(missing, policy.missing);
  set(floor, policy.rules.floor);
  set(ceiling, policy.rules.ceiling);
  set(hours, policy.rules.hours);
  set(few_requests_per_minute, policy.rules.few_requests_per_minute);
  set(few_requests_lasting_ms, policy.rules.few_requests_lasting_ms);
  set(partial_lasting_ms, policy.rules.partial_lasting_ms);
  set(abrupt_within_ms, policy.rules.abrupt_within_ms);
  set(latency_rise, policy.rules.latency_rise);
  set(flatline_ms, policy.rules.flatline_ms);
}

void PolicyChange::ApplyTo(SignalDef& def) const {
  SignalPolicy policy = PolicyOf(def);
  ApplyTo(policy);
  def.policy = policy.deviation;
  def.static_limit = policy.static_limit;
  def.missing = policy.missing;
  def.rules = policy.rules;
}

bool PolicyRule::Matches(const SignalDef& def, const Labels& labels) const {
  if (kind && *kind != def.kind) return false;
  Labels all = labels;
  all.Set("__name__", def.name);
  return match.Matches(all);
}

SignalPolicy PolicyOf(const SignalDef& def) {
  return {def.policy, def.static_limit, def.missing, def.rules};
}

}  // namespace quell::signals
