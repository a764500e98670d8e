// LineSource: the lines of a file, plain, gzip or zstd (told by its first bytes), in blocks.
//
// Thread-compatible. Memory: two blocks and the longest line.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace quell::ingest {

inline constexpr size_t kLineBytesMax = 1U << 20U;

class LineSource {
 public:
  // kNotFound / kIo naming the path.
  static Result<std::unique_ptr<LineSource>> Open(const std::string& path);
  // Lines of a text in memory (tests, fuzzing); the text must outlive the source.
  static std::unique_ptr<LineSource> OverText(std::string_view text);
  ~LineSource();

  // The next line without its "\n" (a "\r" before it is left out, too); false at the end. The
  // view is valid until the next call. kCorrupt for damaged compression or a line above
  // kLineBytesMax.
  Result<bool> Next(std::string_view& line) {
    const size_t end = at_ < text_.size() ? text_.find('\n', at_) : std::string_view::npos;
    if (end == std::string_view::npos) return NextSlow(line);
    line = text_.substr(at_, end - at_);
    at_ = end + 1;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return true;
  }

  // Bytes of the file (compressed, if it is) that have been read.
  [[nodiscard]] std::uint64_t BytesRead() const;

  class Input;  // where bytes come from

 private:
  explicit LineSource(std::unique_ptr<Input> input);
  Result<bool> NextSlow(std::string_view& line);

  std::unique_ptr<Input> input_;
  std::string buffer_;
  std::string_view text_;  // of buffer_, or the text in memory
  size_t at_ = 0;
  bool at_end_ = false;
};

}  // namespace quell::ingest
