// SeriesSet: the series of a payments platform as one scrape after another sees them, for load.
//
// A deployment (service in a region) runs `copies` pods; each pod exposes 100 lanes (20 providers,
// 5 methods), a lane 16 series of 12 labels. Matched by signals: 11 buckets of a latency histogram
// and a counter with 5 outcomes, so that one lane's 16 x copies series feed 3 signals (latency,
// failure ratio, volume). Unmatched: 16 metrics that discovery leaves out.
// Values are counters that grow with noise; equal options give equal series and values.
// Thread-compatible.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/labels.h"
#include "core/random.h"
#include "core/time.h"

namespace quell::bench {

struct SeriesOptions {
  size_t series = 10000;  // >= 1
  bool matched = true;    // by signals that Quell discovers
  unsigned copies = 4;    // pods a deployment, >= 1; more of them are more series a signal
  std::uint64_t seed = 1;
};

class SeriesSet {
 public:
  explicit SeriesSet(const SeriesOptions& options);

  [[nodiscard]] size_t size() const { return options_.series; }
  // 12 labels by name. `generation`: how often all pods have been replaced by new ones.
  [[nodiscard]] std::vector<Label> LabelsOf(size_t index, unsigned generation) const;
  // When within a scrape interval the series' pod is scraped: 0..999 ms.
  [[nodiscard]] DurationMs OffsetMs(size_t index) const;

  void Advance();                                  // all values go on by one scrape
  [[nodiscard]] double Value(size_t index) const;  // >= 0, whole, never falls

 private:
  struct Place {  // of a series
    size_t deployment = 0, pod = 0, lane = 0, member = 0;
  };
  [[nodiscard]] Place PlaceOf(size_t index) const;
  std::uint64_t Noisy(double mean);

  SeriesOptions options_;
  Random random_;
  std::vector<std::uint64_t> cells_;     // requests so far by pod and lane: the buckets' source
  std::vector<std::uint64_t> counters_;  // by pod, lane and outcome
};

}  // namespace quell::bench
