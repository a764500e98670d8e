#include "ingest/csv_table.h"

#include "ingest/line_source.h"

namespace quell::ingest {

Result<bool> CsvTable::TakeLine(std::string_view line) {
  fields_.clear();
  if (pending_.empty() && line.find('"') == std::string_view::npos) {
    size_t begin = 0;
    for (;;) {
      const size_t comma = line.find(',', begin);
      fields_.push_back({line.substr(begin, comma - begin), begin + 1});
      if (comma == std::string_view::npos) return true;
      begin = comma + 1;
    }
  }
  if (!pending_.empty()) pending_ += '\n';
  pending_ += line;
  if (pending_.size() > kLineBytesMax) {
    return MakeError(ErrorCode::kResourceExhausted,
                     "a record is longer than " + std::to_string(kLineBytesMax) + " bytes");
  }
  record_ = pending_;
  QUELL_ASSIGN(const bool whole, SplitQuoted(record_));
  if (whole) pending_.clear();
  return whole;
}

Result<bool> CsvTable::SplitQuoted(std::string_view record) {
  unquoted_.clear();
  unquoted_.reserve(record.size());  // the views below must stay where they are
  size_t at = 0;
  for (;;) {
    const size_t column = at + 1;
    if (at >= record.size() || record[at] != '"') {
      const size_t comma = record.find(',', at);
      const std::string_view text = record.substr(at, comma - at);
      if (const size_t quote = text.find('"'); quote != std::string_view::npos) {
        column_ = at + quote + 1;
        return MakeError(ErrorCode::kInvalidArgument, "a quote inside an unquoted field");
      }
      fields_.push_back({text, column});
      if (comma == std::string_view::npos) return true;
      at = comma + 1;
      continue;
    }
    const size_t begin = unquoted_.size();
    for (++at;; ++at) {
      if (at >= record.size()) return false;
      if (record[at] != '"') {
        unquoted_ += record[at];
      } else if (at + 1 < record.size() && record[at + 1] == '"') {
        unquoted_ += record[at++];
      } else {
        break;
      }
    }
    fields_.push_back({std::string_view(unquoted_).substr(begin), column});
    if (++at >= record.size()) return true;
    if (record[at] != ',') {
      column_ = at + 1;
      return MakeError(ErrorCode::kInvalidArgument, "expected , after a quoted field");
    }
    ++at;
  }
}

}  // namespace quell::ingest
