// BatchSink: scrapes into SampleBatches of bounded size, in time order.
#pragma once

#include <functional>
#include <vector>

#include "ingest/sample.h"
#include "replay/simulator/native_fold.h"
#include "replay/simulator/sink.h"

namespace quell::simulator {

enum class HistogramForm : std::uint8_t { kClassic, kNative };

class BatchSink final : public Sink {
 public:
  using Consumer = std::function<Status(const ingest::SampleBatch&)>;
  // Batches hold at most `samples_max` samples (> 0), native histograms included. Staleness markers
  // are passed on.
  BatchSink(size_t samples_max, Consumer consumer, HistogramForm form = HistogramForm::kClassic)
      : samples_max_(samples_max), consumer_(std::move(consumer)), form_(form) {}

  Status Accept(const ScrapeView& scrape, const SeriesTable& table) override;
  Status Flush();  // the last, smaller batch; call it after the run
  [[nodiscard]] std::uint64_t samples() const { return samples_; }

 private:
  struct Pending {
    std::uint32_t series;
    ingest::Sample sample;
  };
  Status FlushIfFull();
  void BatchSamples(ingest::SampleBatch& batch);
  void BatchHistograms(ingest::SampleBatch& batch);

  size_t samples_max_;
  Consumer consumer_;
  HistogramForm form_;
  const SeriesTable* table_ = nullptr;
  std::vector<Pending> pending_;
  NativeFold fold_;
  std::vector<NativeFold::Histogram> pending_histograms_;
  std::uint64_t samples_ = 0;
};

}  // namespace quell::simulator
