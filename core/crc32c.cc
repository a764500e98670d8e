// CRC-32C by the processor's own instruction where it has one (SSE 4.2), else by table.
#include <array>
#include <cstring>

#include "core/hash.h"

namespace quell {
namespace {

constexpr std::uint32_t kInitial = 0xFFFFFFFFU;

constexpr std::array<std::uint32_t, 256> MakeTable() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0x82F63B78U : 0U);
    table[i] = crc;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> kTable = MakeTable();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t Crc32cSse42(std::string_view bytes) {
  std::uint64_t crc = kInitial;
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= sizeof(std::uint64_t); left -= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    crc = __builtin_ia32_crc32di(crc, word);
    at += sizeof word;
  }
  auto rest = static_cast<std::uint32_t>(crc);
  for (; left > 0; --left) {
    rest = __builtin_ia32_crc32qi(rest, static_cast<unsigned char>(*at++));
  }
  return ~rest;
}
#endif

using Crc32cCall = std::uint32_t (*)(std::string_view);

Crc32cCall Fastest() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2") != 0) return Crc32cSse42;
#endif
  return Crc32cPortable;
}

}  // namespace

std::uint32_t Crc32cPortable(std::string_view bytes) {
  std::uint32_t crc = kInitial;
  for (const char c : bytes) {
    crc = kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFFU] ^ (crc >> 8U);
  }
  return ~crc;
}

std::uint32_t Crc32c(std::string_view bytes) {
  static const Crc32cCall fastest = Fastest();
  return fastest(bytes);
}

}  // namespace quell
