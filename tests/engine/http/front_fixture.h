// A front with a few routes and a gate that tests steer.
#pragma once

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "engine/http/front.h"
#include "tests/engine/http/raw_client.h"

namespace quell::http {

// Limits every body, refuses /forbidden, judges /slow twice.
class TestGate final : public Gate {
 public:
  GateVerdict Judge(const RequestHead& head) override {
    if (revoked) return GateVerdict::Refuse(401, "who?\n", "text/plain");
    if (head.path == "/forbidden") return GateVerdict::Refuse(403, "no\n", "text/plain");
    if (head.path == "/slow" || head.path == "/slow-no") return GateVerdict::Slow();
    return GateVerdict::Continue(body_bytes_max, head.client_subject);
  }
  GateVerdict JudgeSlowly(const RequestHead& head) override {
    ++slow_judgements;
    if (head.path == "/slow-no") return GateVerdict::Refuse(401, "who?\n", "text/plain");
    return GateVerdict::Continue(body_bytes_max, "slowly");
  }

  std::atomic<size_t> body_bytes_max{1U << 20U};
  std::atomic<int> slow_judgements{0};
  std::atomic<bool> revoked{false};
};

// The clock that `clock` points to, or the system's; with `board`, /events tells of it.
class TestFront {
 public:
  explicit TestFront(FrontOptions options = {}, Clock* clock = nullptr,
                     EventBoard* board = nullptr) {
    auto bound = Front::Bind(options, gate, clock == nullptr ? system_clock_ : *clock);
    INFO((bound.ok() ? "" : bound.error().message));
    REQUIRE(bound.ok());
    front = *std::move(bound);
    AddRoutes();
    if (board != nullptr) front->AddEvents("/events", *board);
    front->Start();
  }
  ~TestFront() {
    held = false;
    front->Stop();
  }

  [[nodiscard]] int port() const { return front->port(); }
  [[nodiscard]] const FrontCounters& counters() const { return front->counters(); }
  [[nodiscard]] std::uint64_t Heads(HeadFault fault) const {
    return counters().heads_refused[static_cast<size_t>(fault)];
  }
  [[nodiscard]] std::uint64_t Bodies(BodyFault fault) const {
    return counters().bodies_refused[static_cast<size_t>(fault)];
  }
  [[nodiscard]] std::uint64_t Timeouts(Timeout timeout) const {
    return counters().timeouts[static_cast<size_t>(timeout)];
  }
  // Waits for a condition that the loop's thread makes true.
  template <typename Condition>
  static bool Eventually(Condition condition) {
    for (int i = 0; i < 20000 && !condition(); ++i) {
      pollfd none{-1, 0, 0};
      ::poll(&none, 1, 1);
    }
    return condition();
  }

  TestGate gate;
  std::atomic<bool> held{true};  // handlers of /hold wait while this is true
  std::atomic<int> holding{0};
  std::atomic<int> served{0};
  std::atomic<size_t> answer_bytes{16U << 20U};
  std::unique_ptr<Front> front;

 private:
  void AddRoutes() {
    using httplib::Request;
    using httplib::Response;
    const auto echo = [this](const Request& request, Response& response) {
      ++served;
      response.set_content(request.body, "application/octet-stream");
      response.set_header("X-Identity", request.get_header_value(kIdentityHeader));
      response.set_header("X-Encoding", request.get_header_value("Content-Encoding"));
      response.set_header("X-Remote",
                          request.remote_addr + '|' + request.get_header_value("REMOTE_ADDR"));
      response.set_header("X-Echo", request.get_header_value("Echo"));
      response.set_header("X-Param", request.get_param_value("p"));
    };
    front->AddRoute("POST", "/echo", echo);
    front->AddRoute("POST", "/slow", echo);
    front->AddRoute("GET", "/hello", [this](const Request&, Response& response) {
      ++served;
      response.set_content("hello\n", "text/plain");
    });
    front->AddRoute("GET", R"(/items/(\d+))", [](const Request& request, Response& response) {
      response.set_content(request.matches[1].str(), "text/plain");
    });
    front->AddRoute("GET", "/throws", [](const Request&, Response& response) {
      response.set_header("X-Partly", "yes");
      throw std::runtime_error("secret 4111");
    });
    front->AddRoute("GET", "/large", [this](const Request&, Response& response) {
      response.set_content(std::string(answer_bytes, 'x'), "application/octet-stream");
    });
    front->AddRoute("POST", "/hold", [this](const Request&, Response& response) {
      ++holding;
      Eventually([this] { return !held; });
      --holding;
      response.set_content("held\n", "text/plain");
    });
  }

  SystemClock system_clock_;
};

inline std::string Post(std::string_view path, std::string_view body,
                        std::string_view headers = "") {
  std::string out = "POST ";
  out += path;
  out += " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  out += headers;
  out += "\r\n";
  out += body;
  return out;
}

inline std::string Get(std::string_view path, std::string_view headers = "") {
  std::string out = "GET ";
  out += path;
  out += " HTTP/1.1\r\nHost: h\r\n";
  out += headers;
  return out + "\r\n";
}

}  // namespace quell::http
