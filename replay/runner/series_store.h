// SeriesStore: a history in memory, one column of samples a series, ready to be fed in time order.
//
// Sources may be unsorted between series and files (OpenMetrics dumps are series by series) and
// inside a series: Sort() puts everything in order once. Thread-compatible.
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "engine/signals/series_filter.h"
#include "ingest/history.h"

namespace quell::replay {

class SeriesStore final : public ingest::HistorySink {
 public:
  // Keeps only series that `filter` wants; borrowed. kResourceExhausted above `samples_max`.
  SeriesStore(signals::SeriesFilter& filter, std::uint64_t samples_max)
      : filter_(filter), samples_max_(samples_max) {}

  std::uint32_t Series(const Labels& labels) override;
  Status Add(std::uint32_t series, TimeMs time, double value) override;
  void Progress(std::uint64_t done, std::uint64_t total) override;
  void OnProgress(std::function<void(std::uint64_t, std::uint64_t)> call) {
    on_progress_ = std::move(call);
  }

  struct Column {
    Labels labels;
    std::vector<ingest::Sample> samples;
    bool sorted = true;
  };
  // Columns by labels, samples by time (of equal times in order of arrival), whatever order files
  // and series came in. Handles of Series() are void after it.
  void Sort();
  [[nodiscard]] std::vector<Column>& columns() { return columns_; }
  [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }
  [[nodiscard]] std::uint64_t samples() const { return samples_; }
  [[nodiscard]] TimeMs first() const { return first_; }  // 0 where empty
  [[nodiscard]] TimeMs last() const { return last_; }

 private:
  signals::SeriesFilter& filter_;
  std::uint64_t samples_max_;
  std::function<void(std::uint64_t, std::uint64_t)> on_progress_;
  std::unordered_map<Labels, std::uint32_t, LabelsHash> by_labels_;
  std::vector<Column> columns_;
  std::uint64_t samples_ = 0;
  TimeMs first_ = 0;
  TimeMs last_ = 0;
};

}  // namespace quell::replay
