#include "engine/auth/password.h"

#include <crypt.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <string_view>

#include "engine/auth/credentials.h"
#include "engine/auth/digest.h"

namespace quell::auth {
namespace {

constexpr int kBcryptCostMax = 14;           // about a second
constexpr int kSha512RoundsMax = 1000000;    // about a second
constexpr size_t kYescryptLogNMax = 15;      // with r = 32: 128 MiB
constexpr size_t kYescryptBlockMax = 32;     // r
constexpr size_t kBcryptHashBytes = 60;      // as a whole
constexpr size_t kSha512DigestBytes = 86;    // behind the last $
constexpr size_t kYescryptDigestBytes = 43;  // behind the last $

constexpr std::string_view kItoa64 =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

Error Wrong(const std::string& what) { return MakeError(ErrorCode::kInvalidArgument, what); }

size_t BytesBehindLastDollar(std::string_view hash) { return hash.size() - hash.rfind('$') - 1; }

bool ParseWhole(std::string_view digits, int& out) {
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return ec == std::errc() && end == digits.data() + digits.size();
}

Status CheckBcrypt(std::string_view hash) {
  int cost = 0;
  if (hash.size() != kBcryptHashBytes || hash[6] != '$' || !ParseWhole(hash.substr(4, 2), cost)) {
    return Wrong("the bcrypt hash is cut short or malformed");
  }
  if (cost > kBcryptCostMax) {
    return Wrong("bcrypt cost " + std::to_string(cost) + " is above " +
                 std::to_string(kBcryptCostMax));
  }
  return Ok{};
}

Status CheckSha512(std::string_view hash) {
  if (BytesBehindLastDollar(hash) != kSha512DigestBytes) {
    return Wrong("the SHA-512 hash is cut short or malformed");
  }
  constexpr std::string_view kRounds = "$6$rounds=";
  if (!hash.starts_with(kRounds)) return Ok{};
  const std::string_view rest = hash.substr(kRounds.size());
  int rounds = 0;
  if (!ParseWhole(rest.substr(0, rest.find('$')), rounds) || rounds < 1 ||
      rounds > kSha512RoundsMax) {
    return Wrong("the SHA-512 hash does not have 1 to " + std::to_string(kSha512RoundsMax) +
                 " rounds");
  }
  return Ok{};
}

// $y$jNr$salt$hash: a flavour, log2 N less 1, and r less 1, a digit of itoa64 each. What has more
// parameters was not made by crypt_gensalt(3).
Status CheckYescrypt(std::string_view hash) {
  if (hash.size() < 8 || hash[3] != 'j' || hash[6] != '$' ||
      BytesBehindLastDollar(hash) != kYescryptDigestBytes ||
      std::count(hash.begin(), hash.end(), '$') != 4) {
    return Wrong("the yescrypt hash is cut short or malformed");
  }
  if (kItoa64.find(hash[4]) + 1 > kYescryptLogNMax ||
      kItoa64.find(hash[5]) + 1 > kYescryptBlockMax) {
    return Wrong("the yescrypt hash needs more than 128 MiB (cost above 8)");
  }
  return Ok{};
}

// crypt(3) with its own memory, wiped; "" where the library refuses.
std::string Crypt(const std::string& password, const std::string& setting) {
  const auto data = std::make_unique<crypt_data>();
  const char* made = ::crypt_r(password.c_str(), setting.c_str(), data.get());
  std::string out = made == nullptr || made[0] == '*' ? "" : made;
  OPENSSL_cleanse(data.get(), sizeof(crypt_data));
  return out;
}

}  // namespace

Status CheckPasswordHash(const std::string& hash) {
  Status shape = Ok{};
  if (hash.starts_with("$y$")) {
    shape = CheckYescrypt(hash);
  } else if (hash.starts_with("$2b$") || hash.starts_with("$2y$")) {
    shape = CheckBcrypt(hash);
  } else if (hash.starts_with("$6$")) {
    shape = CheckSha512(hash);
  } else {
    return Wrong(
        "not a password hash of a known kind: $y$ (yescrypt), $2b$ or $2y$ (bcrypt), $6$ "
        "(SHA-512); 'quell token hash' makes one");
  }
  if (!shape.ok()) return shape;
  if (::crypt_checksalt(hash.c_str()) != CRYPT_SALT_OK) {
    return Wrong("the password hash is malformed, or of a kind that this system does not know");
  }
  return Ok{};
}

bool VerifyPassword(const std::string& password, const std::string& hash) {
  return SameDigest(Sha256(Crypt(password, hash)), Sha256(hash));
}

Result<std::string> HashPassword(const std::string& password) {
  const bool controls = std::any_of(password.begin(), password.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
  if (password.empty() || controls || password.size() > kPasswordBytesMax) {
    return Wrong("a password has 1 to " + std::to_string(kPasswordBytesMax) +
                 " bytes and no control characters");
  }
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  if (::crypt_gensalt_rn("$y$", 0, nullptr, 0, setting, sizeof(setting)) == nullptr) {
    return MakeError(ErrorCode::kUnavailable, "libcrypt makes no salt for yescrypt");
  }
  std::string hash = Crypt(password, setting);
  if (hash.empty()) return MakeError(ErrorCode::kUnavailable, "libcrypt makes no yescrypt hash");
  return hash;
}

}  // namespace quell::auth
