// LaneSet: a set of lane numbers as a bit vector. Plain value, thread-compatible.
#pragma once

#include <bit>
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
  [[nodiscard]] size_t Count() const {
    size_t count = 0;
    for (const std::uint64_t word : words_) count += static_cast<size_t>(std::popcount(word));
    return count;
  }
  // REQUIRES (all below): sets over the same number of lanes.
  LaneSet& operator|=(const LaneSet& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }
  LaneSet& operator&=(const LaneSet& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    return *this;
  }
  // |this & (a | b | c)|, without making the sets.
  [[nodiscard]] size_t CountIn(const LaneSet& a, const LaneSet& b, const LaneSet& c) const {
    size_t count = 0;
    for (size_t i = 0; i < words_.size(); ++i) {
      const std::uint64_t any = a.words_[i] | b.words_[i] | c.words_[i];
      count += static_cast<size_t>(std::popcount(words_[i] & any));
    }
    return count;
  }
  bool operator==(const LaneSet&) const = default;

 private:
  std::vector<std::uint64_t> words_;
};

}  // namespace quell::incidents
