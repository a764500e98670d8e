// OpenMetricsParser: lines of OpenMetrics and of the Prometheus text format to a HistorySink.
//
// Cost: a line of the series before it costs one memcmp and two numbers; another known series
// one hash. Thread-compatible.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "ingest/history.h"
#include "ingest/series_table.h"

namespace quell::ingest {

class OpenMetricsParser {
 public:
  // Both must outlive the parser.
  OpenMetricsParser(HistorySink& sink, HistoryCounters& counters)
      : sink_(sink), counters_(counters) {}

  // Forgets the "# EOF" of the file before; series stay known.
  void BeginFile() { seen_eof_ = false; }

  // One line without its line feed. On error column() is the 1-based place in it.
  Status TakeLine(std::string_view line);
  [[nodiscard]] size_t column() const { return at_ + 1; }

 private:
  Status TakeComment(std::string_view line);
  Status TakeSample(std::string_view line);
  Status FindSeries(std::string_view line);
  Result<double> Value(std::string_view line);
  Result<TimeMs> Timestamp(std::string_view line);
  Status TakeRest(std::string_view line);
  void SkipBlanks(std::string_view line);

  HistorySink& sink_;
  HistoryCounters& counters_;
  SeriesTable table_;
  std::string last_text_;  // the series of the line before
  std::uint32_t series_ = HistorySink::kNoSeries;
  bool seen_eof_ = false;
  size_t at_ = 0;
};

// A number as Prometheus writes it at the front of `text`; 0 bytes used = none there.
size_t ParseNumber(std::string_view text, double& value);

}  // namespace quell::ingest
