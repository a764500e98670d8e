// SimulatorOptions: everything that decides what the simulated platform does. Same options, same
// samples, incidents and changes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/time.h"

namespace quell::simulator {

inline constexpr TimeMs kDefaultStartMs = 1780272000000;  // 2026-06-01T00:00:00Z, a Monday

struct SimulatorOptions {
  std::uint64_t seed = 1;
  TimeMs start = kDefaultStartMs;
  DurationMs duration_ms = 2 * kWeekMs;     // > 0
  DurationMs interval_ms = 30 * kSecondMs;  // scrape interval, 1 s .. 1 h
  int services = 6;                         // 1 .. 20
  int regions = 3;                          // 1 .. 10
  int psps = 4;                             // 1 .. 16
  int instances = 2;                        // per service and region, 1 .. 16
  std::int64_t series = 0;                  // > 0: choose the four above to come near it
  double incidents_per_week = 8;            // after the quiet start; 0 .. 1000
  double lookalikes_per_week = 12;          // after the quiet start; 0 .. 1000
  DurationMs quiet_start_ms = kWeekMs;      // nothing drawn happens before; >= 0
  double noise = 1.0;                       // 0 .. 5, scales all wandering; counting noise stays
  std::string dialect = "payments";         // metric and label names; DialectNames()
  double swing = 1.0;                       // 0 .. 3, power on the daily and weekly curves
  double burst = 0;                         // 0 .. 1, deviation of each tick's volume, logarithm
  DurationMs scrape_jitter_ms = 0;          // scrapes come so much late at most; <= interval / 25
  bool calendar = false;                    // paydays, holidays and the like (calendar.h)
  bool restarts = true;                     // now and then an instance restarts
  bool spread_scrapes = true;               // targets at their own offset, as Prometheus does
  std::vector<std::string> inject;          // "kind,scope,at,duration" (inject.h)
};

}  // namespace quell::simulator
