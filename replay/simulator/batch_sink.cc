#include "replay/simulator/batch_sink.h"

#include <algorithm>

namespace quell::simulator {

Status BatchSink::Accept(const ScrapeView& scrape, const SeriesTable& table) {
  table_ = &table;
  for (size_t i = 0; i < scrape.series.size(); ++i) {
    if (form_ == HistogramForm::kNative && fold_.Take(scrape.series[i], scrape.values[i], table)) {
      continue;
    }
    pending_.push_back({scrape.series[i], {scrape.time, scrape.values[i]}});
    QUELL_TRY(FlushIfFull());
  }
  for (NativeFold::Histogram& histogram : fold_.Finish(scrape.time)) {
    pending_histograms_.push_back(std::move(histogram));
    QUELL_TRY(FlushIfFull());
  }
  return Ok{};
}

Status BatchSink::FlushIfFull() {
  if (pending_.size() + pending_histograms_.size() < samples_max_) return Ok{};
  return Flush();
}

void BatchSink::BatchSamples(ingest::SampleBatch& batch) {
  // Stable: a series' samples stay in time order.
  std::stable_sort(pending_.begin(), pending_.end(),
                   [](const Pending& a, const Pending& b) { return a.series < b.series; });
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
}

void BatchSink::BatchHistograms(ingest::SampleBatch& batch) {
  using Histogram = NativeFold::Histogram;
  std::vector<Histogram>& all = pending_histograms_;
  std::stable_sort(all.begin(), all.end(),
                   [](const Histogram& a, const Histogram& b) { return a.family < b.family; });
  const auto end = static_cast<std::uint32_t>(batch.samples.size());
  for (size_t i = 0; i < all.size(); ++i) {
    if (i == 0 || all[i].family != all[i - 1].family) {
      const auto at = static_cast<std::uint32_t>(i);
      batch.series.push_back({fold_.labels(all[i].family), end, end, at, at});
    }
    batch.histograms.push_back(std::move(all[i].sample));
    ++batch.series.back().histograms_end;
  }
  samples_ += all.size();
  all.clear();
}

Status BatchSink::Flush() {
  if (pending_.empty() && pending_histograms_.empty()) return Ok{};
  ingest::SampleBatch batch;
  BatchSamples(batch);
  BatchHistograms(batch);
  return consumer_(batch);
}

}  // namespace quell::simulator
