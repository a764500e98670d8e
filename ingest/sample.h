// Sample, HistogramSample and SampleBatch: what every wire format is read into.
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

// The same labels may occur once as floats and once as native histograms; they are two series.
enum class SeriesType : std::uint8_t { kFloat = 0, kHistogram = 1 };

// Finer native histograms are reduced to at most so many buckets before anything keeps them.
inline constexpr size_t kHistogramBucketsMax = 160;

struct HistogramBucket {
  double upper = 0;  // inclusive; may be +infinity
  double count = 0;  // of this bucket alone, finite, >= 0

  bool operator==(const HistogramBucket&) const = default;
};

// A native histogram at one moment, cumulative over the process' life like a counter. Buckets are
// not cumulative among themselves; they ascend by upper bound. Made by ingest/native_histogram.h.
struct HistogramSample {
  TimeMs time = 0;
  double count = 0;
  double sum = 0;
  bool gauge = false;  // the sender says that it is no counter (reset hint GAUGE)
  bool stale = false;  // a staleness marker; the other fields mean nothing then
  std::vector<HistogramBucket> buckets;
};

// Series with their samples; samples of all series lie in one array, histograms in another.
struct SampleBatch {
  struct Series {
    Labels labels;
    std::uint32_t begin = 0;  // samples[begin, end)
    std::uint32_t end = 0;
    std::uint32_t histograms_begin = 0;  // histograms[histograms_begin, histograms_end)
    std::uint32_t histograms_end = 0;
  };
  std::vector<Series> series;
  std::vector<Sample> samples;
  std::vector<HistogramSample> histograms;
};

}  // namespace quell::ingest
