#include "replay/scoring/html_axis.h"

#include <array>
#include <cmath>

#include "replay/scoring/words.h"

namespace quell::replay {

std::vector<double> NiceTicks(double low, double high, int count) {
  const double rough = (high - low) / count;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
    if (factor * power >= rough) {
      step = factor * power;
      break;
    }
  }
  std::vector<double> ticks;
  const double first = std::ceil(low / step - 1e-9);
  for (int i = 0; i <= 2 * count; ++i) {
    const double tick = (first + i) * step;
    if (!(tick <= high + step * 1e-9)) break;
    ticks.push_back(tick);
  }
  return ticks;
}

std::vector<TimeTick> TimeTicks(TimeMs from, TimeMs to, int count) {
  constexpr std::array<DurationMs, 18> kSteps = {
      kMinuteMs,  2 * kMinuteMs, 5 * kMinuteMs, 10 * kMinuteMs, 15 * kMinuteMs, 30 * kMinuteMs,
      kHourMs,    2 * kHourMs,   3 * kHourMs,   6 * kHourMs,    12 * kHourMs,   kDayMs,
      2 * kDayMs, 7 * kDayMs,    14 * kDayMs,   28 * kDayMs,    91 * kDayMs,    364 * kDayMs};
  DurationMs step = kSteps.back();
  for (const DurationMs candidate : kSteps) {
    if ((to - from) / candidate <= count) {
      step = candidate;
      break;
    }
  }
  std::vector<TimeTick> ticks;
  const TimeMs first = (from / step) * step;
  for (TimeMs at = first; at <= to && static_cast<int>(ticks.size()) <= 2 * count; at += step) {
    if (at < from) continue;
    ticks.push_back({at, at % kDayMs == 0 ? UtcDay(at) : UtcClock(at)});
  }
  return ticks;
}

}  // namespace quell::replay
