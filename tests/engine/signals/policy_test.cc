#include "engine/signals/policy.h"

#include <catch2/catch.hpp>

namespace quell::signals {
namespace {

using detectors::Direction;
using detectors::SignalKind;

constexpr TimeMs kMonday = 1787529600000;  // 2026-08-24T00:00:00

TimeMs At(int day, int hour, int minute = 0) {
  return kMonday + day * kDayMs + hour * kHourMs + minute * kMinuteMs;
}

TEST_CASE("BusinessHours: hold from the first minute to before the last, on their days",
          "[signals]") {
  BusinessHours hours;
  CHECK(hours.Always());
  CHECK(hours.Contains(At(6, 23, 59)));
  hours.days = 0x1F;  // Monday to Friday
  hours.from_minute = 8 * 60;
  hours.to_minute = 18 * 60 + 30;
  CHECK_FALSE(hours.Always());
  CHECK_FALSE(hours.Contains(At(0, 7, 59)));
  CHECK(hours.Contains(At(0, 8)));
  CHECK(hours.Contains(At(4, 18, 29)));
  CHECK_FALSE(hours.Contains(At(4, 18, 30)));
  CHECK_FALSE(hours.Contains(At(5, 12)));
  CHECK_FALSE(hours.Contains(At(6, 12)));
  CHECK(hours.Contains(At(-7, 12)));                 // a Monday before
  CHECK(hours.Contains(-3 * kDayMs + 9 * kHourMs));  // before the epoch, 1969-12-29
}

TEST_CASE("BusinessHours: over midnight they belong to the day on which they begin", "[signals]") {
  BusinessHours hours;
  hours.days = 1U << 4U;  // Friday
  hours.from_minute = 22 * 60;
  hours.to_minute = 6 * 60;
  CHECK_FALSE(hours.Contains(At(4, 5)));
  CHECK_FALSE(hours.Contains(At(4, 21, 59)));
  CHECK(hours.Contains(At(4, 22)));
  CHECK(hours.Contains(At(5, 5, 59)));
  CHECK_FALSE(hours.Contains(At(5, 6)));
  CHECK_FALSE(hours.Contains(At(5, 22)));
  hours.days = 1U << 6U;  // Sunday, into Monday
  CHECK(hours.Contains(At(7, 3)));
}

TEST_CASE("SignalPolicy: what floor and ceiling mean follows from the bad side", "[signals]") {
  SignalPolicy policy;
  CHECK(policy.BeyondLimit(1e300) == 0);
  CHECK_FALSE(policy.NobodyCares(-1e300));
  policy.rules.floor = 10;
  policy.rules.ceiling = 20;
  policy.deviation.direction = Direction::kUp;
  CHECK(policy.NobodyCares(10));
  CHECK_FALSE(policy.NobodyCares(10.5));
  CHECK(policy.BeyondLimit(20) == 0);
  CHECK(policy.BeyondLimit(20.5) == 1);
  CHECK(policy.BeyondLimit(5) == 0);
  policy.deviation.direction = Direction::kDown;
  CHECK(policy.NobodyCares(20));
  CHECK_FALSE(policy.NobodyCares(19.5));
  CHECK(policy.BeyondLimit(10) == 0);
  CHECK(policy.BeyondLimit(9.5) == -1);
  CHECK(policy.BeyondLimit(25) == 0);
  policy.deviation.direction = Direction::kBoth;
  CHECK_FALSE(policy.NobodyCares(5));
  CHECK_FALSE(policy.NobodyCares(25));
  CHECK(policy.BeyondLimit(5) == -1);
  CHECK(policy.BeyondLimit(15) == 0);
  CHECK(policy.BeyondLimit(25) == 1);
}

TEST_CASE("PolicyRule: matches a signal's labels, its name and its kind", "[signals]") {
  SignalDef def;
  def.name = "payments_total:volume";
  def.kind = SignalKind::kRate;
  const Labels labels = {{"alertname", def.name}, {"psp", "acme"}};
  PolicyRule rule;
  for (const char* match : {"{psp=\"acme\"}", "payments_total:volume", "{alertname=~\".*volume\"}",
                            "payments_total:volume{psp!=\"globex\"}"}) {
    INFO(match);
    rule.match = *Selector::Parse(match);
    CHECK(rule.Matches(def, labels));
  }
  for (const char* match : {"{psp=\"acm\"}", "payments_total", "{region=\"eu\"}"}) {
    INFO(match);
    rule.match = *Selector::Parse(match);
    CHECK_FALSE(rule.Matches(def, labels));
  }
  rule.match = *Selector::Parse("{psp=\"acme\"}");
  rule.kind = SignalKind::kRate;
  CHECK(rule.Matches(def, labels));
  rule.kind = SignalKind::kGauge;
  CHECK_FALSE(rule.Matches(def, labels));
}

TEST_CASE("PolicyChange: changes what it names and nothing else", "[signals]") {
  SignalDef def;
  def.kind = SignalKind::kRatio;
  ApplyKindDefaults(def);
  PolicyChange change;
  change.ceiling = 0.5;
  change.missing = Missing::kAlert;
  change.abrupt_within_ms = 0;
  change.ApplyTo(def);
  CHECK(def.rules.ceiling == 0.5);
  CHECK(def.missing == Missing::kAlert);
  CHECK(def.rules.abrupt_within_ms == 0);
  CHECK(def.policy.direction == Direction::kUp);
  CHECK(def.policy.min_abs_deviation == 0.01);
  CHECK(def.static_limit == 0.25);
  CHECK(def.rules.few_requests_per_minute == 60);
  CHECK(def.rules.hours.Always());
}

}  // namespace
}  // namespace quell::signals
