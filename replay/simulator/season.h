// Season: the ordinary week of every region in its own local time, with paydays and growth.
//
// Each region has curves of its own for working days, Fridays, Saturdays and Sundays (morning,
// lunch and evening peaks over a night floor), drawn from the seed. Immutable.
#pragma once

#include <cstdint>
#include <vector>

#include "core/time.h"
#include "replay/simulator/topology.h"

namespace quell::simulator {

class Season {
 public:
  Season(const Topology& topology, const SimulatorOptions& options);

  // Load relative to the usual peak, about 0.04 .. 1.4. On a holiday the day looks like Sunday.
  [[nodiscard]] double Load(int region, TimeMs time, bool holiday) const;
  // A nightly batch: 0 .. 1, around 02:00 local.
  [[nodiscard]] double Batch(int region, TimeMs time) const;
  [[nodiscard]] double LocalHour(int region, TimeMs time) const;  // 0 .. 24

 private:
  struct Week {
    std::vector<float> bins;  // 7 days of 5 minutes, Monday first
    int utc_offset_minutes = 0;
    double batch_hour = 2;
  };
  std::vector<Week> weeks_;
  TimeMs start_ = 0;
  double growth_per_day_ = 0;
  double payday_lift_ = 0;
  double swing_ = 1;
};

}  // namespace quell::simulator
