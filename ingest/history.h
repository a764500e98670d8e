// History readers: OpenMetrics / Prometheus text, CSV, a Prometheus server. For replay and
// backfill.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "ingest/sample.h"

namespace quell::ingest {

// Where samples go while a source is read. Implementations: the replay's in-memory series table.
class HistorySink {
 public:
  virtual ~HistorySink() = default;
  // A series handle; asked once per distinct series *text*, so equal labels may be asked again
  // (the sink returns the same handle). kNoSeries = not wanted: skip its samples.
  static constexpr std::uint32_t kNoSeries = 0xFFFFFFFFU;
  virtual std::uint32_t Series(const Labels& labels) = 0;
  virtual Status Add(std::uint32_t series, TimeMs time,
                     double value) = 0;  // kResourceExhausted: stop
  virtual void Progress(std::uint64_t bytes_done, std::uint64_t bytes_total) {
    (void)bytes_done, (void)bytes_total;
  }
};

struct HistoryCounters {
  std::uint64_t files = 0, bytes = 0, series = 0, samples = 0, skipped_samples = 0,
                exemplars_dropped = 0, histogram_chunks = 0;  // native, left out
};

// A file or a folder of files (sorted by name); `.gz` and `.zst` by content. Timestamps are
// seconds (OpenMetrics) or, where they are integers above 1e11 (as seconds: the year 5138),
// milliseconds (Prometheus text format, promtool's dumps). Samples without a timestamp are an
// error naming file:line:column, as is every malformed line. Native histograms are skipped.
Result<HistoryCounters> ReadOpenMetrics(const std::string& path, HistorySink& sink);

// CSV with a header. Long form: columns `timestamp` (or `time`, `ts`, `ts_ms`), `value`, and any
// label columns (`metric` or `__name__` = the metric name; `labels` = a="b",c="d"). Wide form:
// a timestamp column and one column a series, headed by a selector-like name (metric{a="b"} or a
// bare name). Epoch seconds, epoch milliseconds (above 1e11) or RFC 3339 (without a zone: UTC).
// Empty cell = no sample. In the long form a row without a metric name belongs to "value".
Result<HistoryCounters> ReadCsv(const std::string& path, HistorySink& sink);

struct PrometheusSource {
  std::string url;  // http://host:9090
  std::string selector = "{__name__=~\".+\"}";
  TimeMs start = 0, end = 0;            // required: start < end
  DurationMs step_ms = 30 * kSecondMs;  // for the query_range fallback
  DurationMs chunk_ms = 2 * kHourMs;    // per request
};
// Samples in [start, end). Remote read (streamed XOR chunks, else samples), else a range selector
// on the query API, else query_range, which resamples; a log line says which way was taken.
// Windows that a server's limits refuse are halved and grow back. Progress counts milliseconds of the range.
Result<HistoryCounters> ReadPrometheus(const PrometheusSource& source, HistorySink& sink);

}  // namespace quell::ingest
