#include "engine/auth/password.h"

#include <catch2/catch.hpp>

#include "engine/auth/credentials.h"

namespace quell::auth {
namespace {

// Made with Python's crypt module, "correct horse" each.
constexpr const char* kBcrypt = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";
constexpr const char* kHtpasswd = "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";
constexpr const char* kSha512 =
    "$6$rounds=1000$saltsaltsalt$Dt0JGUnDdc4DdUjlyySCHRPx7U2pABqWbPrinz5ntgKXqDPocxu0xlsHum4."
    "yrEVleQdkaDZxTsKnM8ZF88Lz1";
constexpr const char* kYescrypt = "$y$j75$saltsaltsalt$zQziiNee/3jd.PJJvsNgy7GH5uO3HbsUNcQ3Jsopj2B";

std::string With(std::string hash, size_t at, const std::string& text) {
  return hash.replace(at, text.size(), text);
}

TEST_CASE("Password: every kind of hash knows its password and no other", "[auth]") {
  for (const std::string hash : {kBcrypt, kHtpasswd, kSha512, kYescrypt}) {
    INFO(hash);
    REQUIRE(CheckPasswordHash(hash).ok());
    CHECK(VerifyPassword("correct horse", hash));
    for (const char* wrong : {"", "correct hors", "correct horse ", "Correct horse"}) {
      CHECK_FALSE(VerifyPassword(wrong, hash));
    }
    CHECK_FALSE(VerifyPassword(hash, hash));
  }
}

TEST_CASE("Password: what is no whole hash of a known kind is refused unseen", "[auth]") {
  const std::string hashes[] = {
      "",
      "correct horse",
      "*0",
      "$1$salt$dIpgnxMD5b0MXbrhNKwZy/",                       // MD5
      "$5$salt$Gcm6FsVtF/Qa77ZKD.iwsJlCVPY0XSMgLJL0Hnww/c1",  // SHA-256
      "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
      "$apr1$abcdefgh$wxyzwxyzwxyzwxyzwxyzw/",
      std::string(kBcrypt).substr(0, 29),  // a salt alone
      std::string(kBcrypt) + "x",
      With(kBcrypt, 4, "31"),  // years
      With(kBcrypt, 4, "xx"),
      With(kBcrypt, 10, "!"),
      "$6$saltsaltsalt",
      "$6$rounds=999999999$salt$" + std::string(86, 'a'),
      "$6$rounds=-5$salt$" + std::string(86, 'a'),
      "$y$j9T$saltsaltsalt",
      With(kYescrypt, 4, "H"),  // terabytes
      With(kYescrypt, 5, "z"),
      "$y$j75/.$saltsaltsalt$" + std::string(43, 'a'),  // more parameters
      "$7$" + std::string(60, 'a'),
  };
  for (const std::string& hash : hashes) {
    INFO(hash);
    const Status checked = CheckPasswordHash(hash);
    REQUIRE_FALSE(checked.ok());
    if (hash.size() > 6) CHECK(checked.error().message.find(hash.substr(3)) == std::string::npos);
  }
}

TEST_CASE("Password: a fresh hash is yescrypt, salted anew, and passes its own check", "[auth]") {
  const auto first = HashPassword("correct horse");
  const auto second = HashPassword("correct horse");
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  CHECK(*first != *second);
  CHECK(first->rfind("$y$", 0) == 0);
  CHECK(CheckPasswordHash(*first).ok());
  CHECK(VerifyPassword("correct horse", *first));
}

TEST_CASE("Password: one that could never be sent is not hashed", "[auth]") {
  for (const std::string& password : {std::string(), std::string("a\nb"), std::string("a\0b", 3),
                                      std::string(kPasswordBytesMax + 1, 'p')}) {
    CHECK_FALSE(HashPassword(password).ok());
  }
}

}  // namespace
}  // namespace quell::auth
