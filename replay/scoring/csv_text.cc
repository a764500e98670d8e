#include "replay/scoring/csv_text.h"

#include <algorithm>

#include "replay/scoring/json_document.h"

namespace quell::replay {

Result<CsvRow> CsvReader::ReadRow() {
  CsvRow row;
  while (true) {
    QUELL_ASSIGN(CsvField field, ReadField());
    row.push_back(std::move(field));
    if (AtEnd() || text_[pos_] != ',') break;
    ++pos_;
  }
  if (!AtEnd() && text_[pos_] == '\r') ++pos_;
  if (!AtEnd() && text_[pos_] == '\n') ++pos_;
  return row;
}

Error CsvReader::ErrorAt(size_t offset, const std::string& message) const {
  return MakeError(ErrorCode::kInvalidArgument, PlaceInText(name_, text_, offset) + ": " + message);
}

Result<CsvField> CsvReader::ReadField() {
  CsvField field{.text = {}, .offset = pos_};
  if (AtEnd() || text_[pos_] != '"') {
    while (!AtEnd() && text_[pos_] != ',' && text_[pos_] != '\n' && text_[pos_] != '\r') {
      field.text += text_[pos_++];
    }
    const size_t first = std::min(field.text.find_first_not_of(" \t"), field.text.size());
    field.text.erase(0, first);
    field.text.erase(field.text.find_last_not_of(" \t") + 1);
    field.offset += first;
    return field;
  }
  for (++pos_;; ++pos_) {
    if (AtEnd()) return ErrorAt(field.offset, "the quoted field has no closing quote");
    if (text_[pos_] == '"') {
      if (pos_ + 1 >= text_.size() || text_[pos_ + 1] != '"') break;
      ++pos_;
    }
    field.text += text_[pos_];
  }
  ++pos_;
  if (!AtEnd() && text_[pos_] != ',' && text_[pos_] != '\n' && text_[pos_] != '\r') {
    return ErrorAt(pos_, "text after a closing quote; write \"\" for a quote inside a field");
  }
  return field;
}

bool IsBlank(const CsvRow& row) {
  return row.size() == 1 && row[0].text.find_first_not_of(" \t") == std::string::npos;
}

}  // namespace quell::replay
