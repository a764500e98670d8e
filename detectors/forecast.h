// Forecaster: where a level or a volume will be over the next six hours, and when that is a limit.
//
// Model    means of cells of five minutes. Six simple forecasters (the level as it is; the season
//          alone, and carried on by difference or by ratio; Theil-Sen lines through the last hour
//          and the last four) are mixed by their errors of late, by horizon. The 80 % interval is
//          what the mixture's own errors were: their mean size, times a factor for each side that
//          tracks one miss in ten, learned apart for forecasts above and below the usual size.
//          Errors count in the square root of what was forecast.
// Input    a finite value a step, times ascending; those beyond 1e30 count as 1e30.
// Output   nothing until eighteen cells (an hour and a half) are known, nor where points are so
//          rare that twelve cells do not fit into four hours. All numbers finite.
// Cost     6.2 KB of state; 30 us when a cell closes, else a sum.
// Threads  thread-compatible.
// State    plain data, part of "pipeline" (docs/formats/snapshot.md).
// Source   Bates and Granger (1969), mixing by past errors; Theil (1950), Sen (1968); Angelopoulos,
//          Candes and Tibshirani (2023), quantile tracking, whose coverage holds for any series;
//          Vovk et al. (2003), Mondrian (by class) conformal prediction.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include "core/time.h"

namespace quell::detectors {

inline constexpr DurationMs kForecastCellMs = 5 * kMinuteMs;
inline constexpr int kForecastCells = 72;  // ahead
inline constexpr DurationMs kForecastHorizonMs = kForecastCells * kForecastCellMs;

// What is usual at a time, as known now, in the value's unit.
using SeasonCall = std::function<double(TimeMs)>;

struct ForecastPoint {
  double median = 0, low = 0, high = 0;  // low <= median <= high; the middle 80 %
};
// Of the means of the cells to come: [0] is of the one that began when the latest closed.
using Outlook = std::array<ForecastPoint, kForecastCells>;

struct TimeToLimit {
  // Since the latest cell closed; 0 = reached, none = not within six hours. lower <= median <=
  // upper where they are there: the earliest and the latest of the middle 80 %.
  std::optional<DurationMs> median, lower, upper;
};

class Forecaster {
 public:
  // True when a cell closed, and with it the outlook changed.
  bool Observe(TimeMs at, double value, const SeasonCall& season);

  [[nodiscard]] bool Known() const;
  // End of the latest cell that closed; REQUIRES one.
  [[nodiscard]] TimeMs AsOf() const { return (state_.latest + TimeMs{1}) * kForecastCellMs; }
  // The mean of the latest cell that closed.
  [[nodiscard]] double Latest() const;
  // REQUIRES: Known().
  [[nodiscard]] Outlook Look(const SeasonCall& season) const;
  [[nodiscard]] TimeToLimit Until(const Outlook& outlook, double limit, bool above) const;

  static constexpr int kWindow = 48;
  static constexpr std::array<int, 5> kHorizons = {1, 3, 12, 48, 72};  // graded, in cells
  static constexpr size_t kModels = 6;
  using Models = std::array<float, kModels>;

  struct Cell {
    std::int32_t number = -1;  // of its time; -1: none yet
    float mean = 0;
  };
  struct Issue {  // a forecast that waits for what comes
    std::int32_t target = -1;
    std::uint32_t high = 0;  // 1: above the usual size
    float median = 0, scale = 1;
    Models models{};
  };
  struct Spread {  // how wide the interval must be
    std::int32_t count = 0;
    float error = 0;                   // mean of |error| / scale
    float below = 1.6F, above = 1.6F;  // the interval's ends, in mean errors
  };
  struct Grade {  // how forecasts at a horizon did
    std::int32_t count = 0;
    Models errors{};                 // mean |error| of each model, of late
    std::array<Spread, 2> spread{};  // of forecasts that are low, and high
  };
  struct State {
    double sum = 0;  // of the cell under way
    std::int32_t points = 0;
    std::int32_t open = -1;    // its number
    std::int32_t latest = -1;  // that closed
    float size = 0;            // mean |value| of the last day
    std::int32_t sizes = 0;
    std::array<Cell, kWindow> cells{};  // by number
    std::array<Issue, 1 + 3 + 12 + 48 + 72> issues{};
    std::array<Grade, kHorizons.size()> grades{};
  };
  [[nodiscard]] const State& state() const { return state_; }
  // False, and nothing taken, where a number is not finite or out of range.
  bool Restore(const State& state);

 private:
  struct Lines;  // fitted through the latest cells
  void Close(const SeasonCall& season);
  void GradeIssues(std::int32_t cell, double mean);
  void IssueForecasts(const SeasonCall& season);
  [[nodiscard]] std::optional<Lines> Fit(const SeasonCall& season) const;
  [[nodiscard]] Models Ask(const Lines& lines, int ahead, const SeasonCall& season) const;
  [[nodiscard]] Models Weights(size_t horizon) const;
  [[nodiscard]] double Scale(double forecast) const;
  [[nodiscard]] bool IsHigh(double forecast) const { return forecast > state_.size; }
  struct Reach {
    double below = 0, above = 0;  // of a scale
  };
  [[nodiscard]] Reach ReachOf(size_t horizon, bool high) const;
  [[nodiscard]] Issue& IssueAt(size_t horizon, std::int32_t target);

  State state_;
};

static_assert(sizeof(Forecaster::State) == 28 + 8 * 48 + 40 * 136 + 60 * 5, "saved: no padding");

}  // namespace quell::detectors
