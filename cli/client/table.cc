#include "cli/client/table.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

namespace quell::cli {
namespace {

constexpr std::string_view kCutMark = "…";
constexpr std::string_view kGap = "  ";

struct Range {
  char32_t first, last;
};

bool In(char32_t c, const auto& ranges) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

// Unicode's East_Asian_Width W and F, by block.
constexpr std::array<Range, 9> kWide = {{{0x1100, 0x115F},
                                         {0x2E80, 0xA4CF},
                                         {0xAC00, 0xD7A3},
                                         {0xF900, 0xFAFF},
                                         {0xFE30, 0xFE6F},
                                         {0xFF00, 0xFF60},
                                         {0xFFE0, 0xFFE6},
                                         {0x1F300, 0x1FAFF},
                                         {0x20000, 0x3FFFD}}};

size_t WidthOf(char32_t c) { return In(c, kWide) ? 2 : 1; }

}  // namespace

size_t WidthOf(std::string_view text) {
  size_t width = 0;
  for (size_t at = 0; at < text.size();) {
    const auto [c, size] = FirstCharacter(text.substr(at));
    width += WidthOf(c);
    at += size;
  }
  return width;
}

std::string CutTo(std::string_view text, size_t width) {
  if (WidthOf(text) <= width) return std::string(text);
  size_t taken = 1;  // the mark
  size_t at = 0;
  while (at < text.size()) {
    const auto [c, size] = FirstCharacter(text.substr(at));
    if (taken + WidthOf(c) > width) break;
    taken += WidthOf(c);
    at += size;
  }
  return std::string(text.substr(0, at)) + (width > 0 ? std::string(kCutMark) : "");
}

void Table::Add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = CutTo(Inert(cell, kCellMost), kCellMost);
  rows_.push_back(std::move(cells));
}

std::vector<size_t> Table::Widths(size_t width) const {
  std::vector<size_t> widths;
  size_t total = kGap.size() * (columns_.size() - 1);
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t most = WidthOf(columns_[i].title);
    for (const auto& row : rows_) most = std::max(most, WidthOf(row[i]));
    widths.push_back(most);
    total += most;
  }
  while (width > 0 && total > width) {
    size_t widest = columns_.size();
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].fit != Fit::kCut || widths[i] <= kCellLeast) continue;
      if (widest == columns_.size() || widths[i] > widths[widest]) widest = i;
    }
    if (widest == columns_.size()) break;
    --widths[widest];
    --total;
  }
  return widths;
}

std::string Table::Render(size_t width, std::string_view indent) const {
  const std::vector<size_t> widths = Widths(width == 0              ? 0
                                            : width > indent.size() ? width - indent.size()
                                                                    : 1);
  std::string out;
  const auto line = [&](const auto& cell) {
    std::string text(indent);
    for (size_t i = 0; i < columns_.size(); ++i) {
      const std::string shown = CutTo(cell(i), widths[i]);
      const std::string blanks(widths[i] - std::min(widths[i], WidthOf(shown)), ' ');
      text += columns_[i].fit == Fit::kRight ? blanks + shown : shown + blanks;
      text += kGap;
    }
    out += text.substr(0, text.find_last_not_of(' ') + 1) + '\n';
  };
  line([&](size_t i) { return columns_[i].title; });
  for (const auto& row : rows_) line([&](size_t i) { return row[i]; });
  return out;
}

size_t TerminalWidth() {
  constexpr size_t kLeast = 20;
  constexpr size_t kMost = 1000;
  if (const char* columns = std::getenv("COLUMNS")) {
    const auto given = static_cast<size_t>(std::strtoul(columns, nullptr, 10));
    if (given >= kLeast && given <= kMost) return given;
  }
  winsize size{};
  if (::isatty(STDOUT_FILENO) == 0 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col == 0 ? 0 : std::clamp<size_t>(size.ws_col, kLeast, kMost);
}

}  // namespace quell::cli
