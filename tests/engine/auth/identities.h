// One identity of each kind and role, with cheap hashes, for the tests of this folder.
#pragma once

#include <string>

#include "engine/auth/credentials.h"
#include "engine/auth/options.h"

namespace quell::auth::test {

// "ingest-token-0123456789" and so on; the name of the token is "ROLE-token".
std::string TokenOf(Role role);
// "ROLE-user" with the password "ROLE password".
std::string PasswordOf(Role role);

// Tokens, users and certificates ("ROLE.example") of every role; nothing for anonymous.
Options Everybody();

std::string Bearer(const std::string& token);
std::string Basic(const std::string& user, const std::string& password);
std::string EncodeBase64(const std::string& text);

inline constexpr Role kRoles[] = {Role::kIngest, Role::kRead, Role::kOperate, Role::kAdmin,
                                  Role::kAudit};

}  // namespace quell::auth::test
