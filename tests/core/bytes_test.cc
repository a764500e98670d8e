#include "core/bytes.h"

#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <vector>

namespace quell {
namespace {

TEST_CASE("Bytes: what is written is read back in the same order", "[core]") {
  ByteWriter out;
  out.Put(std::uint8_t{7});
  out.Put(std::int64_t{-5});
  out.Put(1.5);
  out.PutString("hello");
  out.PutString("");
  out.PutArray(std::vector<double>{1, 2, 3});
  out.PutArray(std::vector<float>{});
  out.Put(true);
  ByteReader in(out.bytes());
  CHECK(in.Get<std::uint8_t>() == 7);
  CHECK(in.Get<std::int64_t>() == -5);
  CHECK(in.Get<double>() == 1.5);
  CHECK(in.GetString() == "hello");
  CHECK(in.GetString().empty());
  CHECK(in.GetArray<double>() == std::vector<double>{1, 2, 3});
  CHECK(in.GetArray<float>().empty());
  CHECK(in.Get<bool>());
  CHECK(in.ok());
  CHECK(in.AtEnd());
}

TEST_CASE("Bytes: numbers are little-endian", "[core]") {
  ByteWriter out;
  out.Put(std::uint32_t{0x01020304});
  CHECK(out.bytes() == std::string("\x04\x03\x02\x01"));
}

TEST_CASE("Bytes: every cut of a message is noticed and read as zero from there", "[core]") {
  ByteWriter out;
  out.Put(std::uint64_t{1});
  out.PutString("abcdef");
  out.PutArray(std::vector<std::uint32_t>{1, 2, 3});
  const std::string whole = out.Take();
  for (size_t cut = 0; cut < whole.size(); ++cut) {
    // A copy of exactly this size, so that a sanitizer sees a read beyond it.
    const std::vector<char> exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut));
    ByteReader in({exact.data(), exact.size()});
    (void)in.Get<std::uint64_t>();
    (void)in.GetString();
    (void)in.GetArray<std::uint32_t>();
    CHECK_FALSE(in.ok());
    CHECK(in.Get<std::uint64_t>() == 0);
    CHECK(in.GetString().empty());
  }
}

TEST_CASE("Bytes: absurd counts are refused before anything is allocated", "[core]") {
  ByteWriter out;
  out.Put(std::numeric_limits<std::uint64_t>::max());
  ByteReader array(out.bytes());
  CHECK(array.GetArray<double>().empty());
  CHECK_FALSE(array.ok());
  ByteReader count(out.bytes());
  CHECK(count.GetCount(8) == 0);
  CHECK_FALSE(count.ok());

  ByteWriter text;
  text.Put(std::numeric_limits<std::uint32_t>::max());
  ByteReader string(text.bytes());
  CHECK(string.GetString().empty());
  CHECK_FALSE(string.ok());
}

TEST_CASE("Bytes: a count is bounded by what could be left", "[core]") {
  ByteWriter out;
  out.Put(std::uint64_t{2});
  out.Put(std::uint64_t{0});
  ByteReader fits(out.bytes());
  CHECK(fits.GetCount(4) == 2);
  CHECK(fits.ok());
  ByteReader too_many(out.bytes());
  CHECK(too_many.GetCount(5) == 0);
  CHECK_FALSE(too_many.ok());
}

}  // namespace
}  // namespace quell
