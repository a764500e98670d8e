// TextArena: many short texts that stay until all go, without an allocation for each.
//
// Thread-compatible. Memory: the texts, and at most a block more.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace quell {

class TextArena {
 public:
  // A copy of `text` that lives as long as the arena; moving the arena leaves it where it is.
  std::string_view Add(std::string_view text) {
    if (text.empty()) return {};
    if (text.size() > left_) {
      left_ = text.size() > kBlockBytes ? text.size() : kBlockBytes;
      blocks_.push_back(std::unique_ptr<char[]>(new char[left_]));
      next_ = blocks_.back().get();
    }
    char* const at = next_;
    std::memcpy(at, text.data(), text.size());
    next_ += text.size();
    left_ -= text.size();
    return {at, text.size()};
  }

 private:
  static constexpr size_t kBlockBytes = 1U << 20U;

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  size_t left_ = 0;  // of the last block
};

}  // namespace quell
