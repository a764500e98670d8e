#include "replay/scoring/html_text.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace quell::replay {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// The length of the UTF-8 character at the front and its code point; length 0 where invalid.
struct Character {
  size_t length = 0;
  std::uint32_t code = 0;
};

Character Decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {.length = 1, .code = lead};
  size_t length = 0;
  std::uint32_t code = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
    code = lead & 0x1FU;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    code = lead & 0x0FU;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    code = lead & 0x07U;
  }
  if (length == 0 || text.size() < length) return {};
  for (size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80U) return {};
    code = code << 6U | (next & 0x3FU);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (overlong || surrogate || code > 0x10FFFF) return {};
  return {.length = length, .code = code};
}

bool IsHarmful(std::uint32_t code) {
  const bool control =
      (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code < 0xA0);
  const bool direction = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
                         code == 0x200E || code == 0x200F;
  return control || direction;
}

}  // namespace

std::string EscapeHtml(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const Character next = Decode(text);
    const size_t length = next.length == 0 ? 1 : next.length;
    if (next.length == 0 || IsHarmful(next.code)) {
      out += kReplacement;
    } else if (next.code == '&') {
      out += "&amp;";
    } else if (next.code == '<') {
      out += "&lt;";
    } else if (next.code == '>') {
      out += "&gt;";
    } else if (next.code == '"') {
      out += "&quot;";
    } else if (next.code == '\'') {
      out += "&#39;";
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return out;
}

std::string Element(std::string_view tag, std::string_view css, std::string_view text) {
  std::string out = "<" + std::string(tag);
  if (!css.empty()) out += " class=\"" + std::string(css) + '"';
  return out + '>' + EscapeHtml(text) + "</" + std::string(tag) + '>';
}

std::string Pixel(double value) {
  std::array<char, 64> out{};
  const double finite = std::isfinite(value) ? std::fmin(1e6, std::fmax(-1e6, value)) : 0.0;
  std::snprintf(out.data(), out.size(), "%.1f", finite);
  std::string text = out.data();
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

}  // namespace quell::replay
