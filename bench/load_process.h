// What a process has used so far, from /proc; and what this one has.
#pragma once

#include <cstdint>

#include "core/result.h"

namespace quell::bench {

struct ProcessUse {
  double cpu_seconds = 0;  // user and system, with children that ended; steps of a clock tick
  std::uint64_t rss_bytes = 0;
  std::uint64_t rss_peak_bytes = 0;  // since the process began
};

// kNotFound where no such process is.
Result<ProcessUse> UseOf(int pid);

// CPU seconds of this process.
double OwnCpuSeconds();

// CPU seconds that the whole machine was busy, over all cores, since it started.
double MachineBusySeconds();

// Seconds on a clock that never goes back.
double Now();

// Waits until `pid` used less than a twentieth of a core over half a second, at most
// `seconds_max`; returns its use then. Receivers go on working after their last answer.
Result<ProcessUse> UseOnceQuiet(int pid, double seconds_max);

}  // namespace quell::bench
