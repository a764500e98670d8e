// Recurrence: does a signal's alert come back at the same time of day, or of week?
//
// A nightly batch, a weekly report: after two earlier occurrences within half an hour of the same
// time the third is routine, to be learned instead of paged. Thread-compatible.
// State: part of kind "pipeline", version 1.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/bytes.h"
#include "core/time.h"

namespace quell::pipeline {

class Recurrence {
 public:
  // Remembers an alert of `slot` on side `sign` and says whether it is routine.
  bool IsRoutine(std::uint32_t slot, TimeMs at, double sign);

  // The earliest alert kept on that side at the same time of day or week; `at` if there is none.
  [[nodiscard]] TimeMs FirstLike(std::uint32_t slot, TimeMs at, double sign) const;

  void Save(ByteWriter& out) const;
  void Load(ByteReader& in);

 private:
  struct Past {
    TimeMs at = 0;
    std::int64_t sign = 0;
  };
  std::map<std::uint32_t, std::vector<Past>> past_;  // by slot, oldest first, at most kPastMax
};

}  // namespace quell::pipeline
