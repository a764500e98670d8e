// HTML as text: everything that came from a file or a series goes through EscapeHtml.
#pragma once

#include <string>
#include <string_view>

namespace quell::replay {

// Safe in text and in quoted attributes. Control characters and invalid UTF-8 become U+FFFD;
// so do the marks that turn the direction of writing around.
std::string EscapeHtml(std::string_view text);

// `<tag class="css">escaped text</tag>`.
std::string Element(std::string_view tag, std::string_view css, std::string_view text);

// Coordinates and lengths: one decimal, no trailing ".0".
std::string Pixel(double value);

}  // namespace quell::replay
