#include "ingest/wire_cursor.h"

namespace quell::ingest {

bool TakeVarint(std::string_view& rest, std::uint64_t& value) {
  value = 0;
  for (size_t i = 0; i < rest.size() && i < 10; ++i) {
    const auto byte = static_cast<unsigned char>(rest[i]);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << (7 * i);
    if (byte < 0x80) {
      rest.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

std::uint64_t CountVarints(std::string_view packed) {
  std::uint64_t count = 0;
  for (const char c : packed) count += static_cast<unsigned char>(c) < 0x80 ? 1 : 0;
  return count;
}

bool WireCursor::Next(WireField& field) {
  if (!ok_ || rest_.empty()) return false;
  ok_ = false;
  std::uint64_t tag = 0;
  if (!TakeVarint(rest_, tag)) return false;
  field.number = static_cast<std::uint32_t>(tag >> 3U);
  if (tag > 0xFFFFFFFFU || field.number == 0) return false;
  field.varint = 0;
  field.bytes = {};
  std::uint64_t length = 0;
  switch (tag & 7U) {
    case 0:
      field.type = WireType::kVarint;
      return ok_ = TakeVarint(rest_, field.varint);
    case 1:
      field.type = WireType::kFixed64;
      length = 8;
      break;
    case 2:
      field.type = WireType::kBytes;
      if (!TakeVarint(rest_, length)) return false;
      break;
    case 5:
      field.type = WireType::kFixed32;
      length = 4;
      break;
    default:
      return false;
  }
  if (length > rest_.size()) return false;
  field.bytes = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return ok_ = true;
}

void WireWriter::Varint(std::uint64_t value) {
  while (value >= 0x80) {
    out_ += static_cast<char>(value | 0x80U);
    value >>= 7U;
  }
  out_ += static_cast<char>(value);
}

void WireWriter::Bytes(std::uint32_t number, std::string_view bytes) {
  Tag(number, WireType::kBytes);
  Varint(bytes.size());
  out_ += bytes;
}

void WireWriter::Double(std::uint32_t number, double value) {
  Tag(number, WireType::kFixed64);
  const auto bits = std::bit_cast<std::uint64_t>(value);
  for (unsigned shift = 0; shift < 64; shift += 8) out_ += static_cast<char>(bits >> shift);
}

}  // namespace quell::ingest
