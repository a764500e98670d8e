#include <catch2/catch.hpp>

#include "ingest/remote_write.h"

namespace quell::ingest {
namespace {

constexpr std::int64_t kAbsent = -1;

HeaderVerdict Judge(std::string_view type, std::string_view encoding = "snappy",
                    std::int64_t length = 100) {
  return JudgeWriteHeaders(type, encoding, length, RemoteWriteLimits{});
}

}  // namespace

TEST_CASE("Headers: the media type decides the protocol, whatever its case and white space") {
  const auto [type, protocol] = GENERATE(table<std::string, WriteProtocol>({
      {"application/x-protobuf", WriteProtocol::kV1},
      {"application/x-protobuf;proto=prometheus.WriteRequest", WriteProtocol::kV1},
      {"application/x-protobuf;proto=io.prometheus.write.v2.Request", WriteProtocol::kV2},
      {"application/x-protobuf; proto=io.prometheus.write.v2.Request", WriteProtocol::kV2},
      {" Application/X-Protobuf \t; Proto = io.prometheus.write.v2.Request ", WriteProtocol::kV2},
      {"application/x-protobuf;charset=utf-8;proto=\"io.prometheus.write.v2.Request\"",
       WriteProtocol::kV2},
      {"application/x-protobuf;", WriteProtocol::kV1},
  }));
  CAPTURE(type);
  const HeaderVerdict verdict = Judge(type);
  CHECK(verdict.status == 200);
  CHECK(verdict.protocol == protocol);
}

TEST_CASE("Headers: a missing Content-Type or Content-Encoding means 1.0 with snappy") {
  CHECK(Judge("", "").status == 200);
  CHECK(Judge("", "").protocol == WriteProtocol::kV1);
  CHECK(Judge("application/x-protobuf", "").status == 200);
  CHECK(Judge("application/x-protobuf", " SNAPPY ").status == 200);
}

TEST_CASE("Headers: TestBadContentTypes and an unknown proto are 415 and say what is offered") {
  for (const auto* type :
       {"application/json", "image/png", "application/x-protobuf;proto=foo.Bar",
        "application/x-protobuf2", "x-protobuf", "application/x-protobuf;proto="}) {
    CAPTURE(type);
    const HeaderVerdict verdict = Judge(type);
    CHECK(verdict.status == 415);
    CHECK_THAT(verdict.message, Catch::Contains("not offered"));
  }
}

TEST_CASE("Headers: TestBadContentEncodings are 415") {
  for (const auto* encoding : {"gzip", "deflate", "zstd", "snappy, gzip", "identity"}) {
    CAPTURE(encoding);
    CHECK(Judge("application/x-protobuf", encoding).status == 415);
  }
}

TEST_CASE("Headers: a declared length over the limit is 413, an absent one is allowed") {
  const auto limit = static_cast<std::int64_t>(RemoteWriteLimits{}.wire_bytes_max);
  CHECK(Judge("", "", limit).status == 200);
  CHECK(Judge("", "", limit + 1).status == 413);
  CHECK(Judge("", "", kAbsent).status == 200);
}

TEST_CASE("Headers: a refusal stays printable whatever the sender wrote") {
  const HeaderVerdict verdict = Judge("evil\r\nX-Injected: 1\xFF");
  CHECK(verdict.status == 415);
  CHECK(verdict.message.find('\n') == std::string::npos);
  CHECK(verdict.message.find('\xFF') == std::string::npos);
}

}  // namespace quell::ingest
