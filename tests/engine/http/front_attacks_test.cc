// Each hole that cpp-httplib 0.11.4 has, and each way two readers of one byte stream can come to
// disagree, as an attack over a real socket.
#include "tests/engine/http/front_fixture.h"

namespace quell::http {
namespace {

// A request that must never be answered: it lies inside what another request owns.
const std::string kSmuggled = Get("/items/666");

// What the server answers to `bytes`, after which the connection must have ended, with nothing of
// a smuggled request in between.
RawAnswer LastAnswer(TestFront& server, const std::string& bytes) {
  RawClient client(server.port());
  client.Send(bytes);
  RawAnswer answer = client.Receive();
  CHECK(answer.Has("Connection: close"));
  CHECK(client.Ended());
  return answer;
}

TEST_CASE("Attack: CVE-2023-26130, CR LF in what a handler echoes", "[http]") {
  TestFront server;
  RawClient client(server.port());
  const RawAnswer answer =
      client.Ask(Post("/echo?p=%0d%0aX-Evil:%20yes", "", "Echo: %0d%0aX-Evil: yes\r\n"));
  CHECK(answer.status == 200);
  CHECK_FALSE(answer.Has("\r\nX-Evil"));
  CHECK(client.Ask(Get("/a%0d%0aX-Evil:y")).status == 400);
}

TEST_CASE("Attack: CVE-2025-46728, a chunked body past the limit", "[http]") {
  TestFront server;
  server.gate.body_bytes_max = 1000;
  RawClient client(server.port());
  client.Send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 100; ++i) client.Send("64\r\n" + std::string(100, 'b') + "\r\n");
  CHECK(client.Receive().status == 413);
  // One chunk that says so itself is refused before a byte of it has come.
  CHECK(LastAnswer(server,
                   "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "3e9\r\n")
            .status == 413);
  CHECK(server.Bodies(BodyFault::kTooLarge) == 2);
  CHECK(server.served == 0);
}

TEST_CASE("Attack: a declared length past the limit is refused before the body", "[http]") {
  TestFront server;
  server.gate.body_bytes_max = 100000;
  CHECK(LastAnswer(server, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100001\r\n\r\n")
            .status == 413);
  // The client sends all of it all the same, and sees the answer.
  CHECK(LastAnswer(server, Post("/echo", std::string(3000000, 'b'))).status == 413);
}

TEST_CASE("Attack: CVE-2025-53628, a line without an end", "[http]") {
  TestFront server;
  CHECK(LastAnswer(server, "GET /" + std::string(200000, 'a')).status == 414);
  CHECK(LastAnswer(server, "GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(200000, 'a')).status ==
        431);
  CHECK(server.Heads(HeadFault::kTargetTooLong) == 1);
  CHECK(server.Heads(HeadFault::kTooLarge) == 1);
}

TEST_CASE("Attack: CVE-2025-52887, headers without number", "[http]") {
  TestFront server;
  std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (int i = 0; i < 400; ++i) bytes += "A: b\r\n";
  CHECK(LastAnswer(server, bytes).status == 431);
  CHECK(server.Heads(HeadFault::kTooManyHeaders) == 1);
}

TEST_CASE("Attack: CVE-2025-53629, chunk extensions and trailers without end", "[http]") {
  TestFront server;
  const std::string head = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(LastAnswer(server, head + "1;" + std::string(20000, 'e')).status == 400);
  std::string trailers = head + "1\r\na\r\n0\r\n";
  for (int i = 0; i < 2000; ++i) trailers += "A: b\r\n";
  CHECK(LastAnswer(server, trailers).status == 400);
  CHECK(server.Bodies(BodyFault::kChunk) == 2);
}

TEST_CASE("Attack: CVE-2025-66570, REMOTE_ADDR and identity from the client", "[http]") {
  TestFront server;
  RawClient client(server.port());
  const RawAnswer answer = client.Ask(
      Post("/echo", "", "REMOTE_ADDR: 6.6.6.6\r\nx-QUELL-identity: admin\r\nLOCAL_PORT: 1\r\n"));
  CHECK(answer.Has("X-Remote: 127.0.0.1|127.0.0.1\r\n"));
  CHECK_FALSE(answer.Has("admin"));
}

TEST_CASE("Attack: CVE-2026-22776, compressed bodies are not inflated", "[http]") {
  TestFront server;
  RawClient client(server.port());
  // "hello" by gzip: the handler must see these bytes, not the text.
  const std::string gzip(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00"
      "\x00\x00",
      25);
  for (const std::string encoding : {"gzip", "deflate", "br", "snappy"}) {
    const RawAnswer answer =
        client.Ask(Post("/echo", gzip, "Content-Encoding: " + encoding + "\r\n"));
    CHECK(answer.body == gzip);
    CHECK(answer.Has("X-Encoding: " + encoding));
  }
}

TEST_CASE("Attack: CVE-2026-28434, an exception's text stays inside", "[http]") {
  TestFront server;
  RawClient client(server.port());
  const RawAnswer answer = client.Ask(Get("/throws"));
  CHECK(answer.status == 500);
  CHECK_FALSE(answer.Has("secret"));
  CHECK_FALSE(answer.Has("X-Partly"));
  CHECK(answer.body.find("secret") == std::string::npos);
  CHECK(answer.body.find("internal_server_error") != std::string::npos);
  CHECK(server.counters().handler_exceptions == 1);
  CHECK(client.Ask(Get("/hello")).status == 200);
}

TEST_CASE("Attack: CVE-2026-29076, multipart bodies are refused", "[http]") {
  TestFront server;
  RawClient client(server.port());
  const std::string body = "--x\r\nContent-Disposition: form-data; filename*=a\r\n\r\n\r\n--x--";
  CHECK(
      client.Ask(Post("/echo", body, "Content-Type: Multipart/form-data; boundary=x\r\n")).status ==
      415);
  CHECK(client.Ask(Get("/hello")).status == 200);
  CHECK(server.Bodies(BodyFault::kMultipart) == 1);
  CHECK(server.served == 1);
}

TEST_CASE("Attack: CVE-2026-34441, an unread body is not the next request", "[http]") {
  TestFront server;
  const std::string length = "Content-Length: " + std::to_string(kSmuggled.size()) + "\r\n";
  // A GET with a body; a POST that is refused, unknown, or of the wrong kind.
  const std::pair<std::string, int> rows[] = {
      {Get("/hello", length), 200},
      {Post("/forbidden", kSmuggled), 403},
      {Post("/nowhere", kSmuggled), 404},
      {Post("/hello", kSmuggled), 405},
      {Post("/echo", kSmuggled, "Content-Type: multipart/x\r\n"), 415},
  };
  for (const auto& [bytes, status] : rows) {
    INFO(bytes);
    RawClient client(server.port());
    client.Send(bytes);
    if (bytes.find(kSmuggled) == std::string::npos) client.Send(kSmuggled);
    CHECK(client.Receive().status == status);
    CHECK(client.Ask(Get("/items/1")).body == "1");
    CHECK_FALSE(client.HasBytes());
  }
}

TEST_CASE("Attack: a chunked GET's body is dropped, too", "[http]") {
  TestFront server;
  RawClient client(server.port());
  CHECK(client.Ask(Get("/hello", "Transfer-Encoding: chunked\r\n") + "5\r\nabcde\r\n0\r\n\r\n")
            .status == 200);
  CHECK(client.Ask(Get("/items/1")).body == "1");
}

TEST_CASE("Attack: CVE-2026-45352, chunk sizes that are none", "[http]") {
  TestFront server;
  for (const std::string size : {"-1", "+1", "0x1", "g", "", " 1", "1 ", "fffffffff", "1\n"}) {
    INFO(size);
    const int status =
        LastAnswer(server, "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
                               size + "\r\na\r\n0\r\n\r\n")
            .status;
    CHECK(status == 400);
  }
  // Data that does not end where the size says.
  CHECK(LastAnswer(server,
                   "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "1\r\nab\r\n0\r\n\r\n")
            .status == 400);
  CHECK(server.served == 0);
}

TEST_CASE("Attack: CVE-2026-45372, header values are handed on undecoded", "[http]") {
  TestFront server;
  RawClient client(server.port());
  CHECK(client.Ask(Post("/echo", "", "Echo: a%20b%2Bc\r\n")).Has("X-Echo: a%20b%2Bc\r\n"));
}

TEST_CASE("Attack: length beside encoding, two lengths, odd encodings", "[http]") {
  TestFront server;
  const std::pair<std::string, int> rows[] = {
      {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Content-Length: 5\r\nContent-Length: 5\r\n", 400},
      {"Content-Length: 5\r\nContent-Length: 60\r\n", 400},
      {"Content-Length: 5,60\r\n", 400},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", 400},
      {"Transfer-Encoding: identity\r\n", 501},
      {"Transfer-Encoding: chunked, gzip\r\n", 501},
      {"Transfer-Encoding : chunked\r\n", 400},
      {"X: y\r\n Transfer-Encoding: chunked\r\n", 400},
      {"X: y\nTransfer-Encoding: chunked\r\n", 400},
  };
  for (const auto& [headers, status] : rows) {
    INFO(headers);
    const std::string bytes = "POST /echo HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n";
    CHECK(LastAnswer(server, bytes + "0\r\n\r\n" + kSmuggled).status == status);
  }
  CHECK(server.served == 0);
}

TEST_CASE("Attack: not HTTP/1.x at all", "[http]") {
  TestFront server;
  CHECK(LastAnswer(server, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status == 505);
  CHECK(LastAnswer(server, "GET /hello\r\n\r\n").status == 400);
  CHECK(LastAnswer(server, "GET /hello HTTP/1.1\nHost: h\n\n").status == 400);
  // A TLS greeting on a port without TLS.
  CHECK(LastAnswer(server, std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8)).status == 400);
  CHECK(LastAnswer(server, "BREW /hello HTTP/1.1\r\nHost: h\r\n\r\n").status == 501);
  CHECK(LastAnswer(server, "GET /hello HTTP/1.1\r\n\r\n").status == 400);
  CHECK(server.served == 0);
}

TEST_CASE("Attack: a long path does not exhaust the router's stack", "[http]") {
  TestFront server;
  RawClient client(server.port());
  CHECK(client.Ask(Get("/items/" + std::string(8000, '1'))).status == 200);
  CHECK(client.Ask(Get("/items/" + std::string(8000, 'x'))).status == 404);
}

}  // namespace
}  // namespace quell::http
