// DriftMeter: is a signal's input still distributed as in the week that it was learned from?
//
// Model    one value a cell of five minutes, seasons taken out by the caller, counted by day in 32
//          bins. A day that has ended is held against those before it (four to seven): the bins are
//          merged into about ten of equal reference mass, and compared by the population stability
//          index, less what chance alone gives it, and by a chi-square test. Values of a day hang
//          together: by how much more the reference days differ among each other than independent
//          values would (the design effect, and the dimensions that it lives in) is taken from
//          themselves. So no independence is assumed but that of days.
// Input    finite values, times ascending.
// Output   a verdict a day; none before the eighth day, nor for days with less than a third of
//          their cells. Finite; 0 < p <= 1.
// Cost     572 bytes of state; a few operations a value, 20 us a day.
// Threads  thread-compatible.
// State    plain data, part of "pipeline" (docs/formats/snapshot.md).
// Source   Siddiqi (2006) for the index; Rao and Scott (1984), chi-square with design effects and
//          Satterthwaite's degrees of freedom.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/time.h"

namespace quell::detectors {

enum class DriftAdvice : std::uint8_t { kNone, kWatch, kRetrain };
std::string_view DriftAdviceName(DriftAdvice advice);  // "none", "watch", "retrain"

struct DriftVerdict {
  TimeMs day = 0;  // the end of the day judged
  double psi = 0;  // >= 0
  double p = 1;    // of so much difference, had nothing changed
  int reference_days = 0;
};
// By the usual bounds of the index, 0.1 and 0.25, where p is below 0.05 and 0.01.
DriftAdvice AdviceOf(const DriftVerdict& verdict);

class DriftMeter {
 public:
  static constexpr int kBins = 32;
  static constexpr int kDays = 8;
  static constexpr std::uint16_t kCellsMin = 96;  // of 288, for a day to count

  // `least` is a difference that means nothing, > 0. True when a day ended and was judged.
  bool Observe(TimeMs at, double value, double least);
  [[nodiscard]] std::optional<DriftVerdict> Latest() const;

  using Day = std::array<std::uint16_t, kBins>;
  struct State {
    double origin = 0;  // lower end of the second bin
    double mean = 0;    // of the day under way while the bins are not set
    float width = 0;    // of a bin; 0: not set yet
    float step = 0;     // mean |difference| of values in a row
    float apart = 0;    // mean |value - mean| of the day under way
    float before = 0;   // the value before
    std::int32_t day = -1;
    std::int32_t since = -1;  // first day
    std::int32_t values = 0;  // of the day under way while the bins are not set
    std::int32_t steps = 0;
    std::int32_t judged = -1;  // day of the verdict
    std::int32_t reference_days = 0;
    float psi = 0;
    float p = 1;
    std::array<Day, kDays> days{};  // by number
  };
  [[nodiscard]] const State& state() const { return state_; }
  // False, and nothing taken, where a number is not finite or out of range.
  bool Restore(const State& state);

 private:
  void EndDay(std::int32_t next, double least, bool& judged);
  void SetBins(double least);
  [[nodiscard]] bool Judge();
  void Count(double value);

  State state_;
};

static_assert(sizeof(DriftMeter::State) == 64 + 2 * 32 * 8, "saved as it lies: no padding");

// The comparison itself: counts by bin of a day, and of days before it. nullopt where the reference
// has fewer than four days, or all is one bin.
std::optional<DriftVerdict> CompareDays(const DriftMeter::Day& latest,
                                        const std::array<DriftMeter::Day, DriftMeter::kDays>& days,
                                        int days_used);

}  // namespace quell::detectors
