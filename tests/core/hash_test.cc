#include "core/hash.h"

#include <catch2/catch.hpp>
#include <string>

#include "core/random.h"

namespace quell {
namespace {

TEST_CASE("Hash: CRC-32C matches the published check values", "[core]") {
  CHECK(Crc32c("") == 0);
  CHECK(Crc32c("123456789") == 0xE3069283U);
  CHECK(Crc32c(std::string(32, '\0')) == 0x8A9136AAU);  // RFC 3720, B.4
  CHECK(Crc32c(std::string(32, '\xFF')) == 0x62A8AB43U);
}

TEST_CASE("Hash: CRC-32C is the same by instruction and by table, at any length and alignment",
          "[core]") {
  std::string bytes;
  Random random(11);
  for (int i = 0; i < 300; ++i) bytes += static_cast<char>(random.Below(256));
  const std::string_view all = bytes;
  for (size_t from = 0; from < 9; ++from) {
    for (size_t size = 0; from + size <= bytes.size(); ++size) {
      REQUIRE(Crc32c(all.substr(from, size)) == Crc32cPortable(all.substr(from, size)));
    }
  }
  CHECK(Crc32cPortable("123456789") == 0xE3069283U);
}

TEST_CASE("Hash: SHA-256 matches FIPS 180-4's examples", "[core]") {
  CHECK(Sha256Hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(Sha256Hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("Hash: XXH3-64 matches its reference", "[core]") {
  CHECK(Hash64("") == 0x2D06800538D394C2ULL);
  CHECK(Hash64("", 1) != Hash64(""));
  CHECK(Hash64("a") != Hash64("b"));
}

TEST_CASE("Hash: the hasher knows where one string ends", "[core]") {
  const auto of = [](std::initializer_list<const char*> parts) {
    Hasher hasher;
    for (const char* part : parts) hasher.Add(part);
    return hasher.Finish();
  };
  CHECK(of({"ab", "c"}) != of({"a", "bc"}));
  CHECK(of({"a", ""}) != of({"a"}));
  CHECK(of({"a", "b"}) != of({"b", "a"}));
  CHECK(of({"a", "b"}) == of({"a", "b"}));
}

TEST_CASE("Hash: hexadecimal text is sixteen lower-case digits", "[core]") {
  CHECK(Hex64(0) == "0000000000000000");
  CHECK(Hex64(0xABCDEF0123456789ULL) == "abcdef0123456789");
}

}  // namespace
}  // namespace quell
