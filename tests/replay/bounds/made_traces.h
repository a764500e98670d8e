// Traces of made-up signals for the tests of baselines and of the clairvoyant.
#pragma once

#include <cmath>
#include <functional>
#include <limits>

#include "core/random.h"
#include "replay/bounds/trace.h"

namespace quell::replay {

inline constexpr TimeMs kTraceStart = 1780272000000;  // 2026-06-01T00:00:00Z, a Monday

inline Traces MakeTraces(size_t steps) {
  Traces traces;
  traces.step_ms = 30 * kSecondMs;
  traces.first = kTraceStart + traces.step_ms;
  traces.steps = steps;
  return traces;
}

// A signal whose value at a step is `value`; it expects what `expected` says.
inline void AddSignal(Traces& traces, detectors::SignalKind kind, const Labels& labels,
                      double support, double expected, const std::function<double(size_t)>& value) {
  Trace trace;
  trace.kind = kind;
  trace.labels = labels;
  for (size_t step = 0; step < traces.steps; ++step) {
    const auto at = static_cast<float>(value(step));
    trace.points.push_back({at, at, static_cast<float>(expected), static_cast<float>(support)});
  }
  traces.signals.push_back(std::move(trace));
}

// k of n with the probability that `p` says, as a share.
inline std::function<double(size_t)> Share(Random& random, double n,
                                           const std::function<double(size_t)>& p) {
  return [&random, n, p](size_t step) {
    return static_cast<double>(random.Binomial(static_cast<std::uint64_t>(n), p(step))) / n;
  };
}

}  // namespace quell::replay
