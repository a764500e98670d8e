// CsvReader: the columns of one CSV layout (long or wide) to a HistorySink, line by line.
//
// Thread-compatible. ReadCsv in history.h is the way in for files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "ingest/csv_table.h"
#include "ingest/history.h"
#include "ingest/series_table.h"

namespace quell::ingest {

class CsvReader {
 public:
  CsvReader(HistorySink& sink, HistoryCounters& counters) : sink_(sink), counters_(counters) {}

  void BeginFile();
  // kInvalidArgument with the 1-based column.
  Status TakeLine(std::string_view line, size_t& column);
  Status EndFile() const;

 private:
  enum class Role : std::uint8_t { kTime, kValue, kMetric, kLabels, kLabel, kSeries };
  struct Column {
    Role role = Role::kLabel;
    std::string name;
    std::uint32_t series = HistorySink::kNoSeries;  // wide form
  };

  Status TakeHeader(size_t& column);
  Status TakeWideHeader(size_t& column);
  Status TakeRow(size_t& column);
  Status AddCell(std::uint32_t series, TimeMs time, const CsvField& field);
  Result<std::uint32_t> RowSeries(size_t& column);
  Result<Labels> RowLabels(size_t& column) const;

  HistorySink& sink_;
  HistoryCounters& counters_;
  CsvTable table_;
  std::vector<Column> columns_;  // empty until the header
  size_t time_column_ = 0;
  size_t value_column_ = 0;  // long form
  bool wide_ = false;
  SeriesTable known_;  // long form: the label cells of a row
  std::string key_;    // scratch
  std::string last_key_;
  std::uint32_t last_series_ = HistorySink::kNoSeries;
};

}  // namespace quell::ingest
