#include "ingest/history_files.h"
#include "ingest/openmetrics_parser.h"

namespace quell::ingest {

Result<HistoryCounters> ReadOpenMetrics(const std::string& path, HistorySink& sink) {
  HistoryCounters counters;
  OpenMetricsParser parser(sink, counters);
  LineHandler handler;
  handler.on_file_begin = [&parser]() -> Status {
    parser.BeginFile();
    return Ok{};
  };
  handler.on_line = [&parser](std::string_view line, size_t& column) {
    Status taken = parser.TakeLine(line);
    if (!taken.ok()) column = parser.column();
    return taken;
  };
  handler.on_file_end = []() -> Status { return Ok{}; };
  QUELL_TRY(ReadLines(path, handler, sink, counters));
  return counters;
}

}  // namespace quell::ingest
