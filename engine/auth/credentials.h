// What an Authorization header says: a bearer token (RFC 6750) or a user and password (RFC 7617).
//
// Strict: one header, known scheme, bounded, nothing outside the grammar. What is malformed is
// refused whole and never repeated in an answer. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace quell::auth {

inline constexpr size_t kAuthorizationBytesMax = 2048;
inline constexpr size_t kTokenBytesMax = 1024;
inline constexpr size_t kTokenBytesMin = 16;  // shorter ones are refused by the configuration
inline constexpr size_t kUserBytesMax = 64;
inline constexpr size_t kPasswordBytesMax = 256;

enum class CredentialKind { kMalformed, kBearer, kBasic };

struct Credentials {
  CredentialKind kind = CredentialKind::kMalformed;
  std::string token;           // kBearer
  std::string user, password;  // kBasic

  Credentials() = default;
  ~Credentials();  // wipes the secrets
  Credentials(Credentials&&) = default;
  Credentials& operator=(Credentials&&) = default;
};

Credentials ParseAuthorization(std::string_view value);

// b64token of RFC 6750: letters, digits, - . _ ~ + / and then =; within the bounds above.
bool IsToken(std::string_view text);

// Names of tokens and users: 1 to 64 of letters, digits and . _ @ + -
bool IsIdentityName(std::string_view text);

// Standard alphabet, padded; nullopt if anything else is in it.
std::optional<std::string> DecodeBase64(std::string_view text);

// Overwrites the memory of a secret that is no longer needed.
void Wipe(std::string& secret);

}  // namespace quell::auth
