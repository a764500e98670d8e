#include "replay/runner/series_store.h"

#include <algorithm>

namespace quell::replay {

std::uint32_t SeriesStore::Series(const Labels& labels) {
  const auto known = by_labels_.find(labels);
  if (known != by_labels_.end()) return known->second;
  const bool wanted = filter_.Wants(labels);
  const std::uint32_t id = wanted ? static_cast<std::uint32_t>(columns_.size()) : kNoSeries;
  by_labels_.emplace(labels, id);
  if (wanted) columns_.push_back({labels, {}, true});
  return id;
}

Status SeriesStore::Add(std::uint32_t series, TimeMs time, double value) {
  if (series == kNoSeries) return Ok{};
  if (samples_ >= samples_max_) {
    return MakeError(ErrorCode::kResourceExhausted,
                     "more than " + std::to_string(samples_max_) +
                         " samples; raise --samples-max or replay a shorter stretch");
  }
  Column& column = columns_[series];
  if (!column.samples.empty() && time < column.samples.back().time) column.sorted = false;
  column.samples.push_back({time, value});
  first_ = samples_ == 0 ? time : std::min(first_, time);
  last_ = samples_ == 0 ? time : std::max(last_, time);
  ++samples_;
  return Ok{};
}

void SeriesStore::Progress(std::uint64_t done, std::uint64_t total) {
  if (on_progress_) on_progress_(done, total);
}

void SeriesStore::Sort() {
  for (Column& column : columns_) {
    if (column.sorted) continue;
    std::stable_sort(
        column.samples.begin(), column.samples.end(),
        [](const ingest::Sample& a, const ingest::Sample& b) { return a.time < b.time; });
    column.sorted = true;
  }
  std::sort(columns_.begin(), columns_.end(),
            [](const Column& a, const Column& b) { return a.labels < b.labels; });
}

}  // namespace quell::replay
