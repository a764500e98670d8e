#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "ingest/wire_cursor.h"
#include "tests/ingest/write_request_builder.h"

namespace quell::ingest {
namespace {

// Peak memory of this process so far.
std::int64_t PeakBytes() {
  rusage usage{};
  REQUIRE(::getrusage(RUSAGE_SELF, &usage) == 0);
  return usage.ru_maxrss * std::int64_t{1024};
}

// The decoded message itself is allowed; libprotobuf's objects for it would be gigabytes.
constexpr std::int64_t kGrowthMax = 150 << 20;

std::string Repeat(std::string_view unit, size_t count) {
  std::string out;
  out.reserve(unit.size() * count);
  for (size_t i = 0; i < count; ++i) out += unit;
  return out;
}

void CheckRefused(WriteProtocol protocol, const std::string& body, const std::string& says) {
  const std::int64_t before = PeakBytes();
  const WriteOutcome outcome = RemoteWriteDecoder(RemoteWriteLimits{}).Decode(protocol, body, kNow);
  CHECK(outcome.status == 400);
  CHECK_THAT(outcome.message, Catch::Contains(says));
  CHECK(PeakBytes() - before < kGrowthMax);
}

constexpr size_t kMillions16 = 16 << 20;  // two bytes each: 32 MiB

}  // namespace

TEST_CASE("Bombs: forty bytes that declare 2.5 GB are refused before anything is allocated") {
  std::string body;
  WireWriter(body).Varint(2'500'000'000U);
  body.resize(40, 'x');
  CheckRefused(WriteProtocol::kV1, body, "declares 2500000000 bytes");
  std::string plausible;
  WireWriter(plausible).Varint(30U << 20U);
  plausible.resize(40, 'x');
  CheckRefused(WriteProtocol::kV1, plausible, "more bytes than snappy can hold");
}

TEST_CASE("Bombs: 16 million empty series in 1.5 MB are refused without building them") {
  const std::string v1 = Snappy(Repeat(std::string_view("\x0a\x00", 2), kMillions16));
  CHECK(v1.size() < 1'700'000);
  CheckRefused(WriteProtocol::kV1, v1, "more than 100000 series");
  const std::string v2 =
      Snappy(std::string("\x22\x00", 2) + Repeat(std::string_view("\x2a\x00", 2), kMillions16 - 9));
  CheckRefused(WriteProtocol::kV2, v2, "more than 100000 series");
}

TEST_CASE("Bombs: 16 million symbols are refused without building them") {
  const std::string body = Snappy(Repeat(std::string_view("\x22\x00", 2), kMillions16));
  CheckRefused(WriteProtocol::kV2, body, "more than 500000 symbols");
}

TEST_CASE("Bombs: 16 million labels, samples, buckets or exemplar labels inside one series") {
  const size_t count = kMillions16 - 100;
  const auto series_of = [](const std::string& inner) {
    std::string out;
    WireWriter(out).Bytes(1, inner);
    return Snappy(out);
  };
  const auto wrap = [](std::uint32_t number, const std::string& inner) {
    std::string out;
    WireWriter(out).Bytes(number, inner);
    return out;
  };
  CheckRefused(WriteProtocol::kV1, series_of(Repeat(std::string_view("\x0a\x00", 2), count)),
               "labels, the limit is 64");
  CheckRefused(WriteProtocol::kV1, series_of(Repeat(std::string_view("\x12\x00", 2), count)),
               "more than 1000000 samples");
  CheckRefused(WriteProtocol::kV1,
               series_of(wrap(4, Repeat(std::string_view("\x5a\x00", 2), count))),
               "more than 1000000 samples");
  CheckRefused(WriteProtocol::kV1, series_of(wrap(4, wrap(12, std::string(count, '\1')))),
               "more than 1000000 samples");
  CheckRefused(WriteProtocol::kV1,
               series_of(wrap(3, Repeat(std::string_view("\x0a\x00", 2), count))),
               "more than 1000000 samples");
}

TEST_CASE(
    "Bombs: millions of bucket counts or bounds in doubles are refused before they are kept") {
  for (const std::uint32_t number : {10U, 13U, 16U}) {
    std::string histogram;
    WireWriter(histogram).Bytes(number, std::string(8'000'008, '\0'));
    std::string series;
    WireWriter(series).Bytes(4, histogram);
    std::string message;
    WireWriter(message).Bytes(1, series);
    CheckRefused(WriteProtocol::kV1, Snappy(message), "more than 1000000 samples");
  }
}

TEST_CASE("Bombs: packed label references are counted before they are unpacked") {
  std::string refs(4 << 20, '\1');
  std::string series;
  WireWriter(series).Bytes(1, refs);
  std::string message("\x22\x00", 2);
  WireWriter(message).Bytes(5, series);
  CheckRefused(WriteProtocol::kV2, Snappy(message), "labels, the limit is 64");
}

}  // namespace quell::ingest
