#include "tests/engine/http/front_fixture.h"

namespace quell::http {
namespace {

TEST_CASE("Front: a request is answered and the connection stays", "[http]") {
  TestFront server;
  RawClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    const RawAnswer answer = client.Ask(Get("/hello"));
    CHECK(answer.status == 200);
    CHECK(answer.body == "hello\n");
    CHECK_FALSE(answer.Has("Connection: close"));
  }
  CHECK(client.Ask(Get("/items/42")).body == "42");
  CHECK(client.Ask(Post("/echo?p=a%20b?c", std::string(100000, 'b'))).body ==
        std::string(100000, 'b'));
  CHECK(client.Ask(Post("/echo?p=a%20b?c", "x")).Has("X-Param: a b?c"));
  CHECK(server.counters().connections_total == 1);
  CHECK(server.counters().requests == 6);
  CHECK(server.counters().bytes_in_flight == 0);
}

TEST_CASE("Front: bytes may come one at a time", "[http]") {
  TestFront server;
  RawClient client(server.port());
  const std::string bytes =
      "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nTrailer: dropped\r\n\r\n" +
      Post("/echo", "tail");
  for (const char c : bytes) REQUIRE(client.Send(std::string_view(&c, 1)));
  CHECK(client.Receive().body == "abc0123456789");
  CHECK(client.Receive().body == "tail");
}

TEST_CASE("Front: pipelined requests are answered in order", "[http]") {
  TestFront server;
  RawClient client(server.port());
  std::string bytes;
  for (int i = 0; i < 50; ++i) bytes += Post("/echo", "body " + std::to_string(i));
  client.Send(bytes + Get("/hello"));
  for (int i = 0; i < 50; ++i) REQUIRE(client.Receive().body == "body " + std::to_string(i));
  CHECK(client.Receive().body == "hello\n");
}

TEST_CASE("Front: HTTP/1.0 and Connection: close end the connection", "[http]") {
  TestFront server;
  RawClient old(server.port());
  CHECK(old.Ask("GET /hello HTTP/1.0\r\n\r\n").Has("Connection: close"));
  CHECK(old.Ended());
  RawClient asked(server.port());
  CHECK(asked.Ask(Get("/hello", "Connection: close\r\n")).Has("Connection: close"));
  CHECK(asked.Ended());
}

TEST_CASE("Front: a client that has ended its side still gets the answer", "[http]") {
  TestFront server;
  RawClient client(server.port());
  client.Send(Post("/echo", "last words"));
  client.EndSending();
  CHECK(client.Receive().body == "last words");
}

TEST_CASE("Front: HEAD is answered without a body", "[http]") {
  TestFront server;
  RawClient client(server.port());
  client.Send("HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.Receive(true).Has("Content-Length: 6"));
  client.Send("HEAD /forbidden HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.Receive(true).status == 403);
  CHECK(client.Ask(Get("/hello")).body == "hello\n");
}

TEST_CASE("Front: unknown paths are 404, wrong methods 405 with Allow", "[http]") {
  TestFront server;
  RawClient client(server.port());
  const RawAnswer unknown = client.Ask(Get("/nowhere"));
  CHECK(unknown.status == 404);
  CHECK(unknown.Has("Content-Type: application/problem+json"));
  CHECK(unknown.body.find(
            "\"type\":\"urn:quell:problem:not_found\",\"title\":\"Not Found\",\"status\":404,") ==
        1);
  // Clients of Alertmanager's API know no such type.
  CHECK(client.Ask(Get("/api/v2/nowhere")).Has("Content-Type: application/json"));
  CHECK(unknown.body.find("\"not_found\"") != std::string::npos);
  const RawAnswer wrong = client.Ask(Post("/hello", ""));
  CHECK(wrong.status == 405);
  CHECK(wrong.Has("Allow: HEAD, GET") + wrong.Has("Allow: GET, HEAD") == 1);
  CHECK(client.Ask("PATCH /echo HTTP/1.1\r\nHost: h\r\n\r\n").Has("Allow: POST"));
  CHECK(client.Ask("OPTIONS /echo HTTP/1.1\r\nHost: h\r\n\r\n").status == 405);
}

TEST_CASE("Front: the gate refuses before the body is taken", "[http]") {
  TestFront server;
  RawClient client(server.port());
  // Short: the body is thrown away and the connection goes on.
  const RawAnswer refused = client.Ask(Post("/forbidden", std::string(1000, 'b')));
  CHECK(refused.status == 403);
  CHECK(refused.body == "no\n");
  CHECK(client.Ask(Get("/hello")).status == 200);
  // Long: the answer comes without it, and the connection ends.
  client.Send("POST /forbidden HTTP/1.1\r\nHost: h\r\nContent-Length: 70000\r\n\r\n");
  CHECK(client.Receive().Has("Connection: close"));
  CHECK(client.Ended());
  CHECK(server.counters().gate_refused == 2);
  CHECK(server.counters().requests == 1);
}

TEST_CASE("Front: the gate's slow judgement happens on a worker", "[http]") {
  TestFront server;
  RawClient client(server.port());
  const RawAnswer answer = client.Ask(Post("/slow", "x"));
  CHECK(answer.status == 200);
  CHECK(answer.Has("X-Identity: slowly"));
  CHECK(client.Ask(Post("/slow-no", "x")).status == 401);
  CHECK(client.Ask(Post("/echo", "y")).body == "y");
  CHECK(server.gate.slow_judgements == 2);
}

TEST_CASE("Front: Expect: 100-continue is answered after the gate", "[http]") {
  TestFront server;
  RawClient client(server.port());
  client.Send(
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.Receive().status == 100);
  CHECK(client.Ask("body").body == "body");
  client.Send(
      "POST /forbidden HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.Receive().status == 403);
  CHECK(client.Ended());
}

TEST_CASE("Front: stopping answers what is under way and closes what is idle", "[http]") {
  TestFront server;
  RawClient idle(server.port());
  REQUIRE(idle.Ask(Get("/hello")).status == 200);
  RawClient busy(server.port());
  busy.Send(Post("/hold", ""));
  REQUIRE(TestFront::Eventually([&] { return server.holding == 1; }));
  std::thread stopping([&] { server.front->Stop(); });
  CHECK(idle.Ended());
  server.held = false;
  CHECK(busy.Receive().body == "held\n");
  CHECK(busy.Ended());
  stopping.join();
  CHECK(server.counters().connections_open == 0);
  CHECK_FALSE(RawClient(server.port()).connected());
}

TEST_CASE("Front: a port in use is an error that names it", "[http]") {
  TestFront server;
  FrontOptions options;
  options.port = server.port();
  TestGate gate;
  SystemClock clock;
  const auto bound = Front::Bind(options, gate, clock);
  REQUIRE_FALSE(bound.ok());
  CHECK(bound.error().message.find(std::to_string(server.port())) != std::string::npos);
}

}  // namespace
}  // namespace quell::http
