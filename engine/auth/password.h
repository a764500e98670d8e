// Password hashes of crypt(3), as libxcrypt knows them: yescrypt ($y$), bcrypt ($2b$, and $2y$ as
// htpasswd writes it) and SHA-512 ($6$).
//
// A check takes tens of milliseconds and, with yescrypt, 16 MiB: callers bound how many run at
// once. Costs beyond reason are refused when a hash is read. Thread-safe.
#pragma once

#include <string>

#include "core/result.h"

namespace quell::auth {

// Is this a whole hash of a known kind, and not too dear? Messages never hold the hash.
Status CheckPasswordHash(const std::string& hash);

// REQUIRES: CheckPasswordHash(hash).ok(). Compares in constant time.
bool VerifyPassword(const std::string& password, const std::string& hash);

// yescrypt with the library's default cost and a fresh salt. kInvalidArgument for a password that
// could never be sent: empty, longer than kPasswordBytesMax, or with control characters.
Result<std::string> HashPassword(const std::string& password);

}  // namespace quell::auth
