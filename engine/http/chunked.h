// ChunkedReader: takes the chunked coding off a request body, byte by byte as it arrives.
//
// Strict: sizes are at most eight hexadecimal digits, lines end with CR LF, extensions and trailers
// are bounded and dropped. The decoded body never grows beyond the limit. Thread-compatible.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace quell::http {

class ChunkedReader {
 public:
  enum class Verdict : std::uint8_t {
    kNeedMore,
    kComplete,
    kMalformed,  // 400
    kTooLarge,   // 413: more than body_bytes_max
  };
  // Starts a new body.
  void Reset(size_t body_bytes_max);
  // Decodes from the front of `bytes`, appending to `body`; `taken` is how many bytes belonged to
  // this body (all of them unless complete or refused).
  Verdict Feed(std::string_view bytes, std::string& body, size_t& taken);

 private:
  enum class State : std::uint8_t { kSize, kExtension, kSizeLf, kData, kDataCr, kDataLf, kTrailer };
  Verdict FeedByte(char c);
  Verdict FeedSize(char c);
  Verdict FeedTrailer(char c);

  State state_ = State::kSize;
  size_t body_bytes_max_ = 0;
  size_t body_bytes_ = 0;
  size_t left_ = 0;      // of the current chunk
  size_t digits_ = 0;    // of the current size
  size_t overhead_ = 0;  // bytes of extensions and trailers
  size_t line_ = 0;      // bytes of the current trailer line
  bool cr_ = false;      // the last trailer byte was CR
};

}  // namespace quell::http
