// CalendarPool: which dates have a volume of their own, as the lanes of a group say together.
//
// Model    a diary of 192 days, six blocks of four local hours each: log ratio of what all lanes
//          saw to what is usual at that time of day and week, less the median of the days around
//          and what the same weekday differs by. The effect of a day class is the median of its
//          days (of an even number the middle one nearer zero), so that what did not come back is
//          nothing. Of it n^2 A / (n^2 A + 2 m^2 + S) is expected: A is what of m^2 exceeds nine
//          variances of n ordinary days' mean, S the squared scatter of the n around m. The day as
//          a whole is fitted so, then what each block differs from it by. After one day a third is
//          expected, after two of one size two thirds, after four 0.89. Classes overlap (a 25th is
//          now the sixth-last, now the seventh-last day): they are taken one at a time, the one
//          that explains most first, and what it explains is taken from its days. A nearer pool
//          explains what is left by the farther one.
// Input    counts of lanes, seen and usual, by local day and block; days not far from the newest.
//          Lanes count alike from about 20 expected events a point on.
// Output   a factor for a local time (its logarithm and the variance of that), ramped over the
//          hours around the ends of blocks; the day class behind it.
// Cost     O(1) a note; a fit a day of under 0.1 ms. 2,232 bytes a pool.
// Threads  thread-compatible; read-only while slots are judged side by side.
// State    part of "detector_bank", plain data without padding.
// Source   Efron and Morris (1975), empirical Bayes; Mallat and Zhang (1993), matching pursuit;
//          the rest own design.
#pragma once

#include <array>
#include <cstdint>

#include "core/time.h"
#include "detectors/day_classes.h"
#include "detectors/seasonal_baseline.h"

namespace quell::detectors {

struct CalendarPool {
  static constexpr int kDays = 192;
  static constexpr int kBlocks = 6;
  static constexpr DurationMs kBlockMs = kDayMs / kBlocks;
  static constexpr int kOpenDays = 3;  // zones of one group lie up to 26 hours apart
  static constexpr int kAheadDays = 5;
  static constexpr int kEffects = 8;
  static constexpr std::int8_t kUnknown = INT8_MIN;

  struct Sums {
    float seen = 0;
    float usual = 0;
    float blocks = 0;  // covered, summed over lanes
  };
  struct Effect {
    std::int16_t day_class = 0;
    std::int16_t earlier = 0;  // days that it was learned from
    std::array<float, kBlocks> size{};
    std::array<float, kBlocks> expected{};  // of it
    std::array<float, kBlocks> variance{};  // it comes back, or does not
  };

  std::array<std::array<std::int8_t, kBlocks>, kDays> diary;  // 64ths; by day modulo kDays
  std::array<std::array<Sums, kBlocks>, kOpenDays> open{};    // by day modulo kOpenDays
  std::array<Effect, kEffects> effects{};
  std::array<std::array<float, kBlocks>, kAheadDays> mean{};  // from newest - 2 on
  std::array<std::array<float, kBlocks>, kAheadDays> variance{};
  std::int64_t newest = INT64_MIN;  // day of the latest note
  std::int32_t effect_count = 0;
  std::int32_t unused = 0;

  CalendarPool() {
    for (auto& day : diary) day.fill(kUnknown);
  }

  // `local`: the middle of the point's interval. `wider`: the farther pool, or nullptr.
  void Note(std::int64_t local, double seen, double usual, DurationMs interval_ms,
            const CalendarPool* wider);
  [[nodiscard]] DayFactor At(std::int64_t local) const;
  // The effect that moves a local time most; nullptr where none does.
  [[nodiscard]] const Effect* Leading(std::int64_t local) const;
  // Whether what was loaded can be worked with.
  [[nodiscard]] bool Sane() const;

 private:
  void EnterDay(std::int64_t day, const CalendarPool* wider);
  void Close(std::int64_t day);
  void Fit(const CalendarPool* wider);
  void LookAhead();
  [[nodiscard]] float Size(std::int64_t day, int block) const;  // of its effects together
};
static_assert(sizeof(CalendarPool) == 192 * 6 + 216 + 8 * 76 + 240 + 16, "no padding");

}  // namespace quell::detectors
