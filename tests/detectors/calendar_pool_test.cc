#include "detectors/calendar_pool.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <functional>

#include "core/random.h"

namespace quell::detectors {
namespace {

constexpr std::int64_t kJanuary = 20454;  // Thursday, 2026-01-01
constexpr DurationMs kPointMs = kHourMs;

// Three lanes an hour; `lift` says the logarithm of a day's factor.
void Run(CalendarPool& pool, std::int64_t days, const std::function<double(std::int64_t)>& lift,
         const CalendarPool* wider = nullptr, double noise = 0.03) {
  Random random(3);
  for (std::int64_t day = kJanuary; day < kJanuary + days; ++day) {
    const double today = lift(day) + noise * random.Normal();
    for (int hour = 0; hour < 24; ++hour) {
      for (int lane = 0; lane < 3; ++lane) {
        const double usual = 300.0 * (lane + 1);
        pool.Note(day * kDayMs + hour * kHourMs + 1, usual * std::exp(today), usual, kPointMs,
                  wider);
      }
    }
  }
}

std::int64_t DayOf(int month, int day) {
  namespace chrono = std::chrono;
  return chrono::sys_days{chrono::year{2026} / month / day}.time_since_epoch().count();
}

bool Is(std::int64_t day, DayRule rule, int number) {
  const ClassesOfDay classes = ClassesOf(day);
  for (int i = 0; i < classes.count; ++i) {
    const DayClass one = DayClassOf(classes.numbers[static_cast<size_t>(i)]);
    if (one.rule == rule && one.number == number) return true;
  }
  return false;
}

double Noon(const CalendarPool& pool, std::int64_t day) {
  return pool.At(day * kDayMs + 10 * kHourMs).log;
}

}  // namespace

TEST_CASE("Day classes: from both ends, by working days, by due dates", "[detectors]") {
  CHECK(Is(DayOf(1, 25), DayRule::kFromStart, 25));
  CHECK(Is(DayOf(1, 25), DayRule::kFromEnd, 6));
  CHECK(Is(DayOf(2, 28), DayRule::kFromEnd, 0));
  CHECK_FALSE(Is(DayOf(1, 31), DayRule::kWorkingFromEnd, 0));  // a Saturday
  CHECK(Is(DayOf(1, 30), DayRule::kWorkingFromEnd, 0));
  CHECK(Is(DayOf(1, 29), DayRule::kWorkingFromEnd, 1));
  CHECK(Is(DayOf(1, 23), DayRule::kWorkingDayUntil, 25));  // a Sunday is paid on Friday
  CHECK_FALSE(Is(DayOf(1, 25), DayRule::kWorkingDayUntil, 25));
  CHECK(Is(DayOf(2, 25), DayRule::kWorkingDayUntil, 25));
  CHECK_FALSE(Is(DayOf(2, 25), DayRule::kWorkingDayUntil, 26));
}

TEST_CASE("Calendar: a date that comes back is expected, the more the oftener it did",
          "[detectors]") {
  const auto payday = [](std::int64_t day) { return Is(day, DayRule::kFromStart, 12) ? 0.4 : 0.0; };
  std::vector<double> expected;
  for (const int month : {2, 3, 4, 6}) {
    CalendarPool pool;
    Run(pool, DayOf(month, 12) - kJanuary, payday);
    expected.push_back(Noon(pool, DayOf(month, 12)));
    CHECK(std::fabs(Noon(pool, DayOf(month, 11))) < 0.03);
    CHECK(std::fabs(Noon(pool, DayOf(month, 13))) < 0.03);
  }
  CHECK(expected[0] == Approx(0.4 / 3).margin(0.05));
  CHECK(expected[1] == Approx(0.4 * 2 / 3).margin(0.05));
  CHECK(expected[2] > expected[1]);
  CHECK(expected[3] > 0.35);
}

TEST_CASE("Calendar: what did not come back is not expected", "[detectors]") {
  CalendarPool pool;
  Run(pool, DayOf(3, 12) - kJanuary,
      [](std::int64_t day) { return day == DayOf(1, 12) ? 0.6 : 0.0; });
  CHECK(Noon(pool, DayOf(3, 12)) == 0);
}

TEST_CASE("Calendar: nothing but noise is nearly nothing", "[detectors]") {
  CalendarPool pool;
  double most = 0;
  Run(pool, 180, [&](std::int64_t day) {
    most = std::max(most, std::fabs(Noon(pool, day)));
    return 0.0;
  });
  CHECK(most < 0.06);
}

TEST_CASE("Calendar: a payday before a weekend is told from a fixed date", "[detectors]") {
  const auto payday = [](std::int64_t day) {
    return Is(day, DayRule::kWorkingDayUntil, 25) ? 0.4 : 0.0;
  };
  CalendarPool pool;
  Run(pool, DayOf(5, 25) - kJanuary, payday);
  CHECK(Noon(pool, DayOf(5, 25)) > 0.3);
  const auto* leading = pool.Leading(DayOf(5, 25) * kDayMs + 10 * kHourMs);
  REQUIRE(leading != nullptr);
  CHECK(DayClassOf(leading->day_class).rule == DayRule::kWorkingDayUntil);
  CHECK(leading->earlier >= 3);
  // One that fell on a Saturday and a Friday that was no payday are not the same.
  CHECK(std::fabs(Noon(pool, DayOf(5, 26))) < 0.05);
}

TEST_CASE("Calendar: what a weekday is like is no matter of the date", "[detectors]") {
  CalendarPool pool;
  double most = 0;
  Run(pool, 150, [&](std::int64_t day) {
    if (day > kJanuary + 60) most = std::max(most, std::fabs(Noon(pool, day)));
    return (day - kJanuary) % 7 == 0 ? 0.4 : 0.0;
  });
  CHECK(most < 0.06);
}

TEST_CASE("Calendar: a region tells what the service does not", "[detectors]") {
  const auto own = [](std::int64_t day) { return Is(day, DayRule::kFromStart, 12) ? 0.5 : 0.0; };
  const auto common = [](std::int64_t day) { return Is(day, DayRule::kFromStart, 20) ? 0.3 : 0.0; };
  CalendarPool wide;
  Run(wide, DayOf(5, 12) - kJanuary, common);
  CalendarPool near;
  Run(
      near, DayOf(5, 12) - kJanuary, [&](std::int64_t day) { return own(day) + common(day); },
      &wide);
  CHECK(Noon(near, DayOf(5, 12)) > 0.4);
  CHECK(near.effect_count >= 1);
  CHECK(near.effects[0].day_class == 11);
  for (int i = 0; i < near.effect_count; ++i) {
    CHECK(std::fabs(near.effects[static_cast<size_t>(i)].size[2]) * (i > 0 ? 1 : 0) < 0.1);
  }
}

TEST_CASE("Calendar: its ends are ramps, and half of it is uncertain at first", "[detectors]") {
  const auto payday = [](std::int64_t day) { return Is(day, DayRule::kFromStart, 12) ? 0.4 : 0.0; };
  CalendarPool pool;
  Run(pool, DayOf(3, 12) - kJanuary, payday);
  const std::int64_t midnight = DayOf(3, 12) * kDayMs;
  const double full = pool.At(midnight + 2 * kHourMs).log;
  CHECK(pool.At(midnight - 2 * kHourMs).log == Approx(0).margin(0.02));
  CHECK(pool.At(midnight).log == Approx(full / 2).margin(0.02));
  CHECK(pool.At(midnight - kHourMs / 2).log == Approx(full / 4).margin(0.02));
  // Two thirds of 0.4 are expected: it comes with a chance of two thirds.
  CHECK(pool.At(midnight + 2 * kHourMs).variance == Approx(0.4 * 0.4 * 2 / 9).margin(0.01));
}

TEST_CASE("Calendar: holes, old points and odd clocks do no harm", "[detectors]") {
  CalendarPool pool;
  pool.Note(INT64_MAX / 2, 1, 1, kPointMs, nullptr);
  CHECK(pool.newest == INT64_MIN);
  Run(pool, 100, [](std::int64_t) { return 0.1; });
  const CalendarPool before = pool;
  pool.Note((kJanuary + 50) * kDayMs, 1e6, 1, kPointMs, nullptr);  // long closed
  CHECK(std::memcmp(&before, &pool, sizeof pool) == 0);
  pool.Note((kJanuary + 5000) * kDayMs, 10, 10, kPointMs, nullptr);
  CHECK(pool.Sane());
  for (const auto& day : pool.diary) {
    for (const std::int8_t block : day) CHECK(block == CalendarPool::kUnknown);
  }
  CHECK(pool.effect_count == 0);
}

}  // namespace quell::detectors
