#include "engine/config/auth_config.h"

#include <algorithm>
#include <utility>

#include "core/file.h"
#include "engine/auth/credentials.h"
#include "engine/auth/password.h"
#include "engine/config/secret.h"

namespace quell::config {
namespace {

using auth::Digest;
using auth::RoleSet;

constexpr size_t kUsersFileBytesMax = 1U << 20U;
constexpr size_t kCommonNameBytesMax = 64;  // RFC 5280, ub-common-name
constexpr const char* kNameRule = "must be 1 to 64 letters, digits and . _ @ + -";

void AddRole(YamlMap& map, std::string_view key, const std::string& name, RoleSet& out) {
  const auto role = auth::ParseRole(name);
  if (role) {
    out.Add(*role);
  } else {
    map.Fail(key, "\"" + name + "\" is not one of ingest, read, operate, admin");
  }
}

// `role: ingest`, or several: `role: [ingest, read]`.
RoleSet ReadRole(YamlMap& map, const YAML::Node& node) {
  std::vector<std::string> names;
  if (node["role"].IsDefined() && node["role"].IsSequence()) {
    map.ReadStrings("role", names);
  } else {
    std::string name;
    map.Read("role", name);
    if (!name.empty()) names.push_back(name);
  }
  RoleSet out;
  for (const std::string& name : names) AddRole(map, "role", name, out);
  if (out.empty()) map.Fail("role", "is required: ingest, read, operate, admin or audit");
  return out;
}

std::string ReadName(YamlMap& map) {
  std::string name;
  map.Read("name", name);
  if (name.empty()) {
    map.Fail("name", "is required");
  } else if (!auth::IsIdentityName(name)) {
    map.Fail("name", kNameRule);
  }
  return name;
}

Digest DigestOfSecret(YamlMap& map, std::string_view key, std::string& secret) {
  if (!map.context().error && (!auth::IsToken(secret) || secret.size() < auth::kTokenBytesMin)) {
    map.Fail(key, "a token has " + std::to_string(auth::kTokenBytesMin) + " to " +
                      std::to_string(auth::kTokenBytesMax) +
                      " letters, digits and - . _ ~ + / ('quell token new' makes one)");
  }
  const Digest digest = auth::Sha256(secret);
  auth::Wipe(secret);
  return digest;
}

Digest DigestOfHex(YamlMap& map, std::string_view key, const std::string& hex) {
  const auto digest = auth::DigestFromHex(hex);
  // The value is left out: it may be the token itself.
  if (!digest) map.Fail(key, "must be the 64 hexadecimal digits of the token's SHA-256");
  return digest.value_or(Digest{});
}

Digest ReadTokenDigest(YamlMap& map) {
  std::string file;
  std::string variable;
  std::string sha256;
  std::string sha256_file;
  map.Read("token_file", file).Read("token_env", variable);
  map.Read("token_sha256", sha256).Read("token_sha256_file", sha256_file);
  const auto given = static_cast<int>(!file.empty()) + static_cast<int>(!variable.empty()) +
                     static_cast<int>(!sha256.empty()) + static_cast<int>(!sha256_file.empty());
  if (given != 1) {
    map.Fail("token_file",
             "give exactly one of token_file, token_env, token_sha256 and token_sha256_file");
    return {};
  }
  std::string secret;
  if (!sha256.empty()) return DigestOfHex(map, "token_sha256", sha256);
  if (!sha256_file.empty()) {
    ReadSecretFile(map, "token_sha256_file", sha256_file, secret);
    return map.context().error ? Digest{} : DigestOfHex(map, "token_sha256_file", secret);
  }
  if (!file.empty()) {
    ReadSecretFile(map, "token_file", file, secret);
    return DigestOfSecret(map, "token_file", secret);
  }
  ReadSecretVariable(map, "token_env", variable, secret);
  return DigestOfSecret(map, "token_env", secret);
}

void ReadTokens(YamlMap& map, std::vector<auth::TokenIdentity>& out) {
  map.ReadList("tokens", [&](const YAML::Node& node, const std::string& path) {
    YamlMap item(map.context(), node, path);
    if (map.context().error) return;
    auth::TokenIdentity token;
    token.name = ReadName(item);
    token.roles = ReadRole(item, node);
    token.sha256 = ReadTokenDigest(item);
    item.Finish();
    for (const auth::TokenIdentity& other : out) {
      if (other.name == token.name) item.Fail("name", "\"" + token.name + "\" is used twice");
      if (other.sha256 == token.sha256) {
        item.Fail("name", "\"" + token.name + "\" has the token of \"" + other.name + "\"");
      }
    }
    if (out.size() >= auth::kIdentitiesMax) item.Fail("name", "there are too many tokens");
    out.push_back(std::move(token));
  });
}

void AddUser(YamlMap& map, std::string_view key, const std::string& place, auth::UserIdentity user,
             std::vector<auth::UserIdentity>& out) {
  const Status fine = auth::CheckPasswordHash(user.password_hash);
  if (!fine.ok()) map.Fail(key, place + fine.error().message);
  for (const auth::UserIdentity& other : out) {
    if (other.name == user.name) map.Fail(key, place + "\"" + user.name + "\" is used twice");
  }
  if (out.size() >= auth::kIdentitiesMax) map.Fail(key, place + "there are too many users");
  out.push_back(std::move(user));
}

// Lines of "name:hash", as htpasswd -B writes them. Errors name the line, never what is in it.
void ReadUsersFile(YamlMap& map, const std::string& file, RoleSet roles,
                   std::vector<auth::UserIdentity>& out) {
  const auto text = ReadFile(file, kUsersFileBytesMax);
  if (!text.ok()) {
    map.Fail("users_file", text.error().message);
    return;
  }
  size_t number = 0;
  size_t users = 0;
  for (size_t begin = 0; begin < text->size() && !map.context().error;) {
    const size_t end = std::min(text->find('\n', begin), text->size());
    std::string line = text->substr(begin, end - begin);
    begin = end + 1;
    ++number;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.empty() || line[0] == '#') continue;
    const std::string place = file + ':' + std::to_string(number) + ": ";
    const size_t colon = line.find(':');
    if (colon == std::string::npos || !auth::IsIdentityName(line.substr(0, colon))) {
      map.Fail("users_file", place + "not \"name:hash\", or a name that is not allowed");
      return;
    }
    ++users;
    AddUser(map, "users_file", place, {line.substr(0, colon), roles, line.substr(colon + 1)}, out);
  }
  if (users == 0) map.Fail("users_file", file + " names no user");
}

void ReadUsers(YamlMap& map, std::vector<auth::UserIdentity>& out) {
  map.ReadList("users", [&](const YAML::Node& node, const std::string& path) {
    YamlMap item(map.context(), node, path);
    if (map.context().error) return;
    const RoleSet roles = ReadRole(item, node);
    std::string file;
    item.Read("users_file", file);
    if (!file.empty()) {
      ReadUsersFile(item, file, roles, out);
    } else {
      auth::UserIdentity user;
      user.name = ReadName(item);
      user.roles = roles;
      ReadSecret(item, "password_hash", user.password_hash);
      const char* key = item.Has("password_hash_env") ? "password_hash_env" : "password_hash_file";
      if (!map.context().error) AddUser(item, key, "", std::move(user), out);
    }
    item.Finish();
  });
}

void ReadCertificates(YamlMap& map, std::vector<auth::CertificateIdentity>& out) {
  map.ReadList("client_certificates", [&](const YAML::Node& node, const std::string& path) {
    YamlMap item(map.context(), node, path);
    if (map.context().error) return;
    auth::CertificateIdentity certificate;
    std::string& name = certificate.common_name;
    item.Read("common_name", name);
    const bool printable =
        std::all_of(name.begin(), name.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
    if (name.empty()) {
      item.Fail("common_name", "is required");
    } else if (!printable || name.size() > kCommonNameBytesMax) {
      item.Fail("common_name", "must be at most 64 printable ASCII characters");
    }
    certificate.roles = ReadRole(item, node);
    item.Finish();
    for (const auth::CertificateIdentity& other : out) {
      if (other.common_name == name) item.Fail("common_name", "\"" + name + "\" is used twice");
    }
    if (out.size() >= auth::kIdentitiesMax) item.Fail("common_name", "there are too many");
    out.push_back(std::move(certificate));
  });
}

}  // namespace

void ReadAuth(YamlMap& root, auth::Options& out) {
  root.ReadMap("auth", [&](YamlMap& map) {
    out.configured = true;
    ReadTokens(map, out.tokens);
    ReadUsers(map, out.users);
    ReadCertificates(map, out.certificates);
    std::vector<std::string> anonymous;
    map.ReadStrings("anonymous", anonymous);
    for (const std::string& name : anonymous) AddRole(map, "anonymous", name, out.anonymous);
    if (!out.HasIdentities() && out.anonymous.empty()) {
      root.Fail("auth",
                "lets nobody in: name tokens, users, client_certificates or anonymous "
                "roles, or leave it out");
    }
  });
}

}  // namespace quell::config
