// Slow, idle, greedy and numerous clients: what each may hold, and that the others go on.
#include <list>

#include "engine/http/answer.h"
#include "tests/engine/http/front_fixture.h"
#include "tests/support/sanitized.h"

namespace quell::http {
namespace {

std::string SecondsIn(const RawAnswer& answer) {
  const size_t at = answer.head.find("Retry-After: ");
  return at == std::string::npos
             ? ""
             : answer.head.substr(at + 13, answer.head.find('\r', at) - at - 13);
}

// Peak-free measure of this process: resident pages now.
size_t ResidentBytes() {
  FILE* file = std::fopen("/proc/self/statm", "r");
  unsigned long size = 0;
  unsigned long resident = 0;
  const int read = std::fscanf(file, "%lu %lu", &size, &resident);
  std::fclose(file);
  return read == 2 ? resident * static_cast<size_t>(sysconf(_SC_PAGESIZE)) : 0;
}

TEST_CASE("Slow clients: 150 slow or idle connections do not hold up 50 others", "[http]") {
  FrontOptions options;
  options.workers = 2;
  TestFront server(options);
  // One byte at a time of heads and bodies, and connections that say nothing (more).
  std::list<RawClient> slow;
  const std::string head = Get("/hello", "Cookie: " + std::string(500, 'c') + "\r\n");
  const std::string body = Post("/echo", std::string(400, 'b'));
  for (int i = 0; i < 150; ++i) {
    RawClient& client = slow.emplace_back(server.port());
    REQUIRE(client.connected());
    if (i % 3 == 2) REQUIRE(client.Ask(Get("/hello")).status == 200);
  }
  std::list<RawClient> busy;
  for (int i = 0; i < 50; ++i) busy.emplace_back(server.port());
  constexpr int kRounds = 40;
  const std::string request = Post("/echo", std::string(45000, 'q'));
  for (size_t round = 0; round < kRounds; ++round) {
    size_t i = 0;
    for (RawClient& client : slow) {
      if (i % 3 == 0) REQUIRE(client.Send(head.substr(round, 1)));
      if (i % 3 == 1)
        REQUIRE(client.Send(body.substr(round == 0 ? 0 : 59 + round, round == 0 ? 60 : 1)));
      ++i;
    }
    for (RawClient& client : busy) REQUIRE(client.Send(request));
    for (RawClient& client : busy) REQUIRE(client.Receive().status == 200);
    // No slow one has reached a worker: only what is whole counts as in flight.
    REQUIRE(TestFront::Eventually([&] { return server.counters().requests_in_flight == 0; }));
  }
  CHECK(server.served == 50 * kRounds + 50);
  CHECK(server.counters().connections_open == 200);
}

TEST_CASE("Slow clients: each phase has its deadline", "[http]") {
  ManualClock clock(1000000);
  FrontOptions options;
  TestFront server(options, &clock);
  RawClient silent(server.port());
  RawClient head(server.port());
  RawClient body(server.port());
  RawClient idle(server.port());
  REQUIRE(idle.Ask(Get("/hello")).status == 200);
  head.Send("GET /hel");
  body.Send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nab");
  REQUIRE(TestFront::Eventually([&] { return server.counters().bytes_in_flight == 10; }));
  REQUIRE(TestFront::Eventually([&] { return server.counters().connections_open == 4; }));
  // Trickling on does not move the deadline.
  clock.Advance(options.head_timeout_ms - 1);
  head.Send("l");
  clock.Advance(1);
  CHECK(head.Receive().status == 408);
  CHECK(silent.Ended());
  clock.Advance(options.body_timeout_ms - options.head_timeout_ms - 1);
  body.Send("c");
  clock.Advance(1);
  CHECK(body.Receive().status == 408);
  CHECK(idle.Ask(Get("/hello")).status == 200);
  clock.Advance(options.idle_timeout_ms);
  CHECK(idle.Ended());
  CHECK(server.Timeouts(Timeout::kHead) == 1);
  CHECK(server.Timeouts(Timeout::kBody) == 1);
  CHECK(server.Timeouts(Timeout::kIdle) == 2);
  CHECK(server.counters().bytes_in_flight == 0);
}

TEST_CASE("Slow readers: an answer that is not read ends at the write deadline", "[http]") {
  ManualClock clock(1000000);
  FrontOptions options;
  TestFront server(options, &clock);
  RawClient reader(server.port(), 4096);
  reader.Send(Get("/large"));
  // What the kernel does not take is charged to the budget.
  REQUIRE(TestFront::Eventually([&] { return server.counters().bytes_in_flight > (16U << 20U); }));
  RawClient other(server.port());
  CHECK(other.Ask(Get("/hello")).status == 200);
  clock.Advance(options.write_timeout_ms);
  CHECK(TestFront::Eventually([&] { return server.Timeouts(Timeout::kWrite) == 1; }));
  CHECK(server.counters().bytes_in_flight == 0);
}

TEST_CASE("Slow readers: a large answer arrives whole in many pieces", "[http]") {
  TestFront server;
  RawClient reader(server.port(), 4096);
  const RawAnswer answer = reader.Ask(Get("/large"));
  CHECK(answer.status == 200);
  CHECK(answer.body == std::string(16U << 20U, 'x'));
  CHECK(reader.Ask(Get("/hello")).status == 200);
}

TEST_CASE("Slow readers: answers beyond the budget end their connection", "[http]") {
  FrontOptions options;
  options.inflight_bytes_max = 20U << 20U;
  TestFront server(options);
  RawClient first(server.port(), 4096);
  first.Send(Get("/large"));
  REQUIRE(TestFront::Eventually([&] { return server.counters().bytes_in_flight > 0; }));
  RawClient second(server.port(), 4096);
  second.Send(Get("/large"));
  CHECK(TestFront::Eventually(
      [&] { return server.counters().overloads[static_cast<size_t>(Overload::kAnswers)] == 1; }));
  CHECK(first.Receive().body.size() == 16U << 20U);
}

TEST_CASE("Overload: requests beyond the bound get 503 and keep their connection", "[http]") {
  FrontOptions options;
  options.workers = 2;
  options.inflight_requests_max = 3;
  TestFront server(options);
  std::list<RawClient> holding;
  for (int i = 0; i < 3; ++i) holding.emplace_back(server.port()).Send(Post("/hold", ""));
  REQUIRE(TestFront::Eventually([&] { return server.counters().requests_in_flight == 3; }));
  RawClient client(server.port());
  const RawAnswer refused = client.Ask(Post("/echo", std::string(45000, 'b')));
  CHECK(refused.status == 503);
  CHECK_FALSE(SecondsIn(refused).empty());
  CHECK_FALSE(refused.Has("Connection: close"));
  server.held = false;
  for (RawClient& one : holding) CHECK(one.Receive().status == 200);
  CHECK(client.Ask(Post("/echo", "again")).body == "again");
  CHECK(server.counters().overloads[static_cast<size_t>(Overload::kRequests)] == 1);
}

TEST_CASE("Overload: bodies beyond the budget get 503 before they are taken", "[http]") {
  FrontOptions options;
  options.inflight_bytes_max = 1000000;
  TestFront server(options);
  RawClient greedy(server.port());
  greedy.Send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 999000\r\n\r\n");
  REQUIRE(TestFront::Eventually([&] { return server.counters().bytes_in_flight == 999000; }));
  RawClient client(server.port());
  CHECK(client.Ask(Post("/echo", std::string(2000, 'b'))).status == 503);
  CHECK(client.Ask(Post("/echo", std::string(900, 'b'))).status == 200);
  // Chunked ones when they have grown too far.
  RawClient chunked(server.port());
  chunked.Send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  chunked.Send("7d0\r\n" + std::string(2000, 'b') + "\r\n");
  CHECK(chunked.Receive().status == 503);
  CHECK(chunked.Ended());
  greedy.Send(std::string(999000, 'g'));
  CHECK(greedy.Receive().status == 200);
  CHECK(server.counters().overloads[static_cast<size_t>(Overload::kBytes)] == 2);
  CHECK(server.counters().bytes_in_flight == 0);
}

TEST_CASE("Overload: Retry-After grows with the sender's attempts up to a minute", "[http]") {
  Random random(7);
  int last_max = 0;
  for (const char* attempt : {"", "1", "2", "3", "4", "5"}) {
    int low = 100;
    int high = 0;
    for (int i = 0; i < 200; ++i) {
      const int seconds = RetryAfterSeconds(attempt, random);
      low = std::min(low, seconds);
      high = std::max(high, seconds);
    }
    INFO(attempt);
    CHECK(low >= 1);
    CHECK(low == std::max(1, high / 2));
    CHECK(high > last_max);
    last_max = high;
  }
  CHECK(last_max == 60);
  CHECK(RetryAfterSeconds("4294967297", random) <= 60);
  CHECK(RetryAfterSeconds("-1", random) <= 2);
  CHECK(RetryAfterSeconds("soon", random) <= 2);
}

TEST_CASE("Connections: beyond the bound the longest idle one makes room", "[http]") {
  FrontOptions options;
  options.connections_max = 3;
  options.workers = 4;
  TestFront server(options);
  RawClient oldest(server.port());
  REQUIRE(oldest.Ask(Get("/hello")).status == 200);
  std::list<RawClient> holding;
  for (int i = 0; i < 2; ++i) holding.emplace_back(server.port()).Send(Post("/hold", ""));
  REQUIRE(TestFront::Eventually([&] { return server.holding == 2; }));
  RawClient third(server.port());
  third.Send(Post("/hold", ""));
  REQUIRE(TestFront::Eventually([&] { return server.holding == 3; }));
  CHECK(oldest.Ended());
  CHECK(server.counters().connections_evicted == 1);
  // Nobody is idle now.
  RawClient fourth(server.port());
  CHECK(fourth.Receive().status == 503);
  CHECK(fourth.Ended());
  CHECK(server.counters().connections_refused == 1);
  server.held = false;
  CHECK(third.Receive().status == 200);
}

TEST_CASE("Memory: a flood of heads and declared bodies stays within the bounds", "[http]") {
  FrontOptions options;
  options.connections_max = 400;
  options.inflight_bytes_max = 8U << 20U;
  TestFront server(options);
  server.gate.body_bytes_max = 4U << 20U;
  RawClient first(server.port());
  REQUIRE(first.Ask(Get("/hello")).status == 200);
  const size_t before = ResidentBytes();
  // Endless headers, bodies of 4 MiB of which 1 MiB comes, and more of both than may be open.
  std::list<RawClient> flood;
  const std::string head = "GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(15000, 'a');
  const std::string body = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4194304\r\n\r\n" +
                           std::string(1U << 20U, 'b');
  for (int i = 0; i < 500; ++i) {
    RawClient& client = flood.emplace_back(server.port());
    client.Send(i % 5 == 0 ? body : head);
  }
  REQUIRE(TestFront::Eventually(
      [&] { return server.counters().overloads[static_cast<size_t>(Overload::kBytes)] >= 60; }));
  constexpr size_t kPerConnection = 4096;    // the connection itself and its place in the tables
  constexpr size_t kAllocator = 12U << 20U;  // arenas, and what this test itself holds
  const size_t cap = options.connections_max * (options.head.head_bytes_max + kPerConnection) +
                     options.inflight_bytes_max + kAllocator;
  const size_t after = ResidentBytes();
  INFO("before " << before << ", after " << after << ", cap " << cap);
#if !QUELL_SANITIZED
  CHECK(after < before + cap);
#endif
  CHECK(server.counters().connections_open <= options.connections_max);
  CHECK(server.counters().bytes_in_flight <= options.inflight_bytes_max);
}

}  // namespace
}  // namespace quell::http
