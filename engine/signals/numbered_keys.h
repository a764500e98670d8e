// A table that numbers its keys 0, 1, 2, ...: by key it is looked up, by number it is saved.
#pragma once

#include <cstdint>
#include <vector>

#include "core/flat_map.h"

namespace quell::signals {

using NumberedKeys = FlatMap<std::uint64_t, std::uint32_t>;

inline std::vector<std::uint64_t> KeysByNumber(const NumberedKeys& numbers) {
  std::vector<std::uint64_t> keys(numbers.size());
  for (const auto& [key, number] : numbers) keys[number] = key;
  return keys;
}

}  // namespace quell::signals
