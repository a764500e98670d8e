// Sample and SampleBatch: what every wire format is read into.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "core/labels.h"
#include "core/time.h"

namespace quell::ingest {

struct Sample {
  TimeMs time = 0;
  double value = 0;  // may be a staleness marker or non-finite here; the signals sort that out
};

// Prometheus' staleness marker: this very NaN, bit by bit.
inline constexpr std::uint64_t kStaleNanBits = 0x7ff0000000000002ULL;
inline bool IsStale(double value) { return std::bit_cast<std::uint64_t>(value) == kStaleNanBits; }
inline double StaleMarker() { return std::bit_cast<double>(kStaleNanBits); }

// Series with their samples; samples of all series lie in one array.
struct SampleBatch {
  struct Series {
    Labels labels;
    std::uint32_t begin = 0;  // samples[begin, end)
    std::uint32_t end = 0;
  };
  std::vector<Series> series;
  std::vector<Sample> samples;
};

}  // namespace quell::ingest
