// FlatMap: a hash table whose entries lie in one array (tsl::robin_map): no allocation and hardly
// more than one cache miss an entry.
//
// For keys that are numbers or hashes. To be looked up only: the order of its entries means
// nothing. Pointers and iterators are good until the next insertion. Thread-compatible.
#pragma once

#include <tsl/robin_map.h>

#include <cstddef>
#include <cstdint>

#include "core/hash.h"

namespace quell {

// Spreads keys over the low bits, which choose the place (the finalizer of MurmurHash3, x64).
struct SpreadHash {
  size_t operator()(std::uint64_t key) const {
    key = (key ^ (key >> 33U)) * 0xFF51AFD7ED558CCDULL;
    key = (key ^ (key >> 33U)) * 0xC4CEB9FE1A85EC53ULL;
    return key ^ (key >> 33U);
  }
  size_t operator()(const Hash128& key) const { return key.low; }  // spread already
};

template <typename Key, typename Value>
class FlatMap : public tsl::robin_map<Key, Value, SpreadHash> {
 public:
  // Half empty, as the library would have it, a table of a million entries spans twice the pages.
  FlatMap() { this->max_load_factor(0.8F); }
};

}  // namespace quell
