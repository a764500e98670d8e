// HTTP request heads: the same verdict however the bytes are cut; what is accepted holds its bounds
// and means the same when written again in normal form.
#include "engine/http/request_head.h"
#include "tests/fuzz/fuzz_target.h"

namespace quell::fuzz {

std::vector<std::string> Seeds() {
  return {"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
          "POST /api/v1/write?x=%41 HTTP/1.1\r\nHost: 127.0.0.1:9797\r\nContent-Length: 45\r\n"
          "Content-Type: application/x-protobuf\r\nContent-Encoding: snappy\r\n\r\n",
          "POST http://h/%2e HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
          "Expect: 100-continue\r\nConnection: close, x\r\nREMOTE_ADDR: 1\r\n\r\n",
          "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"};
}

}  // namespace quell::fuzz

namespace {

using namespace quell::http;

std::string Written(const RequestHead& head) {
  std::string out = head.method + ' ' + head.target + (head.http_1_0 ? " HTTP/1.0" : " HTTP/1.1");
  for (const HeaderField& field : head.headers) out += "\r\n" + field.name + ": " + field.value;
  return out + "\r\n\r\n";
}

void CheckAccepted(const RequestHead& head, const HeadLimits& limits) {
  FUZZ_REQUIRE(!head.path.empty() && head.path[0] == '/');
  FUZZ_REQUIRE(head.headers.size() <= limits.headers_max);
  FUZZ_REQUIRE(head.target.size() <= limits.target_bytes_max);
  FUZZ_REQUIRE(!(head.chunked && head.content_length >= 0));
  int lengths = 0;
  for (const HeaderField& field : head.headers) {
    FUZZ_REQUIRE(field.value.find_first_of(std::string("\r\n\0", 3)) == std::string::npos);
    FUZZ_REQUIRE(field.name != "remote_addr" && field.name.rfind("x-quell-", 0) != 0);
    lengths += field.name == "content-length" ? 1 : 0;
  }
  FUZZ_REQUIRE(lengths <= 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const HeadLimits limits{512, 128, 12};
  const std::string_view bytes = quell::fuzz::View(data, size);
  HeadScanner whole(limits);
  HeadScanner trickling(limits);
  const HeadScanner::Verdict verdict = whole.Scan(bytes);
  HeadScanner::Verdict slow = HeadScanner::Verdict::kNeedMore;
  for (size_t n = 1; n <= size && slow == HeadScanner::Verdict::kNeedMore; ++n) {
    slow = trickling.Scan(bytes.substr(0, n));
  }
  FUZZ_REQUIRE(slow == verdict);
  FUZZ_REQUIRE(trickling.fault() == whole.fault());
  FUZZ_REQUIRE(trickling.head_bytes() == whole.head_bytes());
  if (verdict != HeadScanner::Verdict::kComplete) return 0;
  FUZZ_REQUIRE(whole.head_bytes() <= limits.head_bytes_max);

  RequestHead head;
  if (ParseHead(bytes.substr(0, whole.head_bytes()), limits, head) != HeadFault::kNone) return 0;
  CheckAccepted(head, limits);
  RequestHead again;
  const std::string normal = Written(head);
  FUZZ_REQUIRE(ParseHead(normal, limits, again) == HeadFault::kNone);
  FUZZ_REQUIRE(Written(again) == normal);
  FUZZ_REQUIRE(again.path == head.path && again.content_length == head.content_length);
  FUZZ_REQUIRE(again.chunked == head.chunked && again.keep_alive == head.keep_alive);
  return 0;
}
