// NativeFold: turns the classic histograms of a scrape into native ones with custom buckets of the
// same bounds, as Prometheus does where convert_classic_histograms_to_nhcb is set.
//
// `x_bucket`, `x_sum` and `x_count` become `x`. Thread-compatible; one SeriesTable for life.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/labels.h"
#include "ingest/sample.h"
#include "replay/simulator/sink.h"

namespace quell::simulator {

class NativeFold {
 public:
  struct Histogram {
    std::uint32_t family = 0;
    ingest::HistogramSample sample;
  };

  // Takes the value if `series` is part of a histogram; its buckets come before its sum and count,
  // by ascending bound. False: it is a series of its own.
  bool Take(std::uint32_t series, double value, const SeriesTable& table);
  // The histograms taken since the last call, as of `time`. A staleness marker in any part makes
  // the sample one.
  std::vector<Histogram> Finish(TimeMs time);
  [[nodiscard]] const Labels& labels(std::uint32_t family) const { return families_[family]; }

 private:
  enum class Part : std::uint8_t { kNone, kBucket, kSum, kCount };
  struct Place {
    Part part = Part::kNone;
    std::uint32_t family = 0;
    double upper = 0;
  };
  Place PlaceOf(const Labels& labels);

  std::vector<Place> places_;  // by series
  std::vector<Labels> families_;
  std::unordered_map<Labels, std::uint32_t, LabelsHash> family_by_labels_;
  std::vector<Histogram> taken_;
  std::unordered_map<std::uint32_t, size_t> taken_by_family_;
};

}  // namespace quell::simulator
