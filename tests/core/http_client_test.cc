#include "core/http_client.h"

#include <httplib.h>

#include <catch2/catch.hpp>
#include <string>
#include <thread>

namespace quell {
namespace {

// A server on a free loopback port for the length of a test.
class LocalServer {
 public:
  LocalServer() {
    server_.Post("/echo", [](const httplib::Request& request, httplib::Response& response) {
      response.set_header("X-Seen", request.get_header_value("X-Test"));
      response.status = 202;
      response.set_content(request.method + ":" + request.body, "text/plain");
    });
    server_.Get("/big", [](const httplib::Request&, httplib::Response& response) {
      response.set_content(std::string(100000, 'x'), "text/plain");
    });
    server_.Get("/moved", [](const httplib::Request&, httplib::Response& response) {
      response.set_redirect("/big");
    });
    server_.Get("/held", [this](const httplib::Request&, httplib::Response&) {
      std::unique_lock lock(mutex_);
      released_.wait(lock, [this] { return release_; });
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
  }
  ~LocalServer() {
    {
      const std::lock_guard lock(mutex_);
      release_ = true;
    }
    released_.notify_all();
    server_.stop();
    thread_.join();
  }
  [[nodiscard]] std::string Url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::mutex mutex_;
  std::condition_variable released_;
  bool release_ = false;
  std::thread thread_;
};

TEST_CASE("HttpClient: sends method, headers and body; returns status, headers and body",
          "[core]") {
  const LocalServer server;
  HttpClient client;
  HttpRequest request;
  request.method = "POST";
  request.url = server.Url("/echo");
  request.headers = {{"X-Test", "seen"}, {"Content-Type", "text/plain"}};
  request.body = std::string("a\0b", 3);
  for (int i = 0; i < 3; ++i) {  // over the same connection
    const auto response = client.Send(request);
    REQUIRE(response.ok());
    CHECK(response->status == 202);
    CHECK(response->body == std::string("POST:a\0b", 8));
    CHECK(response->Header("x-seen") == "seen");
    CHECK(response->Header("absent").empty());
  }
}

TEST_CASE("HttpClient: any status is a value, and redirects are not followed", "[core]") {
  const LocalServer server;
  HttpClient client;
  HttpRequest request;
  request.url = server.Url("/absent");
  CHECK(client.Send(request)->status == 404);
  request.url = server.Url("/moved");
  const auto moved = client.Send(request);
  REQUIRE(moved.ok());
  CHECK(moved->status == 302);
  CHECK(moved->Header("location") == "/big");
}

TEST_CASE("HttpClient: an answer above the limit is an error, and the next request works",
          "[core]") {
  const LocalServer server;
  HttpClient client;
  HttpRequest request;
  request.url = server.Url("/big");
  request.response_bytes_max = 99999;
  const auto refused = client.Send(request);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ErrorCode::kResourceExhausted);
  request.response_bytes_max = 100000;
  const auto taken = client.Send(request);
  REQUIRE(taken.ok());
  CHECK(taken->body.size() == 100000);
}

TEST_CASE("HttpClient: transport failures are kUnavailable and hold no header or body", "[core]") {
  HttpClient client;
  HttpRequest request;
  request.method = "POST";
  request.url = "http://127.0.0.1:1/nobody";
  request.headers = {{"Authorization", "Bearer hush-hush"}};
  request.body = "hush-hush";
  const auto refused = client.Send(request);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ErrorCode::kUnavailable);
  CHECK(refused.error().message.find("hush") == std::string::npos);
  request.url = "file:///etc/hostname";
  CHECK(client.Send(request).error().code == ErrorCode::kUnavailable);
  request.url = "";
  CHECK(client.Send(request).error().code == ErrorCode::kUnavailable);
}

TEST_CASE("HttpClient: the deadline covers waiting for the answer", "[core]") {
  const LocalServer server;
  HttpClient client;
  HttpRequest request;
  request.url = server.Url("/held");
  request.timeout_ms = 100;
  const auto response = client.Send(request);
  REQUIRE_FALSE(response.ok());
  CHECK(response.error().code == ErrorCode::kUnavailable);
}

TEST_CASE("HttpClient: a body is handed over in parts, beyond any bound, and can be refused",
          "[core]") {
  const LocalServer server;
  HttpClient client;
  HttpRequest request;
  request.url = server.Url("/big");
  request.response_bytes_max = 10;
  size_t bytes = 0;
  request.on_body = [&](const HttpResponse& head, std::string_view part) -> Status {
    CHECK(head.status == 200);
    CHECK(head.Header("content-type") == "text/plain");
    bytes += part.size();
    return Ok{};
  };
  const auto answer = client.Send(request);
  REQUIRE(answer.ok());
  CHECK(answer->status == 200);
  CHECK(answer->body.empty());
  CHECK(bytes == 100000);
  request.on_body = [](const HttpResponse&, std::string_view) -> Status {
    return MakeError(ErrorCode::kCorrupt, "not like this");
  };
  CHECK(client.Send(request).error().message == "not like this");
}

}  // namespace
}  // namespace quell
