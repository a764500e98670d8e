#include "replay/simulator/effect.h"

#include <algorithm>

namespace quell::simulator {
namespace {

double StrengthAt(const Effect& effect, TimeMs time) {
  if (time < effect.start) return 0;
  const auto since = static_cast<double>(time - effect.start);
  if (time >= effect.end) {
    const auto after = static_cast<double>(time - effect.end);
    return effect.fall_ms > 0 ? std::max(0.0, 1.0 - after / static_cast<double>(effect.fall_ms))
                              : 0.0;
  }
  switch (effect.shape) {
    case Shape::kRamp:
      return since / static_cast<double>(effect.end - effect.start);
    case Shape::kFlap:
      return (time - effect.start) % effect.flap_ms < effect.flap_ms / 2 ? 1.0 : 0.0;
    case Shape::kStep:
      break;
  }
  return effect.rise_ms > 0 ? std::min(1.0, since / static_cast<double>(effect.rise_ms)) : 1.0;
}

}  // namespace

double Strength(const Effect& effect, TimeMs from, TimeMs to) {
  if (to <= effect.start || from >= effect.end + effect.fall_ms || to <= from) return 0;
  const TimeMs begin = std::max(from, effect.start);
  const TimeMs end = std::min(to, effect.end + effect.fall_ms);
  const double share = static_cast<double>(end - begin) / static_cast<double>(to - from);
  return share * StrengthAt(effect, begin + (end - begin) / 2);
}

void Fold(const Effect& effect, double strength, Modifiers& into) {
  into.volume *= 1.0 + strength * (effect.volume - 1.0);
  into.pass *= 1.0 - strength * effect.fail;
  into.accept *= 1.0 - strength * effect.decline;
  into.client_pass *= 1.0 - strength * effect.client_error;
  into.latency *= 1.0 + strength * (effect.latency - 1.0);
  into.spread *= 1.0 + strength * (effect.spread - 1.0);
  if (effect.timeout_share >= 0) into.timeout_share = effect.timeout_share;
  into.pool += strength * effect.pool;
  into.queue_per_second += strength * effect.queue_per_second;
  into.lag_seconds += strength * effect.lag_seconds;
}

}  // namespace quell::simulator
