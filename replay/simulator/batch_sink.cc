#include "replay/simulator/batch_sink.h"

#include <algorithm>

namespace quell::simulator {

Status BatchSink::Accept(const ScrapeView& scrape, const SeriesTable& table) {
  table_ = &table;
  for (size_t i = 0; i < scrape.series.size(); ++i) {
    pending_.push_back({scrape.series[i], {scrape.time, scrape.values[i]}});
    if (pending_.size() >= samples_max_) QUELL_TRY(Flush());
  }
  return Ok{};
}

Status BatchSink::Flush() {
  if (pending_.empty()) return Ok{};
  // Stable: a series' samples stay in time order.
  std::stable_sort(pending_.begin(), pending_.end(),
                   [](const Pending& a, const Pending& b) { return a.series < b.series; });
  ingest::SampleBatch batch;
  batch.samples.reserve(pending_.size());
  for (size_t i = 0; i < pending_.size(); ++i) {
    if (i == 0 || pending_[i].series != pending_[i - 1].series) {
      const auto at = static_cast<std::uint32_t>(i);
      batch.series.push_back({table_->at(pending_[i].series), at, at});
    }
    batch.samples.push_back(pending_[i].sample);
    ++batch.series.back().end;
  }
  samples_ += pending_.size();
  pending_.clear();
  return consumer_(batch);
}

}  // namespace quell::simulator
