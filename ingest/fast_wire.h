// Reading protobuf fields in place, for the fast decoder. Each reader moves a pointer and says
// whether the bytes were there; nothing is allocated.
#pragma once

#include <cstdint>
#include <string_view>

namespace quell::ingest::fast_wire {

// Tags as encoders write them: field number and wire type in one byte.
constexpr unsigned char Tag(unsigned number, unsigned type) {
  return static_cast<unsigned char>(number << 3U | type);
}
inline constexpr unsigned kVarintType = 0;
inline constexpr unsigned kFixed64Type = 1;
inline constexpr unsigned kBytesType = 2;

inline unsigned char ByteAt(const char* at) { return static_cast<unsigned char>(*at); }
inline std::string_view View(const char* begin, const char* end) {
  return {begin, static_cast<size_t>(end - begin)};
}

// Moves `at` behind a varint; false where it is cut short or longer than ten bytes.
inline bool Varint(const char*& at, const char* end, std::uint64_t& value) {
  if (at < end && ByteAt(at) < 0x80) {
    value = ByteAt(at++);
    return true;
  }
  value = 0;
  for (unsigned shift = 0; at < end && shift < 70; shift += 7) {
    const unsigned char byte = ByteAt(at++);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

// A length and that many bytes: `at` moves behind them, [begin, at) are they.
inline bool Bytes(const char*& at, const char* end, const char*& begin) {
  std::uint64_t length = 0;
  if (!Varint(at, end, length) || length > static_cast<std::uint64_t>(end - at)) return false;
  begin = at;
  at += length;
  return true;
}

}  // namespace quell::ingest::fast_wire
