#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "core/file.h"
#include "engine/config/config.h"
#include "tests/support/temp_folder.h"

namespace quell::config {
namespace {

using auth::Role;
using auth::RoleSet;

constexpr const char* kVariable = "QUELL_AUTH_CONFIG_TEST_SECRET";
const std::string kToken = "planted-token-0123456789";
// "correct horse", made with Python's crypt module.
const std::string kHash = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";

class Variable {
 public:
  explicit Variable(const std::string& value) { ::setenv(kVariable, value.c_str(), 1); }
  ~Variable() { ::unsetenv(kVariable); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
};

auth::Options Parsed(const std::string& text) {
  const auto config = ParseConfig("auth:\n" + text, "f");
  INFO((config.ok() ? "" : config.error().message));
  REQUIRE(config.ok());
  return config->auth;
}

// The error, which must not hold what was planted.
std::string Refused(const std::string& text) {
  const auto config = ParseConfig("auth:\n" + text, "f");
  REQUIRE_FALSE(config.ok());
  CHECK(config.error().message.find("planted") == std::string::npos);
  CHECK(config.error().message.find(kHash) == std::string::npos);
  return config.error().message;
}

std::string Token(const std::string& line) {
  return "  tokens:\n    - name: sender\n      role: ingest\n      " + line + "\n";
}

TEST_CASE("Auth configuration: nobody is asked without it", "[config]") {
  const auth::Options defaults = DefaultConfig().auth;
  CHECK_FALSE(defaults.configured);
  CHECK_FALSE(defaults.HasIdentities());
  CHECK(ParseConfig("", "f")->auth == defaults);
}

TEST_CASE("Auth configuration: a token comes from four places, and is kept as a digest",
          "[config]") {
  const test::TempFolder folder;
  const auth::Digest digest = auth::Sha256(kToken);
  REQUIRE(WriteFileAtomic(folder.File("token"), kToken + "\n").ok());
  REQUIRE(WriteFileAtomic(folder.File("sha256"), auth::ToHex(digest) + "\n").ok());
  const Variable variable(kToken);
  for (const std::string& line :
       {"token_file: " + folder.File("token"), std::string("token_env: ") + kVariable,
        "token_sha256: " + auth::ToHex(digest), "token_sha256_file: " + folder.File("sha256")}) {
    INFO(line);
    const auth::Options options = Parsed(Token(line));
    CHECK(options.configured);
    REQUIRE(options.tokens.size() == 1);
    CHECK(options.tokens[0].name == "sender");
    CHECK(options.tokens[0].roles == RoleSet{Role::kIngest});
    CHECK(options.tokens[0].sha256 == digest);
  }
}

TEST_CASE("Auth configuration: a token that is weak or cannot be sent is refused unseen",
          "[config]") {
  const test::TempFolder folder;
  for (const std::string& secret :
       {std::string("planted-short"), std::string("planted token with blanks"), std::string("\n"),
        std::string("planted\nsecond line of it"), "planted-" + std::string(1100, 'x')}) {
    REQUIRE(WriteFileAtomic(folder.File("token"), secret).ok());
    const Variable variable(secret);
    CHECK_THAT(Refused(Token("token_file: " + folder.File("token"))),
               Catch::Matchers::Contains("f:5:19: auth.tokens[0].token_file: "));
    CHECK_THAT(Refused(Token(std::string("token_env: ") + kVariable)),
               Catch::Matchers::Contains("f:5:18: auth.tokens[0].token_env: "));
  }
  Refused(Token("token_sha256: " + kToken));
  REQUIRE(WriteFileAtomic(folder.File("token"), kToken).ok());
  Refused(Token("token_sha256_file: " + folder.File("token")));
  Refused(Token("token: " + kToken));
}

TEST_CASE("Auth configuration: roles are one or several", "[config]") {
  const std::string rest = ", token_sha256: " + std::string(64, 'a') + "}\n";
  CHECK(Parsed("  tokens:\n    - {name: a, role: operate" + rest).tokens[0].roles ==
        RoleSet{Role::kOperate});
  CHECK(Parsed("  tokens:\n    - {name: a, role: [ingest, read]" + rest).tokens[0].roles ==
        RoleSet{Role::kIngest, Role::kRead});
  Refused("  tokens:\n    - {name: a, role: []" + rest);
  Refused("  tokens:\n    - {name: a, role: [read, everything]" + rest);
  Refused("  tokens:\n    - {name: a, role: {read: true}" + rest);
}

TEST_CASE("Auth configuration: users from hashes and from a users file", "[config]") {
  const test::TempFolder folder;
  REQUIRE(WriteFileAtomic(folder.File("hash"), kHash + "\n").ok());
  REQUIRE(
      WriteFileAtomic(folder.File("users"), "# ours\n\ncarol:" + kHash + "\r\ndave:" + kHash + "\n")
          .ok());
  const Variable variable(kHash);
  const auth::Options options = Parsed(
      "  users:\n    - {name: alice, role: read, password_hash_file: " + folder.File("hash") +
      "}\n    - {name: bob, role: operate, password_hash_env: " + kVariable +
      "}\n    - {role: read, users_file: " + folder.File("users") + "}\n");
  REQUIRE(options.users.size() == 4);
  const char* names[] = {"alice", "bob", "carol", "dave"};
  for (size_t i = 0; i < 4; ++i) {
    CHECK(options.users[i].name == names[i]);
    CHECK(options.users[i].password_hash == kHash);
    CHECK(options.users[i].roles == RoleSet{i == 1 ? Role::kOperate : Role::kRead});
  }
}

TEST_CASE("Auth configuration: a hash that is none is refused unseen", "[config]") {
  const test::TempFolder folder;
  for (const std::string& hash : {std::string("planted-password"), std::string("{SHA}planted"),
                                  kHash.substr(0, 40), "$2b$31$planted" + std::string(46, 'a')}) {
    REQUIRE(WriteFileAtomic(folder.File("hash"), hash).ok());
    CHECK_THAT(Refused("  users:\n    - {name: alice, role: read, password_hash_file: " +
                       folder.File("hash") + "}\n"),
               Catch::Matchers::Contains("auth.users[0].password_hash_file: "));
  }
}

TEST_CASE("Auth configuration: a fault in a users file is told by its line", "[config]") {
  const test::TempFolder folder;
  const std::string file = folder.File("users");
  const std::string text = "  users:\n    - {role: read, users_file: " + file + "}\n";
  const struct {
    std::string content, error;
  } rows[] = {
      {"alice:" + kHash + "\nplanted\n", file + ":2: not \"name:hash\""},
      {"\n\nbad name planted:" + kHash + "\n", file + ":3: not \"name:hash\""},
      {"alice:planted\n", file + ":1: not a password hash"},
      {"alice:" + kHash + "\nalice:" + kHash + "\n", file + ":2: \"alice\" is used twice"},
      {"# nobody\n", file + " names no user"},
  };
  for (const auto& row : rows) {
    REQUIRE(WriteFileAtomic(file, row.content).ok());
    CHECK_THAT(Refused(text), Catch::Matchers::Contains(row.error));
  }
}

TEST_CASE("Auth configuration: certificates and anonymous roles", "[config]") {
  const std::string tls = "tls: {cert_file: c, key_file: k, client_ca_file: a}\n";
  const std::string certificates =
      "  client_certificates:\n    - {common_name: Payments Prometheus, role: ingest}\n";
  const auth::Options options = Parsed(certificates + "  anonymous: [read]\n" + tls);
  REQUIRE(options.certificates.size() == 1);
  CHECK(options.certificates[0].common_name == "Payments Prometheus");
  CHECK(options.certificates[0].roles == RoleSet{Role::kIngest});
  CHECK(options.anonymous == RoleSet{Role::kRead});
  CHECK(Parsed("  anonymous: [read]\n").configured);
  CHECK_THAT(Refused(certificates),
             Catch::Matchers::Contains("f:2:3: auth: client_certificates need tls.client_ca_file"));
  for (const std::string& name :
       {std::string(65, 'x'), std::string("a\\nb"), std::string("\\xfc")}) {
    Refused("  client_certificates:\n    - {common_name: \"" + name + "\", role: ingest}\n");
  }
}

TEST_CASE("Auth configuration: beyond loopback it is asked for, and the way out is said",
          "[config]") {
  const std::string tokens = "auth:\n" + Token("token_sha256: " + std::string(64, 'a'));
  const struct {
    std::string text;
    bool fine;
  } rows[] = {
      {"listen: 127.0.0.1:1", true},
      {"listen: '[::1]:1'", true},
      {"listen: localhost:1", true},
      {"listen: ':1'", false},
      {"listen: 192.0.2.1:1", false},
      {"listen: quell.example.com:1", false},
      {"listen: ':1'\nallow_unauthenticated: true", true},
      {"listen: ':1'\nauth: {anonymous: [read]}", false},
      {"listen: ':1'\n" + tokens, true},
      {"listen: ':1'\ntls: {cert_file: c, key_file: k}", false},
      {"listen: ':1'\ntls: {cert_file: c, key_file: k, client_ca_file: a}", true},
  };
  for (const auto& row : rows) {
    INFO(row.text);
    const auto config = ParseConfig(row.text, "f.yaml");
    REQUIRE(config.ok());
    const Status served = CheckExposure(*config);
    CHECK(served.ok() == row.fine);
    if (served.ok()) continue;
    for (const char* words : {"f.yaml: listen: ", "auth", "docs/security.md", "127.0.0.1",
                              "allow_unauthenticated: true", "--allow-unauthenticated"}) {
      CHECK_THAT(served.error().message, Catch::Matchers::Contains(words));
    }
  }
}

}  // namespace
}  // namespace quell::config
