// LaneSet: a set of lane numbers as a bit vector. Plain value, thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quell::incidents {

class LaneSet {
 public:
  explicit LaneSet(size_t lanes = 0) : words_((lanes + 63) / 64, 0) {}

  void Set(size_t lane) { words_[lane / 64] |= std::uint64_t{1} << (lane % 64); }
  [[nodiscard]] bool Test(size_t lane) const {
    return (words_[lane / 64] >> (lane % 64) & 1U) != 0;
  }

 private:
  std::vector<std::uint64_t> words_;
};

}  // namespace quell::incidents
