#include "detectors/day_classes.h"

#include <algorithm>
#include <chrono>

namespace quell::detectors {
namespace {

constexpr int kMonthDays = 28;  // that every month has
constexpr int kWorkingDays = 10;
constexpr int kEndAt = kMonthDays;
constexpr int kWorkingAt = kEndAt + kMonthDays;
constexpr int kUntilAt = kWorkingAt + kWorkingDays;

}  // namespace

DayClass DayClassOf(int number) {
  const auto numbered = [](DayRule rule, int n) {
    return DayClass{rule, static_cast<std::uint8_t>(n)};
  };
  if (number < kEndAt) return numbered(DayRule::kFromStart, number + 1);
  if (number < kWorkingAt) return numbered(DayRule::kFromEnd, number - kEndAt);
  if (number < kUntilAt) return numbered(DayRule::kWorkingFromEnd, number - kWorkingAt);
  return numbered(DayRule::kWorkingDayUntil, number - kUntilAt + 1);
}

ClassesOfDay ClassesOf(std::int64_t day) {
  namespace chrono = std::chrono;
  const chrono::sys_days at{chrono::days(day)};
  const chrono::year_month_day date{at};
  const int of_month = static_cast<int>(static_cast<unsigned>(date.day()));
  const chrono::sys_days last{date.year() / date.month() / chrono::last};
  const int left = static_cast<int>((last - at).count());
  const int weekday = static_cast<int>(chrono::weekday(at).iso_encoding());  // 1: Monday
  ClassesOfDay out;
  const auto add = [&out](int number) {
    out.numbers[static_cast<size_t>(out.count++)] = static_cast<std::int16_t>(number);
  };
  if (of_month <= kMonthDays) add(of_month - 1);
  if (left < kMonthDays) add(kEndAt + left);
  if (weekday > 5) return out;
  int working = 0;
  for (int later = 1; later <= left; ++later) working += (weekday - 1 + later) % 7 < 5 ? 1 : 0;
  if (working < kWorkingDays) add(kWorkingAt + working);
  const int over_weekend = std::min(weekday == 5 ? 2 : 0, left);
  for (int due = of_month; due <= std::min(of_month + over_weekend, kMonthDays); ++due) {
    add(kUntilAt + due - 1);
  }
  return out;
}

}  // namespace quell::detectors
