// BatchSink: scrapes into SampleBatches of bounded size, in time order.
#pragma once

#include <functional>

#include "ingest/sample.h"
#include "replay/simulator/sink.h"

namespace quell::simulator {

class BatchSink final : public Sink {
 public:
  using Consumer = std::function<Status(const ingest::SampleBatch&)>;
  // Batches hold at most `samples_max` samples (> 0). Staleness markers are passed on.
  BatchSink(size_t samples_max, Consumer consumer)
      : samples_max_(samples_max), consumer_(std::move(consumer)) {}

  Status Accept(const ScrapeView& scrape, const SeriesTable& table) override;
  Status Flush();  // the last, smaller batch; call it after the run
  [[nodiscard]] std::uint64_t samples() const { return samples_; }

 private:
  struct Pending {
    std::uint32_t series;
    ingest::Sample sample;
  };
  size_t samples_max_;
  Consumer consumer_;
  const SeriesTable* table_ = nullptr;
  std::vector<Pending> pending_;
  std::uint64_t samples_ = 0;
};

}  // namespace quell::simulator
