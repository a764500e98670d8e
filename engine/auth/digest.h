// Digests of secrets, compared in constant time, and random bytes of the operating system.
//
// Secrets are kept and compared as SHA-256 digests alone, so that no comparison's duration depends
// on how much of a guess is right. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace quell::auth {

using Digest = std::array<std::uint8_t, 32>;

Digest Sha256(std::string_view bytes);
Digest HmacSha256(const Digest& key, std::string_view bytes);
bool SameDigest(const Digest& a, const Digest& b);  // constant time

std::string ToHex(const Digest& digest);
std::optional<Digest> DigestFromHex(std::string_view hex);  // 64 digits, either case

// kUnavailable if the system has none.
Result<Digest> RandomDigest();

// 32 random bytes in base64url without padding: 43 characters of A-Z a-z 0-9 - _.
Result<std::string> NewToken();

}  // namespace quell::auth
