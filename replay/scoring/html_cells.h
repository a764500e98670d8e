// Cells of sortable tables.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace quell::replay {

inline constexpr const char* kDash = "\xE2\x80\x93";

using Column = std::pair<const char*, const char*>;  // words, and what they mean
std::string TableHead(const std::vector<Column>& columns);
// A cell that sorts by `key`.
std::string NumberCell(const std::string& text, double key);
// A share with its bar; a dash where there is nothing it is a share of.
std::string ShareCell(double share, int of);
std::string ShareOrDash(double share, int of);
std::string SpanOrDash(double seconds, int of);

}  // namespace quell::replay
