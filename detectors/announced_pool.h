// AnnouncedPool: what announced holidays and promotions made of a group's volumes before.
//
// Model    one factor for promotions and one for each block of four local hours of holidays. An
//          occasion is what all announced lanes saw together over what is usual at that time of day
//          and week; of n occasions' mean logarithm m, n^2 A / (n^2 A + 2 m^2 + S) is expected, as
//          of dates that come back (calendar_pool.h): A is what of m^2 exceeds nine variances of n
//          ordinary occasions' mean, S the squared scatter around m. After one occasion a third is
//          expected, after two alike two thirds, after four 0.89; from eight on the oldest fade.
//          A nearer pool tells what it differs from the farther one by.
// Input    counts of lanes under an announced change, seen and usual, by local time.
// Output   a factor for a local time: its logarithm and the variance of that; how many occasions.
// Cost     O(1). 392 bytes a pool.
// Threads  thread-compatible; read-only while slots are judged side by side.
// State    part of "detector_bank", plain data without padding.
// Source   Efron and Morris (1975), empirical Bayes; Welford (1962), running variance.
#pragma once

#include <array>
#include <cstdint>

#include "core/time.h"
#include "detectors/seasonal_baseline.h"
#include "detectors/types.h"

namespace quell::detectors {

class AnnouncedPool {
 public:
  // `local`: the middle of the point's interval. Only promotions and holidays are noted.
  void Note(Announced what, std::int64_t local, double seen, double usual, DurationMs interval_ms);

  struct Expected {
    DayFactor factor{};
    int earlier = 0;  // occasions that it was learned from
  };
  // `wider`: the farther pool, or nullptr.
  [[nodiscard]] Expected At(Announced what, std::int64_t local, const AnnouncedPool* wider) const;
  // Whether what was loaded can be worked with.
  [[nodiscard]] bool Sane() const;

 private:
  static constexpr size_t kBlocks = 6;
  struct Cell {
    double mean = 0;
    double scatter = 0;  // squared, summed
    double occasions = 0;
    double seen = 0;  // of the present one
    double usual = 0;
    std::int64_t lane_ms = 0;  // covered, summed over lanes; 0: none is open
    std::int64_t last = 0;     // local time of its latest point
    void CloseIfOver(std::int64_t local);
  };
  // The cell as it stands at a local time, with an occasion that is over by then closed.
  [[nodiscard]] Cell AsOf(Announced what, std::int64_t local) const;

  std::array<Cell, 1 + kBlocks> cells_{};
};
static_assert(sizeof(AnnouncedPool) == 7 * 56, "no padding");

}  // namespace quell::detectors
