// What is believed of a signal before it has been seen, by kind.
//
// Model    all standard deviations are in link units: logits for shares k / n, logarithms for
//          volumes; for gauges they are multiples of the slot's own residual scale.
// Input    a SignalKind.
// Output   constants.
// Cost     none.
// Threads  immutable.
// State    none.
// Source   chosen on simulated series, see tests/detectors/evaluation_test.cc.
#pragma once

#include "core/time.h"
#include "detectors/types.h"

namespace quell::detectors {

struct KindPriors {
  double day_sd;        // of a time-of-day bucket around the base level
  double day_step_sd;   // between neighbouring quarter-hours
  double week_sd;       // of a weekday that has not been seen
  double week_hour_sd;  // of one of its hours, the weekday's level being known
  double level_sd;      // of the local level in ordinary times
  double level_max;     // bound on the local level
  DurationMs level_half_life_ms;
  double noise_sd;  // process noise of one point, first guess
  double noise_sd_min;
  double noise_sd_max;  // wilder than that is not noise: an outage of the signal must stay odd
  double visit_sd_max;  // growth of a bucket's uncertainty between visits, at most
};

inline constexpr DurationMs kNoiseMemoryMs = 10 * kMinuteMs;  // assumed correlation of the noise

inline const KindPriors& PriorsOf(SignalKind kind) {
  static constexpr KindPriors kShare = {.day_sd = 0.35,
                                        .day_step_sd = 0.06,
                                        .week_sd = 0.2,
                                        .week_hour_sd = 0.08,
                                        .level_sd = 0.25,
                                        .level_max = 0.6,
                                        .level_half_life_ms = 24 * kHourMs,
                                        .noise_sd = 0.2,
                                        .noise_sd_min = 0.03,
                                        .noise_sd_max = 1.0,
                                        .visit_sd_max = 0.03};
  static constexpr KindPriors kVolume = {.day_sd = 1.0,
                                         .day_step_sd = 0.15,
                                         .week_sd = 0.4,
                                         .week_hour_sd = 0.2,
                                         .level_sd = 0.15,
                                         .level_max = 0.7,
                                         .level_half_life_ms = 2 * kHourMs,
                                         .noise_sd = 0.12,
                                         .noise_sd_min = 0.01,
                                         .noise_sd_max = 1.0,
                                         .visit_sd_max = 0.03};
  static constexpr KindPriors kLevel = {.day_sd = 4.0,
                                        .day_step_sd = 0.7,
                                        .week_sd = 1.5,
                                        .week_hour_sd = 0.8,
                                        .level_sd = 0.7,
                                        .level_max = 4.0,
                                        .level_half_life_ms = 24 * kHourMs,
                                        .noise_sd = 1.0,
                                        .noise_sd_min = 0.0,
                                        .noise_sd_max = 1e9,
                                        .visit_sd_max = 0.15};
  switch (kind) {
    case SignalKind::kRatio:
    case SignalKind::kQuantile:
      return kShare;
    case SignalKind::kRate:
      return kVolume;
    case SignalKind::kGauge:
      return kLevel;
  }
  return kLevel;
}

inline constexpr bool IsShare(SignalKind kind) {
  return kind == SignalKind::kRatio || kind == SignalKind::kQuantile;
}

}  // namespace quell::detectors
