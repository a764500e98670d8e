// Tables for people; the text of others is made inert (core/inert.h).
//
// Pure. Widths are columns of a terminal: two for the wide East Asian blocks and emoji, else one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/inert.h"

namespace quell::cli {

// Columns that the text takes. Of inert text.
size_t WidthOf(std::string_view text);

// The text in at most `width` columns, the last of which is "…" where it was cut.
std::string CutTo(std::string_view text, size_t width);

class Table {
 public:
  enum class Fit { kWhole, kCut, kRight };  // kCut: made narrower first; kRight: numbers, whole
  struct Column {
    std::string title;
    Fit fit = Fit::kWhole;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // Cells are made inert; missing ones are empty.
  void Add(std::vector<std::string> cells);
  [[nodiscard]] bool empty() const { return rows_.empty(); }

  // Lines with a head; `width` 0 = as wide as it takes, cells of 200 columns at most. What is kCut
  // gives way until the whole fits or has kCellLeast columns.
  [[nodiscard]] std::string Render(size_t width, std::string_view indent = "") const;

  static constexpr size_t kCellMost = 200;
  static constexpr size_t kCellLeast = 8;

 private:
  [[nodiscard]] std::vector<size_t> Widths(size_t width) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Columns of the terminal that stdout is, or what COLUMNS says; 0 where neither is known.
size_t TerminalWidth();

}  // namespace quell::cli
