// Hashes that are the same on every machine: XXH3-64 for tables, SHA-256 for identities.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace quell {

std::uint64_t Hash64(std::string_view bytes, std::uint64_t seed = 0);

// 128 bits, for identities where a collision would mix two things up (XXH3-128).
struct Hash128 {
  std::uint64_t high = 0, low = 0;
  bool operator==(const Hash128&) const = default;
};
Hash128 WideHash(std::string_view bytes, std::uint64_t seed);

// Lower-case hex of SHA-256.
std::string Sha256Hex(std::string_view bytes);

// CRC-32C (Castagnoli), as in the journal's and Prometheus' frames.
std::uint32_t Crc32c(std::string_view bytes);
// The same number without the processor's instruction for it; for tests and benchmarks.
std::uint32_t Crc32cPortable(std::string_view bytes);

// Sixteen lower-case hex digits.
std::string Hex64(std::uint64_t value);

// Hashes a sequence of length-prefixed strings: ("ab","c") differs from ("a","bc").
class Hasher {
 public:
  void Add(std::string_view text);
  [[nodiscard]] std::uint64_t Finish() const { return hash_; }

 private:
  std::uint64_t hash_ = 0x9E3779B97F4A7C15ULL;
};

}  // namespace quell
