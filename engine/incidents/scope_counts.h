// ScopeCounts: counts of lanes by scope, remembered under the exact scope.
//
// A step asks about the same few scopes thousands of times. At most kScopesMax of kNumbersMax pairs
// and families in all are kept (some 12 MB): one more starts anew, which costs time and never
// changes an answer. Thread-compatible.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/hash.h"

namespace quell::incidents {

class ScopeCounts {
 public:
  // The count of (pairs, families); `count` makes it where it is not known.
  template <typename Count>
  size_t Of(std::span<const std::uint32_t> pairs, std::span<const std::uint32_t> families,
            const Count& count) {
    key_.assign(pairs.begin(), pairs.end());
    key_.push_back(kBetween);
    key_.insert(key_.end(), families.begin(), families.end());
    if (const auto at = counts_.find(key_); at != counts_.end()) return at->second;
    if (counts_.size() >= kScopesMax || numbers_ + key_.size() > kNumbersMax) {
      counts_.clear();
      numbers_ = 0;
    }
    numbers_ += key_.size();
    return counts_.emplace(key_, count()).first->second;
  }

 private:
  static constexpr size_t kScopesMax = 65536;
  static constexpr size_t kNumbersMax = size_t{1} << 20U;
  static constexpr std::uint32_t kBetween = 0xFFFFFFFFU;  // no pair has this number

  using Key = std::vector<std::uint32_t>;
  struct KeyHash {
    size_t operator()(const Key& key) const {
      return Hash64({reinterpret_cast<const char*>(key.data()), key.size() * sizeof key[0]});
    }
  };
  std::unordered_map<Key, size_t, KeyHash> counts_;  // looked up, never iterated
  size_t numbers_ = 0;                               // in all keys
  Key key_;                                          // scratch: a known scope costs no allocation
};

}  // namespace quell::incidents
