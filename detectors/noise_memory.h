// NoiseMemory remembers how often a signal was surprising for nothing.
//
// Model    a brief excursion that ended without an alert was noise (a long one may well have
//          been a missed incident, and counts for a fifth). For each level of surprise the
//          number of such excursions that reached it is kept (slowly forgotten); a signal whose
//          own record says "once in 2,000 points" is not believed to be rarer than that at the
//          same height, and gains 4.2 nats for twice the height.
// Input    the fused surprise of each point; Alerted() when an alert is open.
// Output   a bound on the surprise.
// Cost     O(1); 40 bytes.
// Threads  thread-compatible.
// State    part of "detector_bank".
// Source   own design; the idea of learning what is not anomalous: Skyline's Ionosphere.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

namespace quell::detectors {

struct NoiseMemory {
  static constexpr std::array<float, 7> kLevels = {6, 12, 20, 32, 64, 128, 256};  // nats

  std::array<float, 7> excursions{};
  float points = 0;
  float height = 0;  // of the excursion under way
  float length = 0;  // and its points above the first level

  [[nodiscard]] double Bound(double surprise) const {
    constexpr float kSeldom = 1.5;
    constexpr double kTolerance = 1.1;  // a factor of three
    constexpr double kGain = 6;         // nats for each factor e of height
    double bound = surprise;
    for (size_t i = 0; i < kLevels.size() && surprise > kLevels[i]; ++i) {
      if (excursions[i] < kSeldom) break;
      const double rate = static_cast<double>(excursions[i] - kSeldom) / (points + 200.0);
      const double record = -std::log(rate);
      if (record > kLevels[i] - kTolerance) continue;  // as rare as its height says
      bound = std::min(bound, record + kGain * std::log(surprise / kLevels[i]));
    }
    return std::max(0.0, bound);
  }

  void Observe(double surprise) {
    constexpr float kBriefPoints = 6;
    constexpr float kMemoryPoints = 60'000;
    if (points < kMemoryPoints) {
      points += 1;
    } else {
      for (float& count : excursions) count *= 1 - 1 / kMemoryPoints;
    }
    if (surprise > kLevels[0]) {
      height = std::max(height, static_cast<float>(surprise));
      length += 1;
    } else if (surprise < 3 && height > 0) {
      const float count = length > kBriefPoints ? 0.2F : 1.F;
      for (size_t i = 0; i < kLevels.size(); ++i) excursions[i] += height > kLevels[i] ? count : 0;
      height = length = 0;
    }
  }

  void Alerted() { height = length = 0; }
};

}  // namespace quell::detectors
