// The shape of C++ text, by counting braces: good enough for clang-format's output.
#pragma once

#include <string>
#include <vector>

namespace quell::style {

// The text with comments and the insides of literals blanked; lines stay where they are.
std::string WithoutCommentsAndLiterals(const std::string& text);
// The text with literals blanked and comments kept.
std::string WithoutLiterals(const std::string& text);

struct Function {
  std::string head;  // its text before the brace
  size_t line = 0;   // 1-based, where the head begins
  size_t lines = 0;  // from there to the closing brace
};
// Functions at namespace and class level. Expects WithoutCommentsAndLiterals' output.
std::vector<Function> Functions(const std::string& code);

}  // namespace quell::style
