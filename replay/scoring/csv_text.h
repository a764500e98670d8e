// CSV as RFC 4180 has it, row by row, each field with its place for errors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace quell::replay {

struct CsvField {
  std::string text;   // unquoted; spaces around an unquoted field are cut off
  size_t offset = 0;  // of its first byte
};
using CsvRow = std::vector<CsvField>;

// Borrows `text`.
class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  [[nodiscard]] bool AtEnd() const { return pos_ >= text_.size(); }
  Result<CsvRow> ReadRow();
  // kInvalidArgument "name:line:column: message".
  [[nodiscard]] Error ErrorAt(size_t offset, const std::string& message) const;

 private:
  Result<CsvField> ReadField();

  std::string_view text_;
  std::string name_;
  size_t pos_ = 0;
};

// True for a line without anything in it.
bool IsBlank(const CsvRow& row);

}  // namespace quell::replay
