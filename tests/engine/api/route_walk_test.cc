// Every route that the server has, by every method, as everybody: over HTTP.
#include <httplib.h>

#include <catch2/catch.hpp>
#include <regex>
#include <string>
#include <vector>

#include "core/clock.h"
#include "engine/api/engine.h"
#include "engine/api/server.h"
#include "engine/auth/gate.h"
#include "engine/http/front.h"
#include "tests/engine/auth/identities.h"
#include "tests/support/temp_folder.h"

namespace quell::api {
namespace {

using auth::Role;
using auth::Route;
using auth::test::kRoles;

class Running {
 public:
  explicit Running(auth::Options options) {
    config::Config config = config::DefaultConfig();
    config.listen_port = 0;
    config.data_dir = folder_.File("data");
    config.auth = std::move(options);
    auto made = Engine::Create(config, clock_);
    REQUIRE(made.ok());
    engine_ = *std::move(made);
    auto bound = Server::Bind(*engine_, clock_);
    REQUIRE(bound.ok());
    server_ = *std::move(bound);
    engine_->Start();
    server_->Start();
  }
  ~Running() {
    server_->Stop();
    engine_->Stop(0);
  }

  httplib::Result Send(const std::string& method, const std::string& path,
                       const std::string& authorization = "") {
    httplib::Client client("127.0.0.1", server_->port());
    httplib::Request request;
    request.method = method;
    request.path = path;
    if (!authorization.empty()) request.headers.emplace("Authorization", authorization);
    auto answer = client.send(request);
    REQUIRE(answer);
    return answer;
  }
  int Status(const std::string& method, const std::string& path,
             const std::string& authorization = "") {
    return Send(method, path, authorization)->status;
  }

  [[nodiscard]] const Server& server() const { return *server_; }

 private:
  const test::TempFolder folder_;
  SystemClock clock_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Server> server_;
};

std::string PathOf(const Route& route) {
  std::string path(route.pattern);
  if (const size_t star = path.find('*'); star != std::string::npos) path.replace(star, 1, "00ff");
  return path;
}

// What a handler answers to an empty body, or to an identifier of nothing.
bool WasHandled(int status) {
  return status == 200 || status == 202 || status == 204 || status == 400 || status == 404 ||
         status == 415 || status == 422 || status == 503;
}

constexpr const char* kMethods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

TEST_CASE("Route walk: the server's routes and the table's are the same", "[auth]") {
  const Running running(auth::test::Everybody());
  const auto registered = running.server().routes();
  REQUIRE(registered.size() >= 20);
  for (const auto& [method, pattern] : registered) {
    INFO(method << ' ' << pattern);
    const std::regex expression(pattern);
    size_t rows = 0;
    for (const Route& route : auth::Routes()) {
      const bool same_method = route.method == (method == "HEAD" ? "GET" : method);
      rows += same_method && std::regex_match(PathOf(route), expression) ? 1 : 0;
    }
    CHECK(rows == 1);
  }
  for (const Route& route : auth::Routes()) {
    INFO(route.method << ' ' << route.pattern);
    CHECK(std::count_if(registered.begin(), registered.end(), [&](const auto& other) {
            return other.first == route.method &&
                   std::regex_match(PathOf(route), std::regex(other.second));
          }) == 1);
  }
}

TEST_CASE("Route walk: every route and method as every role and as nobody", "[auth]") {
  Running running(auth::test::Everybody());
  for (const Route& route : auth::Routes()) {
    const std::string path = PathOf(route);
    for (const std::string method : kMethods) {
      const auth::RouteMatch match = auth::FindRoute(method, path);
      INFO(method << ' ' << path);
      const bool open = match.route != nullptr && !match.route->needs;
      if (open) {
        CHECK(WasHandled(running.Status(method, path)));
      } else {
        CHECK(running.Status(method, path) == 401);
        CHECK(running.Status(method, path, "Bearer not-a-known-token-at-all") == 401);
      }
      for (const Role role : kRoles) {
        INFO("as " << auth::RoleName(role));
        const int status =
            running.Status(method, path, auth::test::Bearer(auth::test::TokenOf(role)));
        if (match.route == nullptr) {
          CHECK(status == 405);
        } else if (open || auth::RoleSet{role}.Has(*match.route->needs)) {
          CHECK(WasHandled(status));
        } else {
          CHECK(status == 403);
        }
      }
    }
  }
}

TEST_CASE("Route walk: other spellings of a path do not get around the table", "[auth]") {
  Running running(auth::test::Everybody());
  const std::string read = auth::test::Bearer(auth::test::TokenOf(Role::kRead));
  // Decoded it is the same path, and judged as that.
  CHECK(running.Status("GET", "/%6detrics") == 401);
  CHECK(running.Status("GET", "/%6detrics", read) == 200);
  CHECK(running.Status("POST", "/-%2Freload", read) == 403);
  for (const char* path : {"//metrics", "/metrics/", "/./metrics", "/-/healthy/../../metrics",
                           "/-/healthy/", "/METRICS", "/metrics%00", "/metrics%0d%0a"}) {
    INFO(path);
    const int nobody = running.Status("GET", path);
    CHECK((nobody == 401 || nobody == 400));
    const int reader = running.Status("GET", path, read);
    CHECK((reader == 404 || reader == 400));
  }
}

TEST_CASE("Route walk: a password is checked on a worker, and remembered", "[auth]") {
  Running running(auth::test::Everybody());
  const std::string right =
      auth::test::Basic("operate-user", auth::test::PasswordOf(Role::kOperate));
  for (int i = 0; i < 3; ++i) CHECK(running.Status("GET", "/metrics", right) == 200);
  CHECK(running.Status("POST", "/-/reload", right) == 403);
  // Ten wrong ones, of users that exist and that do not; then the peer waits, right or not.
  for (int i = 0; i < 10; ++i) {
    const std::string user = i % 2 == 0 ? "read-user" : "nobody";
    CHECK(running.Status("GET", "/metrics", auth::test::Basic(user, "wrong")) == 401);
  }
  const auto throttled =
      running.Send("GET", "/metrics", auth::test::Basic("read-user", "read password"));
  CHECK(throttled->status == 429);
  CHECK(throttled->has_header("Retry-After"));
  CHECK(running.Status("GET", "/metrics", right) == 200);
  const std::string metrics =
      running.Send("GET", "/metrics", auth::test::Bearer(auth::test::TokenOf(Role::kRead)))->body;
  CHECK_THAT(metrics, Catch::Matchers::Contains(
                          "quell_auth_failures_total{reason=\"wrong_password\"} 10\n"));
  CHECK_THAT(metrics,
             Catch::Matchers::Contains("quell_auth_failures_total{reason=\"throttled\"} 1\n"));
}

TEST_CASE("Route walk: a handler that the table does not know is not reached", "[auth]") {
  class Behind final : public http::Gate {
   public:
    http::GateVerdict Judge(const http::RequestHead&) override {
      return http::GateVerdict::Continue(1000);
    }
  };
  SystemClock clock;
  auto authenticator = auth::Authenticator::Create(clock);
  REQUIRE(authenticator.ok());
  Behind behind;
  auth::AuthGate gate(*authenticator, behind);
  auto front = http::Front::Bind({}, gate, clock);
  REQUIRE(front.ok());
  std::atomic<int> reached{0};
  const auto count = [&](const httplib::Request&, httplib::Response& response) {
    ++reached;
    response.set_content("here", "text/plain");
  };
  (*front)->AddRoute("GET", "/forgotten", count);
  (*front)->AddRoute("GET", "/metrics", count);
  (*front)->Start();
  httplib::Client client("127.0.0.1", (*front)->port());
  for (const bool configured : {false, true}) {
    if (configured) (*authenticator)->Use(auth::test::Everybody());
    const httplib::Headers admin = {
        {"Authorization", auth::test::Bearer(auth::test::TokenOf(Role::kAdmin))}};
    CHECK(client.Get("/forgotten", admin)->status == 404);
    CHECK(client.Get("/forgotten")->status == (configured ? 401 : 404));
    CHECK(client.Get("/metrics", admin)->status == 200);
  }
  CHECK(reached == 2);
  (*front)->Stop();
}

TEST_CASE("Route walk: handlers get the identity from the server alone", "[auth]") {
  class Behind final : public http::Gate {
   public:
    http::GateVerdict Judge(const http::RequestHead&) override {
      return http::GateVerdict::Continue(1000);
    }
  };
  SystemClock clock;
  auto authenticator = auth::Authenticator::Create(clock);
  REQUIRE(authenticator.ok());
  (*authenticator)->Use(auth::test::Everybody());
  Behind behind;
  auth::AuthGate gate(*authenticator, behind);
  auto front = http::Front::Bind({}, gate, clock);
  REQUIRE(front.ok());
  (*front)->AddRoute("GET", "/metrics", [](const auto& request, httplib::Response& response) {
    response.set_content(std::to_string(request.get_header_value_count(http::kIdentityHeader)) +
                             request.get_header_value(http::kIdentityHeader),
                         "text/plain");
  });
  (*front)->Start();
  httplib::Client client("127.0.0.1", (*front)->port());
  const auto answer = client.Get(
      "/metrics", {{"Authorization", auth::test::Bearer(auth::test::TokenOf(Role::kRead))},
                   {"X-Quell-Identity", "token/admin-token"},
                   {"x-quell-identity", "user/root"}});
  REQUIRE(answer);
  CHECK(answer->body == "1token/read-token");
  (*front)->Stop();
}

}  // namespace
}  // namespace quell::api
