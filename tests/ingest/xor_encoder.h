// A plain writer of Prometheus' XOR chunks, independent of the reader it tests.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "ingest/sample.h"

namespace quell::ingest {

class XorEncoder {
 public:
  explicit XorEncoder(const std::vector<Sample>& samples) {
    Bits(samples.size(), 16);
    std::uint64_t bits = 0;
    std::int64_t delta = 0;
    for (size_t i = 0; i < samples.size(); ++i) {
      const auto value = std::bit_cast<std::uint64_t>(samples[i].value);
      if (i == 0) {
        Uvarint(static_cast<std::uint64_t>(samples[i].time) << 1U);  // zigzag of t >= 0
        Bits(value, 64);
      } else {
        const std::int64_t next = samples[i].time - samples[i - 1].time;
        if (i == 1) {
          Uvarint(static_cast<std::uint64_t>(next));
        } else {
          DeltaOfDelta(next - delta);
        }
        delta = next;
        Xor(bits ^ value);
      }
      bits = value;
    }
  }
  std::string bytes;

 private:
  void Bits(std::uint64_t value, int count) {
    while (count-- > 0) {
      if (used_ % 8 == 0) bytes += '\0';
      if ((value >> count & 1U) != 0) {
        bytes.back() =
            static_cast<char>(static_cast<unsigned char>(bytes.back()) | (0x80U >> (used_ % 8)));
      }
      ++used_;
    }
  }
  void Uvarint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) Bits((value & 0x7FU) | 0x80U, 8);
    Bits(value, 8);
  }
  void DeltaOfDelta(std::int64_t dod) {
    const auto fits = [dod](int width) {
      return -((std::int64_t{1} << (width - 1)) - 1) <= dod && dod <= std::int64_t{1}
                                                                          << (width - 1);
    };
    const auto raw = static_cast<std::uint64_t>(dod);
    if (dod == 0) return Bits(0, 1);
    if (fits(14)) return Bits(0b10, 2), Bits(raw, 14);
    if (fits(17)) return Bits(0b110, 3), Bits(raw, 17);
    if (fits(20)) return Bits(0b1110, 4), Bits(raw, 20);
    Bits(0b1111, 4), Bits(raw, 64);
  }
  void Xor(std::uint64_t x) {
    if (x == 0) return Bits(0, 1);
    int leading = std::countl_zero(x);
    if (leading > 31) leading = 31;
    const int trailing = std::countr_zero(x);
    if (leading_ >= 0 && leading >= leading_ && trailing >= trailing_) {
      Bits(0b10, 2);
      return Bits(x >> trailing_, 64 - leading_ - trailing_);
    }
    leading_ = leading;
    trailing_ = trailing;
    const int width = 64 - leading - trailing;
    Bits(0b11, 2), Bits(static_cast<std::uint64_t>(leading), 5);
    Bits(static_cast<std::uint64_t>(width & 63), 6), Bits(x >> trailing, width);
  }

  std::uint64_t used_ = 0;
  int leading_ = -1, trailing_ = 0;
};

}  // namespace quell::ingest
