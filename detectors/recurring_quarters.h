// RecurringQuarters notices that a quarter-hour of the day deviates day after day.
//
// Model    a quarter-hour is odd when most of its points call for less learning, all on one side.
//          One that was odd on the two days before, on the same side, is no exception any more: a
//          nightly batch moved by an hour. From the third day on it teaches at full weight. Where
//          that was undone it does not for the next kDaysHeld days, however odd.
// Input    per point: its oddest z, and when a quarter-hour of the day has ended.
// Output   whether a quarter-hour recurs: 0, or the side of its deviation.
// Cost     O(1); 104 bytes.
// Threads  thread-compatible.
// State    part of "detector_bank".
// Source   own design.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace quell::detectors {

struct RecurringQuarters {
  static constexpr int kDaysBefore = 2;
  static constexpr int kDaysHeld = 7;

  // In a row on which it was odd, with the side's sign; beyond kDaysBefore: days held yet.
  std::array<std::int8_t, 96> days{};
  float odd = 0;  // points of the present quarter-hour, signed
  float points = 0;

  // The quarter-hour `cell` has ended.
  void Finish(int cell) {
    std::int8_t& count = days[static_cast<size_t>(cell)];
    if (count > kDaysBefore) {
      count = static_cast<std::int8_t>(count == kDaysBefore + 1 ? 0 : count - 1);
      odd = points = 0;
    }
    if (points == 0) return;
    constexpr float kMost = 0.5F;
    const int side = odd > kMost * points ? 1 : (odd < -kMost * points ? -1 : 0);
    const int before = count * side > 0 ? count : 0;
    count = static_cast<std::int8_t>(std::clamp(before + side, -kDaysBefore, kDaysBefore));
    odd = points = 0;
  }

  // `least`: the size from which a z is odd.
  void Observe(double oddest, double least) {
    points += 1;
    if (std::fabs(oddest) > least) odd += oddest > 0 ? 1.F : -1.F;
  }

  [[nodiscard]] int Recurs(int cell) const {
    const int count = days[static_cast<size_t>(cell)];
    return count == kDaysBefore ? 1 : (count <= -kDaysBefore ? -1 : 0);
  }

  void Hold(int cell) { days[static_cast<size_t>(cell)] = kDaysBefore + kDaysHeld; }
  [[nodiscard]] bool Held(int cell) const { return days[static_cast<size_t>(cell)] > kDaysBefore; }
};

}  // namespace quell::detectors
