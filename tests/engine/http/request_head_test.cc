#include "engine/http/request_head.h"

#include <catch2/catch.hpp>
#include <string>

namespace quell::http {
namespace {

const HeadLimits kLimits;

// The fault that scanner or parser finds in `bytes`; kNone for a good head.
HeadFault FaultOf(const std::string& bytes, RequestHead& head, const HeadLimits& limits = kLimits) {
  HeadScanner scanner(limits);
  const HeadScanner::Verdict verdict = scanner.Scan(bytes);
  REQUIRE(verdict != HeadScanner::Verdict::kNeedMore);
  if (verdict == HeadScanner::Verdict::kRefused) return scanner.fault();
  return ParseHead(std::string_view(bytes).substr(0, scanner.head_bytes()), limits, head);
}

HeadFault FaultOf(const std::string& bytes, const HeadLimits& limits = kLimits) {
  RequestHead head;
  return FaultOf(bytes, head, limits);
}

RequestHead Parsed(const std::string& bytes) {
  RequestHead head;
  INFO(bytes);
  REQUIRE(FaultOf(bytes, head) == HeadFault::kNone);
  return head;
}

// A GET of HTTP/1.1 with these header lines behind Host.
std::string With(const std::string& lines) {
  return "GET / HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n";
}

TEST_CASE("Request head: a sender's ordinary request is understood", "[http]") {
  const RequestHead head = Parsed(
      "POST /api/v1/write?a=b%20c HTTP/1.1\r\nHost: localhost:9797\r\n"
      "User-Agent: Prometheus/2.42.0+ds\r\nContent-Length: 45000\r\nContent-Encoding: snappy\r\n"
      "Content-Type:\t application/x-protobuf \r\n\r\nbody");
  CHECK(head.method == "POST");
  CHECK(head.path == "/api/v1/write");
  CHECK(head.query == "a=b%20c");
  CHECK(head.content_length == 45000);
  CHECK(head.Header("content-type") == "application/x-protobuf");
  CHECK(head.Header("absent").empty());
  CHECK(head.keep_alive);
  CHECK_FALSE(head.chunked);
  CHECK(head.HasBody());
}

TEST_CASE("Request head: one that is not complete asks for more", "[http]") {
  const std::string bytes = With("");
  HeadScanner scanner(kLimits);
  for (size_t n = 0; n < bytes.size(); ++n) {
    REQUIRE(scanner.Scan(std::string_view(bytes).substr(0, n)) == HeadScanner::Verdict::kNeedMore);
  }
  REQUIRE(scanner.Scan(bytes + "next") == HeadScanner::Verdict::kComplete);
  CHECK(scanner.head_bytes() == bytes.size());
}

TEST_CASE("Request head: request lines that are none are refused", "[http]") {
  const std::pair<std::string, HeadFault> rows[] = {
      {"GET /\r\n", HeadFault::kRequestLine},  // HTTP/0.9
      {"GET\r\n", HeadFault::kRequestLine},
      {" GET / HTTP/1.1\r\n", HeadFault::kRequestLine},
      {"GET / HTTP/1.1 \r\n", HeadFault::kRequestLine},
      {"GET  HTTP/1.1\r\n", HeadFault::kRequestLine},
      {"G(T / HTTP/1.1\r\n", HeadFault::kRequestLine},
      {"GET / http/1.1\r\n", HeadFault::kRequestLine},
      {"GET / HTTP/1.10\r\n", HeadFault::kRequestLine},
      {"PRI * HTTP/2.0\r\n", HeadFault::kVersion},  // the HTTP/2 preface
      {"GET / HTTP/1.2\r\n", HeadFault::kVersion},
      {"GET / HTTP/3.0\r\n", HeadFault::kVersion},
      {"BREW / HTTP/1.1\r\n", HeadFault::kMethod},
      {"get / HTTP/1.1\r\n", HeadFault::kMethod},
      {"TRACE / HTTP/1.1\r\n", HeadFault::kMethod},
      {"CONNECT h:80 HTTP/1.1\r\n", HeadFault::kMethod},
      {"GET h:80 HTTP/1.1\r\n", HeadFault::kTarget},
      {"OPTIONS * HTTP/1.1\r\n", HeadFault::kTarget},
      {"GET /a b HTTP/1.1\r\n", HeadFault::kTarget},
      {"GET /\xc3\xa9 HTTP/1.1\r\n", HeadFault::kTarget},
      {"GET /a#b HTTP/1.1\r\n", HeadFault::kTarget},
      {"GET /%4 HTTP/1.1\r\n", HeadFault::kTarget},
      {"GET /%zz HTTP/1.1\r\n", HeadFault::kTarget},
      {"GET /%u0041 HTTP/1.1\r\n", HeadFault::kTarget},
      {"GET /%0d%0aX:y HTTP/1.1\r\n", HeadFault::kTarget},
      {"GET /%00 HTTP/1.1\r\n", HeadFault::kTarget},
      {"GET http:///x HTTP/1.1\r\n", HeadFault::kTarget},
      {"GET http://a@b/x HTTP/1.1\r\n", HeadFault::kTarget},
      {"\r\nGET / HTTP/1.1\r\n", HeadFault::kRequestLine},
  };
  for (const auto& [line, fault] : rows) {
    INFO(line);
    CHECK(HeadFaultName(FaultOf(line + "Host: h\r\n\r\n")) == HeadFaultName(fault));
  }
}

TEST_CASE("Request head: the absolute form means its path", "[http]") {
  CHECK(Parsed("GET http://h:1/a%2Fb?q HTTP/1.1\r\nHost: h\r\n\r\n").path == "/a/b");
  CHECK(Parsed("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n").path == "/");
  const RequestHead head = Parsed("GET HTTPS://h?x=/y HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(head.path == "/");
  CHECK(head.query == "x=/y");
}

TEST_CASE("Request head: header lines that readers may disagree on are refused", "[http]") {
  const std::pair<std::string, HeadFault> rows[] = {
      {"A: b\n", HeadFault::kBareLineBreak},
      {"A: b\rC: d\r\n", HeadFault::kBareLineBreak},
      {"A: b\r\r\n", HeadFault::kBareLineBreak},
      {std::string("A: \0b\r\n", 7), HeadFault::kControlCharacter},
      {"A: \x01\r\n", HeadFault::kControlCharacter},
      {"A: \x7f\r\n", HeadFault::kControlCharacter},
      {"A: b\r\n c\r\n", HeadFault::kFolded},
      {"A: b\r\n\tc\r\n", HeadFault::kFolded},
      {"A : b\r\n", HeadFault::kHeaderName},
      {"A\t: b\r\n", HeadFault::kHeaderName},
      {": b\r\n", HeadFault::kHeaderName},
      {"no colon\r\n", HeadFault::kHeaderName},
      {"A(b): c\r\n", HeadFault::kHeaderName},
      {"\xc3\xa9: c\r\n", HeadFault::kHeaderName},
      {"Host: h\r\n", HeadFault::kHost},
      {"Content-Length: 5\r\nContent-Length: 5\r\n", HeadFault::kContentLengthTwice},
      {"Content-Length: 5\r\nContent-Length: 6\r\n", HeadFault::kContentLengthTwice},
      {"Content-Length: 5, 5\r\n", HeadFault::kContentLength},
      {"Content-Length: -1\r\n", HeadFault::kContentLength},
      {"Content-Length: +5\r\n", HeadFault::kContentLength},
      {"Content-Length: 0x5\r\n", HeadFault::kContentLength},
      {"Content-Length: \r\n", HeadFault::kContentLength},
      {"Content-Length: 18446744073709551617\r\n", HeadFault::kContentLength},
      {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", HeadFault::kLengthAndEncoding},
      {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", HeadFault::kLengthAndEncoding},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
       HeadFault::kTransferEncoding},
      {"Transfer-Encoding: gzip, chunked\r\n", HeadFault::kTransferEncodingKind},
      {"Transfer-Encoding: identity\r\n", HeadFault::kTransferEncodingKind},
      {"Transfer-Encoding: xchunked\r\n", HeadFault::kTransferEncodingKind},
      {"Transfer-Encoding: \x0b"
       "chunked\r\n",
       HeadFault::kControlCharacter},
      {"Transfer-Encoding:\r\n", HeadFault::kTransferEncodingKind},
      {"Expect: 200-ok\r\n", HeadFault::kExpect},
  };
  for (const auto& [lines, fault] : rows) {
    INFO(lines);
    CHECK(HeadFaultName(FaultOf(With(lines))) == HeadFaultName(fault));
  }
}

TEST_CASE("Request head: HTTP/1.1 needs exactly one Host, HTTP/1.0 at most one", "[http]") {
  CHECK(FaultOf("GET / HTTP/1.1\r\nA: b\r\n\r\n") == HeadFault::kHost);
  CHECK(FaultOf("GET / HTTP/1.1\r\nHost: a b\r\n\r\n") == HeadFault::kHost);
  CHECK(FaultOf("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n") == HeadFault::kHost);
  CHECK(FaultOf("GET / HTTP/1.0\r\nA: b\r\n\r\n") == HeadFault::kNone);
  CHECK(FaultOf("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n") == HeadFault::kHost);
  CHECK(FaultOf("GET / HTTP/1.1\r\nHost: [::1]:9797\r\n\r\n") == HeadFault::kNone);
}

TEST_CASE("Request head: the connection stays as the client asks", "[http]") {
  CHECK(Parsed(With("")).keep_alive);
  CHECK_FALSE(Parsed(With("Connection: x, Close\r\n")).keep_alive);
  CHECK_FALSE(Parsed("GET / HTTP/1.0\r\n\r\n").keep_alive);
  CHECK_FALSE(Parsed("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
  CHECK(FaultOf("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") ==
        HeadFault::kTransferEncoding);
  CHECK(Parsed(With("Expect: 100-Continue\r\n")).expect_continue);
}

TEST_CASE("Request head: headers that only the server may set are dropped", "[http]") {
  const RequestHead head = Parsed(
      With("REMOTE_ADDR: 10.0.0.1\r\nRemote_Port: 1\r\nLOCAL_ADDR: x\r\nlocal_port: 2\r\n"
           "X-Quell-Identity: admin\r\nx-quell-other: 1\r\nEXCEPTION_WHAT: x\r\nKept: 1\r\n"));
  REQUIRE(head.headers.size() == 2);
  CHECK(head.headers[0].name == "host");
  CHECK(head.headers[1].name == "kept");
}

TEST_CASE("Request head: header values are not decoded", "[http]") {
  CHECK(Parsed(With("A: %0d%0aX: y\r\n")).Header("a") == "%0d%0aX: y");
}

TEST_CASE("Request head: each limit has its status", "[http]") {
  const HeadLimits small{256, 64, 3};
  CHECK(FaultOf("GET /" + std::string(63, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", small) ==
        HeadFault::kNone);
  CHECK(FaultOf("GET /" + std::string(64, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", small) ==
        HeadFault::kTargetTooLong);
  // Without a line's end in sight the refusal does not wait for it.
  CHECK(FaultOf("GET /" + std::string(200, 'a'), small) == HeadFault::kTargetTooLong);
  CHECK(FaultOf(With("A: b\r\nA: b\r\n"), small) == HeadFault::kNone);
  CHECK(FaultOf(With("A: b\r\nA: b\r\nA: b\r\n"), small) == HeadFault::kTooManyHeaders);
  CHECK(FaultOf(With("A: " + std::string(300, 'b')), small) == HeadFault::kTooLarge);
  CHECK(StatusOf(HeadFault::kTargetTooLong) == 414);
  CHECK(StatusOf(HeadFault::kTooManyHeaders) == 431);
  CHECK(StatusOf(HeadFault::kTooLarge) == 431);
  CHECK(StatusOf(HeadFault::kVersion) == 505);
  CHECK(StatusOf(HeadFault::kMethod) == 501);
  CHECK(StatusOf(HeadFault::kTransferEncodingKind) == 501);
  CHECK(StatusOf(HeadFault::kExpect) == 417);
  CHECK(StatusOf(HeadFault::kHost) == 400);
}

}  // namespace
}  // namespace quell::http
