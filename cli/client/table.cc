#include "cli/client/table.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace quell::cli {
namespace {

constexpr std::string_view kCutMark = "…";
constexpr std::string_view kGap = "  ";
constexpr char32_t kNone = 0xFFFFFFFF;

struct Range {
  char32_t first, last;
};

bool In(char32_t c, const auto& ranges) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

// Line ends, marks of direction, what has no width, tags and what is for interlinear notes.
constexpr std::array<Range, 10> kTurning = {{{0xAD, 0xAD},
                                             {0x61C, 0x61C},
                                             {0x180E, 0x180E},
                                             {0x200B, 0x200F},
                                             {0x2028, 0x202E},
                                             {0x2060, 0x206F},
                                             {0xFE00, 0xFE0F},
                                             {0xFEFF, 0xFEFF},
                                             {0xFFF9, 0xFFFB},
                                             {0xE0000, 0xE0FFF}}};

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

// The character at the front and its bytes; kNone and one byte where it is no UTF-8.
std::pair<char32_t, size_t> Next(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {kNone, 1};
  char32_t c = lead & (0x7FU >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {kNone, 1};
    c = c << 6U | (byte(i) & 0x3FU);
  }
  const bool overlong = (size == 3 && c < 0x800) || (size == 4 && c < 0x10000);
  if (overlong || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return {kNone, 1};
  return {c, size};
}

std::string Escaped(const char* format, std::uint32_t number) {
  std::array<char, 16> out{};
  std::snprintf(out.data(), out.size(), format, number);
  return out.data();
}

std::string Shown(char32_t c, std::string_view bytes) {
  if (c == kNone) return Escaped("\\x%02x", static_cast<unsigned char>(bytes[0]));
  if (c == '\n') return "\\n";
  if (c == '\t') return "\\t";
  if (c < 0x20 || c == 0x7F) return Escaped("\\x%02x", c);
  if ((c >= 0x80 && c < 0xA0) || In(c, kTurning)) return Escaped("\\u{%x}", c);
  return std::string(bytes);
}

size_t WidthOf(char32_t c) { return In(c, kWide) ? 2 : 1; }

}  // namespace

std::string Inert(std::string_view text, size_t length_max) {
  std::string out;
  size_t length = 0;
  for (size_t at = 0; at < text.size(); ++length) {
    if (length == length_max) return out + std::string(kCutMark);
    const auto [c, size] = Next(text.substr(at));
    out += Shown(c, text.substr(at, size));
    at += size;
  }
  return out;
}

size_t WidthOf(std::string_view text) {
  size_t width = 0;
  for (size_t at = 0; at < text.size();) {
    const auto [c, size] = Next(text.substr(at));
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
    const auto [c, size] = Next(text.substr(at));
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
