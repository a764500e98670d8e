#include "engine/auth/credentials.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstdint>

namespace quell::auth {
namespace {

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsOneOf(char c, std::string_view all) { return all.find(c) != std::string_view::npos; }

// Case-insensitive, with the blanks behind it taken off.
bool TakeScheme(std::string_view& value, std::string_view lower_case) {
  if (value.size() <= lower_case.size() || value[lower_case.size()] != ' ') return false;
  for (size_t i = 0; i < lower_case.size(); ++i) {
    const char c = value[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != lower_case[i]) {
      return false;
    }
  }
  value.remove_prefix(lower_case.size());
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  return true;
}

int Base64Value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool HasControls(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

void ReadBasic(std::string_view encoded, Credentials& out) {
  auto decoded = DecodeBase64(encoded);
  if (!decoded) return;
  const size_t colon = decoded->find(':');
  if (colon != std::string::npos && !HasControls(*decoded)) {
    out.user = decoded->substr(0, colon);
    out.password = decoded->substr(colon + 1);
    const bool fits = !out.user.empty() && out.user.size() <= kUserBytesMax &&
                      !out.password.empty() && out.password.size() <= kPasswordBytesMax;
    if (fits) out.kind = CredentialKind::kBasic;
  }
  Wipe(*decoded);
}

}  // namespace

Credentials::~Credentials() {
  Wipe(token);
  Wipe(password);
}

Credentials ParseAuthorization(std::string_view value) {
  Credentials out;
  if (value.size() > kAuthorizationBytesMax) return out;
  if (TakeScheme(value, "bearer")) {
    if (!IsToken(value)) return out;
    out.token = value;
    out.kind = CredentialKind::kBearer;
  } else if (TakeScheme(value, "basic")) {
    ReadBasic(value, out);
  }
  return out;
}

bool IsToken(std::string_view text) {
  if (text.size() > kTokenBytesMax) return false;
  const size_t padding = std::min(text.find('='), text.size());
  return padding > 0 &&
         std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(padding),
                     [](char c) { return IsAlphanumeric(c) || IsOneOf(c, "-._~+/"); }) &&
         text.find_first_not_of('=', padding) == std::string_view::npos;
}

bool IsIdentityName(std::string_view text) {
  return !text.empty() && text.size() <= kUserBytesMax &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsAlphanumeric(c) || IsOneOf(c, "._@+-"); });
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  const size_t padding = text.size() - std::min(text.find('='), text.size());
  if (padding > 2 || text.find_first_not_of('=', text.size() - padding) != text.npos) {
    return std::nullopt;
  }
  std::string out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text.substr(0, text.size() - padding)) {
    const int value = Base64Value(c);
    if (value < 0) return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xFFU);
  }
  return out;
}

void Wipe(std::string& secret) {
  if (!secret.empty()) OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

}  // namespace quell::auth
