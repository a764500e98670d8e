// Who is known, and with which roles: what the configuration's `auth:` says, secrets resolved.
//
// Tokens are kept as digests, passwords as crypt(3) hashes; no secret itself is ever in here.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/auth/digest.h"
#include "engine/auth/role.h"

namespace quell::auth {

inline constexpr size_t kIdentitiesMax = 1000;  // of each kind; every one is compared each time

struct TokenIdentity {
  std::string name;
  RoleSet roles;
  Digest sha256{};  // of the token
  bool operator==(const TokenIdentity&) const = default;
};

struct UserIdentity {
  std::string name;
  RoleSet roles;
  std::string password_hash;
  bool operator==(const UserIdentity&) const = default;
};

struct CertificateIdentity {
  std::string common_name;
  RoleSet roles;
  bool operator==(const CertificateIdentity&) const = default;
};

struct Options {
  std::vector<TokenIdentity> tokens;
  std::vector<UserIdentity> users;
  std::vector<CertificateIdentity> certificates;
  bool configured = false;  // false: nobody is asked, everything is allowed
  RoleSet anonymous;        // if configured: of who shows nothing, and of everybody else besides

  [[nodiscard]] bool HasIdentities() const {
    return !tokens.empty() || !users.empty() || !certificates.empty();
  }
  bool operator==(const Options&) const = default;
};

}  // namespace quell::auth
