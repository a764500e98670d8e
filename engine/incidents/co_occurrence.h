// CoOccurrence: which kinds of alerts have started together before, more often than chance.
//
// Model    an identity is a signal and the most telling label of its lane. An identity counts at
//          most once per window, a pair when both count within one window. Counts decay with a
//          half-life. Expected by chance: n_i * rate_j * 2 windows. log lift =
//          log((n_ij + 1/2) / (expected + 1/2)), given only if the Poisson tail of n_ij is small
//          and the rarer of the two seldom begins alone; an alert that fires all the time is
//          expected beside everything and glues nothing.
// Input    event time, not decreasing. Bounded: the weakest entries are forgotten first.
// Threads  thread-compatible.
// Source   lag-aware lift, after Hawkes-type alert models in streaming form.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "core/bytes.h"
#include "core/time.h"

namespace quell::incidents {

class CoOccurrence {
 public:
  explicit CoOccurrence(DurationMs window_ms) : window_ms_(window_ms) {}

  // `part`: what the identity has been joined to by labels; pairs of one part do not count.
  struct Sighting {
    std::uint64_t identity = 0;
    std::uint64_t part = 0;
    auto operator<=>(const Sighting&) const = default;
  };
  // Counts what fired at `now`, all of it at once.
  void Learn(TimeMs now, std::span<const Sighting> sightings);

  struct Lift {
    double log_lift = 0;  // >= 0; 0 = nothing known
    double times = 0;     // how often together, decayed
  };
  [[nodiscard]] Lift Between(TimeMs now, std::uint64_t a, std::uint64_t b) const;
  [[nodiscard]] bool empty() const { return pairs_.empty(); }

  void Save(ByteWriter& out) const;
  void Load(ByteReader& in);  // the reader's ok() tells

 private:
  struct Count {
    double value = 0;  // as of `at`
    TimeMs at = 0;
  };
  using PairKey = std::pair<std::uint64_t, std::uint64_t>;

  void LearnPairs(TimeMs now, const Sighting& sighting);

  DurationMs window_ms_;
  bool started_ = false;
  TimeMs started_at_ = 0;
  struct Recent {
    TimeMs at = 0;
    Sighting sighting;
  };
  std::vector<Recent> recent_;  // counted within the last window, oldest first
  std::map<std::uint64_t, Count> singles_;
  std::map<PairKey, Count> pairs_;  // first < second
};

}  // namespace quell::incidents
