// Day classes: the ways in which a date comes back every month.
//
// Model    counted from the month's start (the 1st .. 28th), from its end (0 .. 27 days before the
//          last), working days left (0 .. 9), and the working day on which a due date (1st .. 28th)
//          falls: itself, or the one before where that is a weekend. Working days are Monday to
//          Friday. A day has up to six classes.
// Input    a local day, numbered from 1970-01-01.
// Output   its classes as small numbers.
// Cost     O(1).
// Threads  pure.
// State    numbers are part of "detector_bank".
// Source   own design.
#pragma once

#include <array>
#include <cstdint>

namespace quell::detectors {

enum class DayRule : std::uint8_t {
  kNone,
  kFromStart,        // number: day of the month
  kFromEnd,          // days before the last
  kWorkingFromEnd,   // working days that are left in the month after it
  kWorkingDayUntil,  // day of the month that is due
  kAnnounced,        // no class of dates: somebody announced it; number: detectors::Announced
};

// Which days an effect is of, in numbers that can be told to people.
struct DayClass {
  DayRule rule = DayRule::kNone;
  std::uint8_t number = 0;
};

inline constexpr int kDayClasses = 28 + 28 + 10 + 28;
DayClass DayClassOf(int number);  // of 0 .. kDayClasses - 1

struct ClassesOfDay {
  std::array<std::int16_t, 6> numbers{};
  int count = 0;
};
ClassesOfDay ClassesOf(std::int64_t day);

}  // namespace quell::detectors
