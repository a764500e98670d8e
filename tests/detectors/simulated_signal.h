// A simulated payment signal: daily and weekly shape, correlated noise, counting noise, incidents.
#pragma once

#include <algorithm>
#include <cmath>

#include "core/random.h"
#include "detectors/types.h"

namespace quell::detectors {

struct SimulatedShape {
  SignalKind kind = SignalKind::kRatio;
  double peak_per_minute = 200;  // requests at the daily peak
  double base = 0.015;           // failure ratio, share of slow requests, or gauge level
  double noise_sd = 0.2;         // log noise of the base (of the volume for kRate)
  double noise_memory_minutes = 10;
  double drift_sd = 0;  // slower wandering on top
  double drift_memory_minutes = 90;
  double point_sd = 0;   // overdispersion: log noise of every point for itself
  double day_sd = 0.05;  // log level of a day
  double weekend = 0.6;  // volume at weekends
  DurationMs interval_ms = 30 * kSecondMs;
};

class SimulatedSignal {
 public:
  SimulatedSignal(const SimulatedShape& shape, std::uint64_t seed) : shape_(shape), random_(seed) {}

  // `factor` multiplies the base (share, gauge) or the volume (kRate): an incident.
  Point Next(Slot slot, TimeMs step_end, double factor = 1) {
    Advance(step_end);
    const double minutes = static_cast<double>(shape_.interval_ms) / kMinuteMs;
    const double volume =
        shape_.peak_per_minute * minutes * Profile(step_end) * std::exp(day_level_);
    Point point;
    point.slot = slot;
    point.exposure_seconds = minutes * 60;
    const double wobble = std::exp(noise_ - 0.5 * shape_.noise_sd * shape_.noise_sd + Extra());
    switch (shape_.kind) {
      case SignalKind::kRatio:
      case SignalKind::kQuantile: {
        point.n = static_cast<double>(random_.Poisson(volume));
        const double p = std::min(0.98, shape_.base * factor * wobble);
        point.k = static_cast<double>(random_.Binomial(static_cast<std::uint64_t>(point.n), p));
        point.value = point.n > 0 ? point.k / point.n : 0;
        break;
      }
      case SignalKind::kRate:
        point.k = point.n = static_cast<double>(random_.Poisson(volume * factor * wobble));
        point.value = point.k / point.exposure_seconds;
        break;
      case SignalKind::kGauge:
        point.value = shape_.base * factor * (0.7 + 0.3 * Profile(step_end)) * wobble *
                      std::exp(0.05 * random_.Normal());
        break;
    }
    return point;
  }

  // Share of the peak volume at a time.
  [[nodiscard]] double Profile(TimeMs at) const {
    const double day = static_cast<double>(at % kDayMs) / kDayMs;
    const double weekday = static_cast<double>((at + 3 * kDayMs) % kWeekMs) / kDayMs;  // 0 Monday
    const double wave = 0.5 - 0.5 * std::cos(2 * M_PI * (day - 0.125));
    const double lunch = 0.15 * std::exp(-std::pow((day - 0.52) / 0.05, 2));
    return (0.08 + 0.8 * wave * wave + lunch) * (1 - (1 - shape_.weekend) * Weekend(weekday));
  }

 private:
  // Nothing is drawn for what is not asked for: seeds keep their meaning.
  double Extra() {
    double extra = 0;
    if (shape_.drift_sd > 0) {
      const double keep = std::exp(-static_cast<double>(shape_.interval_ms) / kMinuteMs /
                                   shape_.drift_memory_minutes);
      drift_ = keep * drift_ + std::sqrt(1 - keep * keep) * shape_.drift_sd * random_.Normal();
      extra += drift_;
    }
    if (shape_.point_sd > 0) extra += shape_.point_sd * random_.Normal();
    return extra;
  }

  // 0 on weekdays, 1 at weekends, blending over four hours at either end.
  static double Weekend(double weekday) {
    const double in = std::clamp((weekday - 5) * 6 + 0.5, 0.0, 1.0);
    const double early_monday = std::clamp(0.5 - weekday * 6, 0.0, 1.0);
    const double out = std::clamp((7 - weekday) * 6 + 0.5, 0.0, 1.0);
    return std::max(std::min(in, out), early_monday);
  }

  void Advance(TimeMs step_end) {
    const double keep = std::exp(-static_cast<double>(shape_.interval_ms) / kMinuteMs /
                                 shape_.noise_memory_minutes);
    noise_ = keep * noise_ + std::sqrt(1 - keep * keep) * shape_.noise_sd * random_.Normal();
    if (step_end / kDayMs != day_) {
      day_ = step_end / kDayMs;
      day_level_ = shape_.day_sd * random_.Normal();
    }
  }

  SimulatedShape shape_;
  Random random_;
  double noise_ = 0;
  double drift_ = 0;
  double day_level_ = 0;
  TimeMs day_ = -1;
};

}  // namespace quell::detectors
