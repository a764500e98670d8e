// SeriesTable and Sink: how samples leave the simulator, one scrape of one target at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/labels.h"
#include "core/result.h"
#include "core/time.h"

namespace quell::simulator {

// Series by number, in order of first use; grows when an instance comes back under a new name.
class SeriesTable {
 public:
  std::uint32_t Add(Labels labels) {
    labels_.push_back(std::move(labels));
    return static_cast<std::uint32_t>(labels_.size() - 1);
  }
  [[nodiscard]] const Labels& at(std::uint32_t series) const { return labels_[series]; }
  [[nodiscard]] size_t size() const { return labels_.size(); }

 private:
  std::vector<Labels> labels_;
};

struct ScrapeView {
  TimeMs time = 0;
  std::span<const std::uint32_t> series;
  std::span<const double> values;  // as many; a staleness marker ends a series for now
};

class Sink {
 public:
  virtual ~Sink() = default;
  // Scrapes come in time order. An error stops the run.
  virtual Status Accept(const ScrapeView& scrape, const SeriesTable& table) = 0;
};

}  // namespace quell::simulator
