// WireCursor: walks the fields of one protobuf message without building objects, for counting
// and framing before anything is allocated. WireWriter: its counterpart.
//
// Groups (wire types 3 and 4) have no place in Prometheus' messages and count as malformed.
// Thread-compatible; views borrow from the bytes given.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace quell::ingest {

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct WireField {
  std::uint32_t number = 0;
  WireType type = WireType::kVarint;
  std::uint64_t varint = 0;  // kVarint only
  std::string_view bytes;    // the payload; empty for kVarint
};

class WireCursor {
 public:
  explicit WireCursor(std::string_view message) : rest_(message) {}

  // False at the end and on malformed bytes; ok() tells which.
  bool Next(WireField& field);
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

// Takes one varint off the front of `rest`; false if it is cut short or longer than ten bytes.
bool TakeVarint(std::string_view& rest, std::uint64_t& value);

// Varints in a packed field: bytes without the continuation bit.
std::uint64_t CountVarints(std::string_view packed);

class WireWriter {
 public:
  explicit WireWriter(std::string& out) : out_(out) {}
  void Varint(std::uint64_t value);
  void Tag(std::uint32_t number, WireType type) {
    Varint(std::uint64_t{number} << 3U | static_cast<std::uint64_t>(type));
  }
  void Bytes(std::uint32_t number, std::string_view bytes);
  void Double(std::uint32_t number, double value);

 private:
  std::string& out_;
};

// Bytes that `value` takes as a varint, 1..10.
constexpr size_t VarintSize(std::uint64_t value) {
  return (static_cast<size_t>(std::bit_width(value | 1U)) + 6) / 7;
}

}  // namespace quell::ingest
