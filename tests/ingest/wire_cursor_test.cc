#include "ingest/wire_cursor.h"

#include <catch2/catch.hpp>
#include <limits>

namespace quell::ingest {

TEST_CASE("WireCursor: reads back every kind of field that is written") {
  std::string message;
  WireWriter writer(message);
  writer.Tag(1, WireType::kVarint);
  writer.Varint(std::numeric_limits<std::uint64_t>::max());
  writer.Bytes(2000, "payload");
  writer.Double(3, 1.5);
  message += std::string("\x25\x01\x02\x03\x04", 5);  // field 4, fixed32
  WireCursor cursor(message);
  WireField field;
  REQUIRE(cursor.Next(field));
  CHECK(field.varint == std::numeric_limits<std::uint64_t>::max());
  REQUIRE(cursor.Next(field));
  CHECK(field.number == 2000);
  CHECK(field.bytes == "payload");
  REQUIRE(cursor.Next(field));
  CHECK(field.type == WireType::kFixed64);
  REQUIRE(cursor.Next(field));
  CHECK(field.type == WireType::kFixed32);
  CHECK_FALSE(cursor.Next(field));
  CHECK(cursor.ok());
}

TEST_CASE("WireCursor: whatever is cut short, oversized or a group is malformed") {
  for (const std::string& bad :
       {std::string("\x08"), std::string("\x0a\x05xx"), std::string("\x09\x01"),
        std::string("\x0b\x0c"), std::string("\x00\x00", 2), std::string(11, '\xff'),
        std::string("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")}) {
    WireCursor cursor(bad);
    WireField field;
    CHECK_FALSE(cursor.Next(field));
    CHECK_FALSE(cursor.ok());
  }
}

TEST_CASE("WireCursor: VarintSize is the length that Varint writes") {
  for (unsigned bit = 0; bit < 64; ++bit) {
    for (const std::uint64_t value : {std::uint64_t{1} << bit, (std::uint64_t{1} << bit) - 1}) {
      std::string out;
      WireWriter(out).Varint(value);
      CHECK(out.size() == VarintSize(value));
      CHECK(CountVarints(out) == 1);
    }
  }
}

}  // namespace quell::ingest
