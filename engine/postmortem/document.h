// Document: a draft in words and tables, before a format gives it its marks. Pure.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "engine/postmortem/recorded.h"

namespace quell::postmortem {

// What nothing recorded can say.
inline constexpr std::array<std::string_view, 5> kToWrite = {
    "Root cause and contributing causes", "What went well", "What went badly",
    "Where we were lucky", "Follow-ups (what, who, by when)"};

struct Block {
  enum class Kind : std::uint8_t { kHeading, kText, kList, kTable, kOpen };
  Kind kind = Kind::kText;                          // kOpen: for people to write
  std::string text = {};                            // kHeading, kText
  std::vector<std::string> items = {};              // kList
  std::vector<std::vector<std::string>> rows = {};  // kTable, the head first
};

struct Document {
  std::string title;
  std::vector<Block> blocks;
};

Document DocumentOf(const Json& draft);

}  // namespace quell::postmortem
