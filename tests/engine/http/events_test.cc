// Listeners: what they are told, what they cost, and when they end.
#include <list>

#include "tests/engine/http/front_fixture.h"

namespace quell::http {
namespace {

class Listening {
 public:
  explicit Listening(FrontOptions options = {}) : server_(std::move(options), &clock, &board) {}

  TestFront& server() { return server_; }
  [[nodiscard]] int port() const { return server_.port(); }
  [[nodiscard]] const FrontCounters& counters() const { return server_.counters(); }
  // Moves and waits until so many events in all were told.
  bool Tell(std::uint64_t topics, std::uint64_t events) {
    clock.Advance(500);
    board.Move(topics);
    return TestFront::Eventually([&] { return counters().stream_events == events; });
  }

  ManualClock clock{1000000};
  EventBoard board{7, {"incidents", "signals"}};

 private:
  TestFront server_;
};

std::string Listen(std::string_view more = "") {
  return Get("/events", "Accept: text/event-stream\r\n" + std::string(more));
}

std::string Event(int revision, std::string_view changed) {
  return "id: 0000000000000007-" + std::to_string(revision) +
         "\nevent: changed\ndata: {\"changed\":[" + std::string(changed) + "]}\n\n";
}

TEST_CASE("Events: a listener is told at once where it is, then what has moved", "[http]") {
  Listening front;
  RawClient client(front.port());
  const RawAnswer head = client.Ask(Listen());
  CHECK(head.status == 200);
  CHECK(head.Has("Content-Type: text/event-stream\r\n"));
  CHECK(head.Has("Cache-Control: no-store\r\n"));
  CHECK(client.Take(std::string("retry: 3000\n\n").size()) == "retry: 3000\n\n");
  CHECK(client.Take(Event(1, "").size()) == Event(1, ""));
  REQUIRE(front.Tell(2, 2));
  CHECK(client.Take(Event(2, "\"signals\"").size()) == Event(2, "\"signals\""));
  // Two moves within half a second are one event.
  front.board.Move(1);
  front.board.Move(2);
  front.clock.Advance(499);
  REQUIRE(front.Tell(2, 3));
  const std::string both = Event(5, "\"incidents\",\"signals\"");
  CHECK(client.Take(both.size()) == both);
  front.clock.Advance(15 * kSecondMs);
  CHECK(client.Take(8) == ": beat\n\n");
  CHECK(front.counters().streams == 1);
}

TEST_CASE("Events: Last-Event-ID tells what was missed; another process's means everything",
          "[http]") {
  Listening front;
  front.board.Move(1);
  front.board.Move(2);
  const std::string retry = "retry: 3000\n\n";
  const std::string all = Event(3, "\"incidents\",\"signals\"");
  for (const auto& [last, told] : std::vector<std::pair<std::string, std::string>>{
           {"0000000000000007-3", Event(3, "")},
           {"0000000000000007-2", Event(3, "\"signals\"")},
           {"0000000000000007-1", all},
           {"0000000000000007-4", all},  // of the future
           {"0000000000000006-3", all},
           {"0000000000000007-x", all},
           {"<script>", all}}) {
    INFO(last);
    RawClient client(front.port());
    CHECK(client.Ask(Listen("Last-Event-ID: " + last + "\r\n")).status == 200);
    CHECK(client.Take((retry + told).size()) == retry + told);
  }
}

TEST_CASE("Events: without the media type the answer is one look, as JSON", "[http]") {
  Listening front;
  front.board.Move(1);
  RawClient client(front.port());
  CHECK(client.Ask(Get("/events")).body == "{\"id\":\"0000000000000007-2\",\"changed\":[]}\n");
  CHECK(client.Ask(Get("/events", "Last-Event-ID: 0000000000000007-1\r\n")).body ==
        "{\"id\":\"0000000000000007-2\",\"changed\":[\"incidents\"]}\n");
  client.Send("HEAD /events HTTP/1.1\r\nHost: h\r\nAccept: text/event-stream\r\n\r\n");
  CHECK(client.Receive(true).status == 200);
  CHECK(client.Ask(Post("/events", "")).status == 405);
  CHECK(front.counters().streams_total == 0);
}

TEST_CASE("Events: listeners are bounded, and the one beyond is refused and counted", "[http]") {
  FrontOptions options;
  options.event_listeners_max = 2;
  options.workers = 1;
  Listening front(options);
  std::list<RawClient> listeners;
  for (int i = 0; i < 2; ++i) {
    CHECK(listeners.emplace_back(front.port()).Ask(Listen()).status == 200);
  }
  RawClient third(front.port());
  const RawAnswer refused = third.Ask(Listen());
  CHECK(refused.status == 503);
  CHECK(refused.Has("Retry-After: "));
  CHECK(front.counters().overloads[static_cast<size_t>(Overload::kListeners)] == 1);
  // None of them holds the one worker, and who goes makes room.
  CHECK(third.Ask(Get("/hello")).status == 200);
  listeners.pop_front();
  REQUIRE(TestFront::Eventually([&] { return front.counters().streams == 1; }));
  CHECK(third.Ask(Listen()).status == 200);
}

TEST_CASE("Events: a listener that does not read is closed, and holds up nobody", "[http]") {
  FrontOptions options;
  Listening front(options);
  RawClient deaf(front.port(), 2048);
  RawClient other(front.port());
  REQUIRE(deaf.Send(Listen()));
  REQUIRE(other.Ask(Listen()).status == 200);
  REQUIRE(TestFront::Eventually([&] { return front.counters().streams == 2; }));
  // Until the deaf one's buffers are full, both are told of each move; from then on the other only.
  std::uint64_t told = front.counters().stream_events;
  std::uint64_t held = 0;
  for (int i = 0; i < 20000 && front.counters().streams == 2; ++i) {
    front.clock.Advance(500);
    front.board.Move(1);
    REQUIRE(TestFront::Eventually([&] { return front.counters().stream_events > told; }));
    other.TakeWhatIsThere();
    told = front.counters().stream_events;
    held = std::max<std::uint64_t>(held, front.counters().bytes_in_flight);
  }
  CHECK(front.counters().streams == 1);
  CHECK(front.server().Timeouts(Timeout::kWrite) == 1);
  CHECK(held > 0);
  CHECK(held < 200);  // one event
  CHECK(TestFront::Eventually([&] { return front.counters().bytes_in_flight == 0; }));
}

TEST_CASE("Events: who may no longer is told nothing more, and the connection ends", "[http]") {
  Listening front;
  RawClient client(front.port());
  REQUIRE(client.Ask(Listen()).status == 200);
  client.Take(std::string("retry: 3000\n\n").size() + Event(1, "").size());
  front.server().gate.revoked = true;
  SECTION("at the next event") { front.clock.Advance(500); }
  SECTION("at the next heartbeat at the latest") { front.clock.Advance(15 * kSecondMs); }
  front.board.Move(1);
  CHECK(client.Ended());
  CHECK(TestFront::Eventually([&] { return front.counters().streams == 0; }));
  CHECK(front.counters().streams_revoked == 1);
  CHECK(front.counters().stream_events == 1);
}

TEST_CASE("Events: what a listener sends is thrown away, and too much of it ends it", "[http]") {
  Listening front;
  RawClient client(front.port());
  REQUIRE(client.Ask(Listen()).status == 200);
  client.Take(std::string("retry: 3000\n\n").size() + Event(1, "").size());
  CHECK(client.Send(Get("/hello")));
  REQUIRE(front.Tell(1, 2));
  CHECK(client.Take(Event(2, "\"incidents\"").size()) == Event(2, "\"incidents\""));
  client.Send(std::string(64U << 10U, 'x'));
  CHECK(TestFront::Eventually([&] { return front.counters().streams == 0; }));
}

TEST_CASE("Events: a stop ends listeners at once", "[http]") {
  Listening front;
  RawClient client(front.port());
  REQUIRE(client.Ask(Listen()).status == 200);
  client.Take(std::string("retry: 3000\n\n").size() + Event(1, "").size());
  front.server().front->Stop();  // the clock stands still: no deadline helps
  CHECK(client.Ended());
  CHECK(front.counters().streams == 0);
  front.board.Move(1);  // with nobody left to tell
}

}  // namespace
}  // namespace quell::http
