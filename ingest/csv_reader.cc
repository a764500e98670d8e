#include "ingest/csv_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "ingest/history_files.h"
#include "ingest/label_text.h"
#include "ingest/openmetrics_parser.h"
#include "ingest/utf8.h"

namespace quell::ingest {
namespace {

constexpr double kMillisecondsAbove = 1e11;  // as seconds: the year 5138

Error Fail(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool IsTimeName(std::string_view name) {
  return name == "timestamp" || name == "time" || name == "ts" || name == "ts_ms";
}

// Epoch seconds or milliseconds, RFC 3339, or a date and time without a zone (taken as UTC).
Result<TimeMs> CellTime(std::string_view text) {
  double number = 0;
  if (const size_t used = ParseNumber(text, number); used > 0 && used == text.size()) {
    if (!(std::abs(number) < 253402300800000.0)) return ParseTime(text);
    return static_cast<TimeMs>(
        std::llround(std::abs(number) > kMillisecondsAbove ? number : number * 1000));
  }
  const bool has_zone =
      text.size() > 10 && text.find_first_of("Zz+-", 10) != std::string_view::npos;
  if (text.size() >= 19 && text[4] == '-' && !has_zone) return ParseTime(std::string(text) + 'Z');
  return ParseTime(text);
}

}  // namespace

void CsvReader::BeginFile() {
  columns_.clear();
  table_.Reset();
  last_key_.clear();
  known_ = SeriesTable();  // another file may have other columns
  last_series_ = HistorySink::kNoSeries;
}

Status CsvReader::EndFile() const {
  if (table_.InQuotes()) return Fail("the file ends inside a quoted field");
  if (columns_.empty()) return Fail("the header is missing");
  return Ok{};
}

Status CsvReader::TakeLine(std::string_view line, size_t& column) {
  column = 1;
  if (columns_.empty() && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  if (line.empty() && !table_.InQuotes()) return Ok{};
  const Result<bool> whole = table_.TakeLine(line);
  if (!whole.ok()) {
    column = table_.column();
    return whole.error();
  }
  if (!*whole) return Ok{};
  return columns_.empty() ? TakeHeader(column) : TakeRow(column);
}

Status CsvReader::TakeHeader(size_t& column) {
  bool has_time = false;
  bool has_value = false;
  std::vector<std::string> names;
  for (const CsvField& field : table_.fields()) {
    column = field.column;
    std::string name(Trim(field.text));
    if (name.empty()) return Fail("a column has no name");
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      return Fail("column " + Quoted(name) + " is there twice");
    }
    const std::string lower = Lower(name);
    Column made{Role::kLabel, name, HistorySink::kNoSeries};
    if (!has_time && IsTimeName(lower)) {
      made.role = Role::kTime;
      has_time = true;
      time_column_ = names.size();
    } else if (!has_value && lower == "value") {
      made.role = Role::kValue;
      has_value = true;
      value_column_ = names.size();
    } else if (lower == "metric" || name == kMetricName) {
      made.role = Role::kMetric;
    } else if (lower == "labels") {
      made.role = Role::kLabels;
    }
    names.push_back(std::move(name));
    columns_.push_back(std::move(made));
  }
  column = 1;
  if (!has_time) return Fail("there is no column timestamp, time, ts or ts_ms");
  wide_ = !has_value;
  return wide_ ? TakeWideHeader(column) : Status(Ok{});
}

Status CsvReader::TakeWideHeader(size_t& column) {
  if (columns_.size() < 2) return Fail("there is no column beside the timestamp");
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (i == time_column_) continue;
    size_t at = 0;
    const std::string_view text = columns_[i].name;
    Result<Labels> labels = ParseSeriesText(text, at);
    column = table_.fields()[i].column + at;
    if (!labels.ok()) return labels.error();
    if (at != text.size() || labels->MetricName().empty()) {
      return Fail("column " + Quoted(text) + " is neither a series like name{a=\"b\"} nor a value");
    }
    columns_[i].role = Role::kSeries;
    columns_[i].series = sink_.Series(*labels);
    if (columns_[i].series != HistorySink::kNoSeries) ++counters_.series;
  }
  return Ok{};
}

Status CsvReader::AddCell(std::uint32_t series, TimeMs time, const CsvField& field) {
  const std::string_view text = Trim(field.text);
  if (text.empty()) return Ok{};
  if (series == HistorySink::kNoSeries) {
    ++counters_.skipped_samples;
    return Ok{};
  }
  double value = 0;
  if (ParseNumber(text, value) != text.size()) {
    return Fail("expected a number, not " + Quoted(text, 60));
  }
  ++counters_.samples;
  return sink_.Add(series, time, value);
}

Status CsvReader::TakeRow(size_t& column) {
  const std::vector<CsvField>& fields = table_.fields();
  if (fields.size() != columns_.size()) {
    return Fail("the row has " + std::to_string(fields.size()) + " fields, the header " +
                std::to_string(columns_.size()));
  }
  column = fields[time_column_].column;
  QUELL_ASSIGN(const TimeMs time, CellTime(Trim(fields[time_column_].text)));
  if (!wide_) {
    QUELL_ASSIGN(const std::uint32_t series, RowSeries(column));
    column = fields[value_column_].column;
    return AddCell(series, time, fields[value_column_]);
  }
  for (size_t i = 0; i < columns_.size(); ++i) {
    column = fields[i].column;
    if (i != time_column_) QUELL_TRY(AddCell(columns_[i].series, time, fields[i]));
  }
  return Ok{};
}

// The row's label cells, length-prefixed, are the key: labels are built once a combination.
Result<std::uint32_t> CsvReader::RowSeries(size_t& column) {
  key_ = '.';  // never empty
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (i == time_column_ || i == value_column_) continue;
    const std::string_view text = table_.fields()[i].text;
    key_ += std::to_string(text.size());
    key_ += ':';
    key_ += text;
  }
  if (key_ == last_key_) return last_series_;
  if (const auto known = known_.Find(key_)) {
    last_series_ = *known;
  } else {
    QUELL_ASSIGN(const Labels labels, RowLabels(column));
    last_series_ = sink_.Series(labels);
    if (last_series_ != HistorySink::kNoSeries) ++counters_.series;
    QUELL_TRY(known_.Insert(key_, last_series_));
  }
  last_key_ = key_;
  return last_series_;
}

Result<Labels> CsvReader::RowLabels(size_t& column) const {
  std::vector<Label> out;
  const auto add = [&out](std::string_view name, std::string_view value) -> Status {
    if (!IsValidUtf8(name) || !IsValidUtf8(value)) {
      return Fail("label " + Quoted(name) + " is not valid UTF-8");
    }
    const bool repeated = std::any_of(out.begin(), out.end(),
                                      [name](const Label& label) { return label.name == name; });
    if (repeated) return Fail("label " + Quoted(name) + " is given twice");
    if (!value.empty()) out.push_back({std::string(name), std::string(value)});
    return Ok{};
  };
  for (size_t i = 0; i < columns_.size(); ++i) {
    const CsvField& field = table_.fields()[i];
    column = field.column;
    switch (columns_[i].role) {
      case Role::kMetric:
        QUELL_TRY(add(kMetricName, field.text));
        break;
      case Role::kLabel:
        QUELL_TRY(add(columns_[i].name, field.text));
        break;
      case Role::kLabels: {
        size_t at = 0;
        const Result<Labels> list = ParseLabelList(field.text, at);
        column += at;
        if (!list.ok()) return list.error();
        for (const Label& label : *list) QUELL_TRY(add(label.name, label.value));
        break;
      }
      default:
        break;
    }
  }
  Labels labels(std::move(out));
  if (labels.MetricName().empty()) labels.Set(kMetricName, "value");
  return labels;
}

Result<HistoryCounters> ReadCsv(const std::string& path, HistorySink& sink) {
  HistoryCounters counters;
  CsvReader reader(sink, counters);
  LineHandler handler;
  handler.on_file_begin = [&reader]() -> Status {
    reader.BeginFile();
    return Ok{};
  };
  handler.on_line = [&reader](std::string_view line, size_t& column) {
    return reader.TakeLine(line, column);
  };
  handler.on_file_end = [&reader] { return reader.EndFile(); };
  QUELL_TRY(ReadLines(path, handler, sink, counters));
  return counters;
}

}  // namespace quell::ingest
