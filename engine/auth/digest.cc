#include "engine/auth/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "core/check.h"

namespace quell::auth {
namespace {

static_assert(sizeof(Digest) == SHA256_DIGEST_LENGTH);

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Digest Sha256(std::string_view bytes) {
  Digest out;
  ::SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), out.data());
  return out;
}

Digest HmacSha256(const Digest& key, std::string_view bytes) {
  Digest out;
  unsigned int size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  const unsigned char* made = ::HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data,
                                     bytes.size(), out.data(), &size);
  QUELL_CHECK(made != nullptr && size == out.size());
  return out;
}

bool SameDigest(const Digest& a, const Digest& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string ToHex(const Digest& digest) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : digest) {
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

std::optional<Digest> DigestFromHex(std::string_view hex) {
  Digest out;
  if (hex.size() != 2 * out.size()) return std::nullopt;
  for (size_t i = 0; i < out.size(); ++i) {
    const int high = HexValue(hex[2 * i]);
    const int low = HexValue(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return out;
}

Result<Digest> RandomDigest() {
  Digest out;
  if (::RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) {
    return MakeError(ErrorCode::kUnavailable, "the operating system gives no random bytes");
  }
  return out;
}

Result<std::string> NewToken() {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  QUELL_ASSIGN(const Digest bytes, RandomDigest());
  std::string out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const std::uint8_t byte : bytes) {
    bits = bits << 8U | byte;
    for (held += 8; held >= 6; held -= 6) out += kAlphabet[bits >> (held - 6U) & 63U];
  }
  if (held > 0) out += kAlphabet[bits << (6U - held) & 63U];
  return out;
}

}  // namespace quell::auth
