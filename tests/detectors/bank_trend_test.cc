// What grows for months, through a whole bank.
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "core/random.h"
#include "detectors/bank.h"

namespace quell::detectors {
namespace {

constexpr TimeMs kMonday = 20458 * kDayMs;
constexpr DurationMs kInterval = 5 * kMinuteMs;

double Rate(TimeMs at, double a_week) {
  const double hour = static_cast<double>(at % kDayMs) / kHourMs;
  const double weeks = static_cast<double>(at - kMonday) / kWeekMs;
  return 1000 * (1 + 0.6 * std::sin(hour * 3.14159265 / 12)) * std::pow(1 + a_week, weeks);
}

struct Seen {
  double off = 0;  // mean logarithm of expected over true
  double rarest = 1;
};

// The last week of eight.
Seen Grow(double a_week) {
  SignalSpec spec;
  spec.kind = SignalKind::kRate;
  spec.interval_ms = kInterval;
  DetectorBank bank = *DetectorBank::Create({});
  const Slot slot = bank.AddSignal(spec);
  Random random(7);
  std::vector<Verdict> verdicts(1);
  Seen seen;
  int points = 0;
  for (TimeMs now = kMonday + kInterval; now < kMonday + 8 * kWeekMs; now += kInterval) {
    const double due = Rate(now, a_week) * std::exp(0.03 * random.Normal());
    Point point{.slot = slot, .exposure_seconds = 300};
    point.k = point.n = static_cast<double>(random.Poisson(due));
    point.value = point.k / point.exposure_seconds;
    bank.Observe(now, std::vector<Point>{point}, verdicts);
    if (now < kMonday + 7 * kWeekMs) continue;
    seen.off += std::log(verdicts[0].expected * 300 / Rate(now, a_week));
    seen.rarest = std::min(seen.rarest, verdicts[0].tail_probability);
    ++points;
  }
  seen.off /= points;
  return seen;
}

}  // namespace

TEST_CASE("Bank: a volume that grows or shrinks by the week is expected as it has become",
          "[detectors]") {
  for (const double a_week : {0.0, 0.03, 0.1, -0.1}) {
    const Seen seen = Grow(a_week);
    CAPTURE(a_week, seen.off, seen.rarest);
    CHECK(std::fabs(seen.off) < 0.01);
    CHECK(seen.rarest > 1e-5);
  }
}

}  // namespace quell::detectors
