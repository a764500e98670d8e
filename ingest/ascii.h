// Classes of ASCII characters, without a locale.
#pragma once

namespace quell::ingest {

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool IsAlnum(char c) { return IsDigit(c) || IsLetter(c); }
constexpr char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
// Part of a character beyond ASCII, in UTF-8.
constexpr bool IsForeign(char c) { return static_cast<unsigned char>(c) >= 0x80; }
// What may stand between the groups of a printed number.
constexpr bool IsGroupSeparator(char c) { return c == ' ' || c == '-' || c == '.' || c == '_'; }

}  // namespace quell::ingest
