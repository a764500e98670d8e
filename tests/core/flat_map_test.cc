#include "core/flat_map.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

namespace quell {
namespace {

TEST_CASE("keys that differ in their high bits alone do not crowd one place of a table") {
  std::set<size_t> places;
  for (std::uint64_t i = 0; i < 1000; ++i) places.insert(SpreadHash()(i << 32U) % 65536);
  CHECK(places.size() > 950);
}

TEST_CASE("a flat map finds what was put in, and nothing else, however often it grew") {
  FlatMap<std::uint64_t, std::uint32_t> map;
  FlatMap<Hash128, std::uint32_t> wide;
  for (std::uint32_t i = 0; i < 20000; ++i) {
    CHECK(map.try_emplace(std::uint64_t{i} << 32U, i).second);
    CHECK(wide.emplace(WideHash(std::to_string(i), 0), i).second);
  }
  CHECK_FALSE(map.try_emplace(std::uint64_t{7} << 32U, 1).second);
  for (std::uint32_t i = 0; i < 20000; ++i) {
    REQUIRE(map.at(std::uint64_t{i} << 32U) == i);
    REQUIRE(wide.at(WideHash(std::to_string(i), 0)) == i);
  }
  CHECK(map.find(1) == map.end());
  CHECK(wide.find(Hash128{1, 1}) == wide.end());
}

}  // namespace
}  // namespace quell
