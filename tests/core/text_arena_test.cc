#include "core/text_arena.h"

#include <catch2/catch.hpp>
#include <string>

namespace quell {
namespace {

TEST_CASE("texts of an arena stay what they were, whatever comes after them, and when it moves") {
  TextArena arena;
  std::vector<std::string> given;
  std::vector<std::string_view> kept;
  for (size_t i = 0; i < 3000; ++i) {
    // One is longer than a block.
    given.push_back(std::string(i == 1000 ? 3U << 20U : i % 1500, static_cast<char>('a' + i % 26)));
    kept.push_back(arena.Add(given.back()));
  }
  const TextArena moved = std::move(arena);
  for (size_t i = 0; i < given.size(); ++i) REQUIRE(kept[i] == given[i]);
}

}  // namespace
}  // namespace quell
