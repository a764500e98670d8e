#include "tests/engine/auth/identities.h"

#include <crypt.h>

#include <map>
#include <memory>

namespace quell::auth::test {
namespace {

// bcrypt at its lowest cost: a millisecond.
std::string CheapHash(const std::string& password) {
  static std::map<std::string, std::string> made;
  std::string& hash = made[password];
  if (hash.empty()) {
    const auto data = std::make_unique<crypt_data>();
    hash = crypt_r(password.c_str(), "$2b$04$abcdefghijklmnopqrstuu", data.get());
  }
  return hash;
}

std::string Named(Role role, const char* what) { return std::string(RoleName(role)) + what; }

}  // namespace

std::string TokenOf(Role role) { return Named(role, "-token-0123456789"); }
std::string PasswordOf(Role role) { return Named(role, " password"); }

Options Everybody() {
  Options out;
  out.configured = true;
  for (const Role role : kRoles) {
    out.tokens.push_back({Named(role, "-token"), {role}, Sha256(TokenOf(role))});
    out.users.push_back({Named(role, "-user"), {role}, CheapHash(PasswordOf(role))});
    out.certificates.push_back({Named(role, ".example"), {role}});
  }
  return out;
}

std::string Bearer(const std::string& token) { return "Bearer " + token; }

std::string Basic(const std::string& user, const std::string& password) {
  return "Basic " + EncodeBase64(user + ':' + password);
}

std::string EncodeBase64(const std::string& text) {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t bits = 0;
    for (size_t k = 0; k < 3; ++k) {
      bits = bits << 8U | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U);
    }
    for (size_t k = 0; k < 4; ++k) {
      out += i + k <= text.size() ? kAlphabet[bits >> (18U - 6U * k) & 63U] : '=';
    }
  }
  return out;
}

}  // namespace quell::auth::test
