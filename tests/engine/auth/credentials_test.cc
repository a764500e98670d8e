#include "engine/auth/credentials.h"

#include <catch2/catch.hpp>

#include "tests/engine/auth/identities.h"

namespace quell::auth {
namespace {

using test::EncodeBase64;

TEST_CASE("Credentials: bearer tokens are read in any case of the scheme", "[auth]") {
  for (const char* value : {"Bearer abc-._~+/09AZ==", "bearer abc-._~+/09AZ==",
                            "BEARER abc-._~+/09AZ==", "Bearer   abc-._~+/09AZ=="}) {
    INFO(value);
    const Credentials read = ParseAuthorization(value);
    CHECK(read.kind == CredentialKind::kBearer);
    CHECK(read.token == "abc-._~+/09AZ==");
  }
}

TEST_CASE("Credentials: a password may hold colons and UTF-8", "[auth]") {
  const Credentials read = ParseAuthorization(test::Basic("alice", "a:b:\xC3\xBC c"));
  CHECK(read.kind == CredentialKind::kBasic);
  CHECK(read.user == "alice");
  CHECK(read.password == "a:b:\xC3\xBC c");
}

TEST_CASE("Credentials: what is outside the grammar is malformed, whole", "[auth]") {
  const std::string long_token(kTokenBytesMax + 1, 'a');
  const std::string values[] = {
      "",
      " ",
      "Bearer",
      "Bearer ",
      "Bearer a b",
      "Bearer a,Basic b",
      "Bearer a\r\nX-Evil: 1",
      "Bearer a\tb",
      std::string("Bearer a\0b", 10),
      "Bearer =",
      "Bearer a=b",
      "Bearer \"a\"",
      "Bearer \xC3\xBC",
      "Bearer " + long_token,
      "Bearertoken",
      "Token abc",
      "Digest username=\"a\"",
      "Basic",
      "Basic ",
      "Basic !!!!",
      "Basic YTpi YTpi",
      "Basic YTp",
      "Basic =AAA",
      "Basic YQ=a",
      "Basic " + EncodeBase64("no colon"),
      "Basic " + EncodeBase64(":no user"),
      "Basic " + EncodeBase64("empty password:"),
      "Basic " + EncodeBase64("a:b\r\nX: y"),
      "Basic " + EncodeBase64(std::string("a:b\0c", 5)),
      "Basic " + EncodeBase64(std::string(kUserBytesMax + 1, 'u') + ":p"),
      "Basic " + EncodeBase64("u:" + std::string(kPasswordBytesMax + 1, 'p')),
      std::string(kAuthorizationBytesMax + 1, 'B'),
  };
  for (const std::string& value : values) {
    INFO(value.substr(0, 60));
    const Credentials read = ParseAuthorization(value);
    CHECK(read.kind == CredentialKind::kMalformed);
    CHECK(read.token.empty());
  }
}

TEST_CASE("Credentials: the longest that are allowed are read", "[auth]") {
  CHECK(ParseAuthorization("Bearer " + std::string(kTokenBytesMax, 'a')).kind ==
        CredentialKind::kBearer);
  CHECK(ParseAuthorization(
            test::Basic(std::string(kUserBytesMax, 'u'), std::string(kPasswordBytesMax, 'p')))
            .kind == CredentialKind::kBasic);
}

TEST_CASE("Credentials: base64 is decoded for every length", "[auth]") {
  std::string text;
  for (int i = 0; i < 300; ++i) {
    text += static_cast<char>(i * 37);
    CHECK(DecodeBase64(EncodeBase64(text)) == text);
  }
}

TEST_CASE("Credentials: names are letters, digits and . _ @ + -", "[auth]") {
  CHECK(IsIdentityName("alice.b+ops@example-1_x"));
  for (const std::string& name : {std::string(), std::string("a b"), std::string("a:b"),
                                  std::string("a\nb"), std::string(65, 'a'), std::string("\"")}) {
    CHECK_FALSE(IsIdentityName(name));
  }
}

}  // namespace
}  // namespace quell::auth
