#include "core/inert.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace quell {
namespace {

struct Range {
  char32_t first, last;
};

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

bool Turns(char32_t c) {
  return std::any_of(kTurning.begin(), kTurning.end(),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

std::string Escaped(const char* format, std::uint32_t number) {
  std::array<char, 16> out{};
  std::snprintf(out.data(), out.size(), format, number);
  return out.data();
}

std::string Shown(char32_t c, std::string_view bytes) {
  if (c == kNoCharacter) return Escaped("\\x%02x", static_cast<unsigned char>(bytes[0]));
  if (c == '\n') return "\\n";
  if (c == '\t') return "\\t";
  if (c < 0x20 || c == 0x7F) return Escaped("\\x%02x", c);
  if ((c >= 0x80 && c < 0xA0) || Turns(c)) return Escaped("\\u{%x}", c);
  return std::string(bytes);
}

}  // namespace

std::pair<char32_t, size_t> FirstCharacter(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {kNoCharacter, 1};
  char32_t c = lead & (0x7FU >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {kNoCharacter, 1};
    c = c << 6U | (byte(i) & 0x3FU);
  }
  const bool overlong = (size == 3 && c < 0x800) || (size == 4 && c < 0x10000);
  if (overlong || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return {kNoCharacter, 1};
  return {c, size};
}

std::string Inert(std::string_view text, size_t length_max) {
  std::string out;
  size_t length = 0;
  for (size_t at = 0; at < text.size(); ++length) {
    if (length == length_max) return out + "…";
    const auto [c, size] = FirstCharacter(text.substr(at));
    out += Shown(c, text.substr(at, size));
    at += size;
  }
  return out;
}

}  // namespace quell
