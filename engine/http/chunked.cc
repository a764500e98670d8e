#include "engine/http/chunked.h"

#include <algorithm>

namespace quell::http {
namespace {

constexpr size_t kSizeDigitsMax = 8;
constexpr size_t kOverheadBytesMax = 8U << 10U;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void ChunkedReader::Reset(size_t body_bytes_max) {
  *this = ChunkedReader();
  body_bytes_max_ = body_bytes_max;
}

ChunkedReader::Verdict ChunkedReader::FeedSize(char c) {
  const int digit = HexDigit(c);
  if (digit >= 0) {
    if (++digits_ > kSizeDigitsMax) return Verdict::kMalformed;
    left_ = left_ * 16 + static_cast<size_t>(digit);
    return Verdict::kNeedMore;
  }
  if (digits_ == 0) return Verdict::kMalformed;
  if (left_ > body_bytes_max_ - body_bytes_) return Verdict::kTooLarge;
  if (c == ';') {
    state_ = State::kExtension;
  } else if (c == '\r') {
    state_ = State::kSizeLf;
  } else {
    return Verdict::kMalformed;
  }
  return Verdict::kNeedMore;
}

// Trailer lines up to the empty one that ends the body.
ChunkedReader::Verdict ChunkedReader::FeedTrailer(char c) {
  if (++overhead_ > kOverheadBytesMax) return Verdict::kMalformed;
  if (cr_ != (c == '\n')) return Verdict::kMalformed;
  if (c == '\n') {
    if (line_ == 0) return Verdict::kComplete;
    line_ = 0;
    cr_ = false;
  } else if (c == '\r') {
    cr_ = true;
  } else {
    ++line_;
  }
  return Verdict::kNeedMore;
}

ChunkedReader::Verdict ChunkedReader::FeedByte(char c) {
  switch (state_) {
    case State::kSize:
      return FeedSize(c);
    case State::kExtension:
      if (++overhead_ > kOverheadBytesMax) return Verdict::kMalformed;
      if (c == '\r') {
        state_ = State::kSizeLf;
      } else if (static_cast<unsigned char>(c) < 0x20 && c != '\t') {
        return Verdict::kMalformed;
      }
      return Verdict::kNeedMore;
    case State::kSizeLf:
      if (c != '\n') return Verdict::kMalformed;
      digits_ = 0;
      state_ = left_ == 0 ? State::kTrailer : State::kData;
      return Verdict::kNeedMore;
    case State::kDataCr:
      state_ = State::kDataLf;
      return c == '\r' ? Verdict::kNeedMore : Verdict::kMalformed;
    case State::kDataLf:
      state_ = State::kSize;
      return c == '\n' ? Verdict::kNeedMore : Verdict::kMalformed;
    case State::kTrailer:
      return FeedTrailer(c);
    case State::kData:
      break;
  }
  return Verdict::kMalformed;
}

ChunkedReader::Verdict ChunkedReader::Feed(std::string_view bytes, std::string& body,
                                           size_t& taken) {
  taken = 0;
  while (taken < bytes.size()) {
    if (state_ == State::kData) {
      const size_t size = std::min(left_, bytes.size() - taken);
      body.append(bytes.data() + taken, size);
      taken += size;
      left_ -= size;
      body_bytes_ += size;
      if (left_ == 0) state_ = State::kDataCr;
      continue;
    }
    const Verdict verdict = FeedByte(bytes[taken]);
    ++taken;
    if (verdict != Verdict::kNeedMore) return verdict;
  }
  return Verdict::kNeedMore;
}

}  // namespace quell::http
