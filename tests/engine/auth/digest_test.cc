#include "engine/auth/digest.h"

#include <catch2/catch.hpp>
#include <set>

#include "engine/auth/credentials.h"

namespace quell::auth {
namespace {

TEST_CASE("Digest: SHA-256 and HMAC agree with their standards", "[auth]") {
  // FIPS 180-4, "abc"; RFC 4231, case 2 has a short key, so its key is padded with zeros here.
  CHECK(ToHex(Sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Digest key{};
  key[0] = 'J', key[1] = 'e', key[2] = 'f', key[3] = 'e';
  CHECK(ToHex(HmacSha256(key, "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("Digest: equal ones are the same, one bit makes another", "[auth]") {
  const Digest digest = Sha256("a");
  CHECK(SameDigest(digest, Sha256("a")));
  for (size_t byte = 0; byte < digest.size(); ++byte) {
    Digest other = digest;
    other[byte] ^= 1U;
    CHECK_FALSE(SameDigest(digest, other));
  }
}

TEST_CASE("Digest: hexadecimal goes both ways, and nothing else is read", "[auth]") {
  const Digest digest = Sha256("x");
  std::string hex = ToHex(digest);
  CHECK(DigestFromHex(hex) == digest);
  for (char& c : hex) c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  CHECK(DigestFromHex(hex) == digest);
  CHECK_FALSE(DigestFromHex(hex.substr(1)));
  CHECK_FALSE(DigestFromHex(hex + "0"));
  CHECK_FALSE(DigestFromHex("g" + hex.substr(1)));
  CHECK_FALSE(DigestFromHex(""));
}

TEST_CASE("Digest: new tokens are 43 characters that can be sent, and never the same", "[auth]") {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const auto token = NewToken();
    REQUIRE(token.ok());
    CHECK(token->size() == 43);
    CHECK(IsToken(*token));
    CHECK(token->size() >= kTokenBytesMin);
    CHECK(seen.insert(*token).second);
  }
}

}  // namespace
}  // namespace quell::auth
