#include "ingest/xor_chunk.h"

#include <bit>
#include <string>

namespace quell::ingest {
namespace {

// Bits from the most significant end of each byte. Past the end, ok() turns false for good.
class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t Bits(unsigned count) {
    std::uint64_t out = 0;
    while (count > 0) {
      if (at_ / 8 >= bytes_.size()) {
        ok_ = false;
        return 0;
      }
      const auto used = static_cast<unsigned>(at_ % 8);
      const unsigned take = count < 8 - used ? count : 8 - used;
      const auto byte = static_cast<unsigned char>(bytes_[at_ / 8]);
      out = out << take | ((byte >> (8 - used - take)) & ((1U << take) - 1U));
      at_ += take;
      count -= take;
    }
    return out;
  }
  bool Bit() { return Bits(1) != 0; }

  // LEB128, as Go's binary.ReadUvarint; the bytes need not be aligned.
  std::uint64_t Uvarint() {
    std::uint64_t out = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint64_t byte = Bits(8);
      out |= (byte & 0x7FU) << shift;
      if (byte < 0x80) return out;
    }
    ok_ = false;
    return 0;
  }
  std::int64_t Varint() {  // zigzag
    const std::uint64_t raw = Uvarint();
    return static_cast<std::int64_t>(raw >> 1U) ^ -static_cast<std::int64_t>(raw & 1U);
  }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

std::int64_t DeltaOfDelta(BitReader& bits) {
  constexpr unsigned kWidths[] = {0, 14, 17, 20, 64};
  unsigned ones = 0;
  while (ones < 4 && bits.Bit()) ++ones;
  const unsigned width = kWidths[ones];
  if (width == 0) return 0;
  const std::uint64_t raw = bits.Bits(width);
  if (width == 64) return static_cast<std::int64_t>(raw);
  const auto value = static_cast<std::int64_t>(raw);
  // 2^(width-1) itself is positive, as the writer has it.
  return value > std::int64_t{1} << (width - 1) ? value - (std::int64_t{1} << width) : value;
}

class ValueReader {
 public:
  explicit ValueReader(std::uint64_t first) : bits_(first) {}

  // False for a width that does not fit into 64 bits.
  bool Next(BitReader& in) {
    if (!in.Bit()) return true;
    if (in.Bit()) {
      leading_ = static_cast<unsigned>(in.Bits(5));
      width_ = static_cast<unsigned>(in.Bits(6));
      if (width_ == 0) width_ = 64;
    }
    if (leading_ + width_ > 64) return false;
    bits_ ^= in.Bits(width_) << (64 - leading_ - width_);
    return true;
  }
  [[nodiscard]] double value() const { return std::bit_cast<double>(bits_); }

 private:
  std::uint64_t bits_;
  unsigned leading_ = 0;
  unsigned width_ = 64;
};

}  // namespace

Status DecodeXorChunk(std::string_view chunk, std::vector<Sample>& out) {
  const size_t before = out.size();
  BitReader bits(chunk);
  const std::uint64_t count = bits.Bits(16);
  // Sums wrap in unsigned arithmetic: damaged chunks must not overflow.
  auto time = count > 0 ? static_cast<std::uint64_t>(bits.Varint()) : 0;
  ValueReader values(count > 0 ? bits.Bits(64) : 0);
  std::uint64_t delta = 0;
  bool valid = true;
  for (std::uint64_t i = 0; i < count && bits.ok() && valid; ++i) {
    if (i > 0) {
      delta = i == 1 ? bits.Uvarint() : delta + static_cast<std::uint64_t>(DeltaOfDelta(bits));
      time += delta;
      valid = values.Next(bits);
    }
    out.push_back({static_cast<TimeMs>(time), values.value()});
  }
  if (bits.ok() && valid) return Ok{};
  out.resize(before);
  return MakeError(ErrorCode::kCorrupt, "an XOR chunk of " + std::to_string(chunk.size()) +
                                            " bytes does not hold its " + std::to_string(count) +
                                            " samples");
}

}  // namespace quell::ingest
