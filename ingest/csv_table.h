// CSV records (RFC 4180: quoted fields, doubled quotes, line feeds inside quotes) from lines.
//
// Thread-compatible; the fields are valid until the next line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace quell::ingest {

struct CsvField {
  std::string_view text;  // without quotes
  size_t column = 1;      // where it begins in its (first) line, 1-based
};

class CsvTable {
 public:
  // True once a record is whole, false while a quoted field goes on in the next line.
  // kInvalidArgument with column() for a stray quote; kResourceExhausted for an endless record.
  Result<bool> TakeLine(std::string_view line);
  [[nodiscard]] const std::vector<CsvField>& fields() const { return fields_; }
  [[nodiscard]] size_t column() const { return column_; }
  // An open quote at the end of the file is an error.
  [[nodiscard]] bool InQuotes() const { return !pending_.empty(); }
  void Reset() { pending_.clear(); }

 private:
  Result<bool> SplitQuoted(std::string_view record);

  std::vector<CsvField> fields_;
  std::string pending_;  // the lines of an unfinished record
  std::string record_;   // the finished record that fields_ may point into
  std::string unquoted_;
  size_t column_ = 1;
};

}  // namespace quell::ingest
