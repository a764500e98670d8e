// Inert: text of others as a terminal or a page shows it and does not obey it. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace quell {

inline constexpr char32_t kNoCharacter = 0xFFFFFFFF;

// The character at the front and its bytes; kNoCharacter and one byte where it is no UTF-8. The
// text is not empty.
std::pair<char32_t, size_t> FirstCharacter(std::string_view text);

// Control characters (C0, C1, DEL), marks that turn or hide text (bidirectional, zero-width, tags)
// and bytes that are no UTF-8 become \n, \t, \x1b or \u{202e}. At most `length_max` characters,
// then "…".
std::string Inert(std::string_view text, size_t length_max = 1000);

}  // namespace quell
