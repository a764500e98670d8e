// A Prometheus server's history, window by window, into a sink.
#include <algorithm>
#include <unordered_map>

#include "ingest/history.h"
#include "ingest/prometheus_reader.h"
#include "ingest/window_size.h"

namespace quell::ingest {
namespace {

constexpr DurationMs kWindowMinMs = kMinuteMs;
constexpr std::uint64_t kWindowSamplesMax = 64U << 20U;  // 1 GiB; a larger window is halved

class Delivery {
 public:
  explicit Delivery(HistorySink& sink) : sink_(sink) {}

  Status Deliver(const SampleBatch& batch, HistoryCounters& counters) {
    for (const SampleBatch::Series& series : batch.series) {
      auto at = handles_.find(series.labels);
      if (at == handles_.end()) {
        const std::uint32_t handle = sink_.Series(series.labels);
        if (handle != HistorySink::kNoSeries) ++counters.series;
        at = handles_.emplace(series.labels, handle).first;
      }
      if (at->second == HistorySink::kNoSeries) {
        counters.skipped_samples += series.end - series.begin;
        continue;
      }
      for (std::uint32_t i = series.begin; i < series.end; ++i) {
        QUELL_TRY(sink_.Add(at->second, batch.samples[i].time, batch.samples[i].value));
        ++counters.samples;
      }
    }
    return Ok{};
  }

 private:
  HistorySink& sink_;
  std::unordered_map<Labels, std::uint32_t, LabelsHash> handles_;
};

}  // namespace

Result<HistoryCounters> ReadPrometheus(const PrometheusSource& source, HistorySink& sink) {
  Result<Selector> selector = Selector::Parse(source.selector);
  if (!selector.ok()) return WithContext(selector.error(), "selector");
  if (source.start >= source.end) {
    return MakeError(
        ErrorCode::kInvalidArgument,
        "start " + FormatRfc3339(source.start) + " is not before end " + FormatRfc3339(source.end));
  }
  if (source.chunk_ms < kWindowMinMs || source.step_ms <= 0) {
    return MakeError(ErrorCode::kInvalidArgument, "chunk is at least 1m and step above 0, not " +
                                                      FormatDuration(source.chunk_ms) + " and " +
                                                      FormatDuration(source.step_ms));
  }
  PrometheusReader reader({source.url, "", ""}, *std::move(selector), source.step_ms,
                          kWindowSamplesMax, nullptr);
  HistoryCounters counters;
  Delivery delivery(sink);
  WindowSize window(source.chunk_ms, kWindowMinMs, source.chunk_ms);
  TimeMs at = source.start;
  while (at < source.end) {
    const TimeMs end = std::min(source.end, at + window.get());
    const Result<SampleBatch> batch = reader.Fetch(at, end);
    if (!batch.ok()) {
      const bool too_large = batch.error().code == ErrorCode::kResourceExhausted;
      if (too_large && window.Halve(end - at)) continue;
      return batch.error();
    }
    QUELL_TRY(delivery.Deliver(*batch, counters));
    window.Succeeded(true);
    at = end;
    counters.bytes = reader.bytes();
    counters.histogram_chunks = reader.histogram_chunks();
    sink.Progress(static_cast<std::uint64_t>(at - source.start),
                  static_cast<std::uint64_t>(source.end - source.start));
  }
  return counters;
}

}  // namespace quell::ingest
