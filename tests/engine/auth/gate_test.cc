#include "engine/auth/gate.h"

#include <catch2/catch.hpp>
#include <string>

#include "core/clock.h"
#include "tests/engine/auth/identities.h"

namespace quell::auth {
namespace {

using http::GateDecision;
using http::GateVerdict;

// Lets everything on with a bound that can be told, and says which way it was asked.
class Behind final : public http::Gate {
 public:
  GateVerdict Judge(const http::RequestHead&) override { return GateVerdict::Continue(7); }
  GateVerdict JudgeSlowly(const http::RequestHead&) override { return GateVerdict::Continue(8); }
};

struct Bench {
  explicit Bench(Options options = test::Everybody()) {
    auto made = Authenticator::Create(clock);
    REQUIRE(made.ok());
    (*made)->Use(std::move(options));
    gate = std::make_unique<AuthGate>(*made, behind);
  }

  ManualClock clock{1000};
  Behind behind;
  std::unique_ptr<AuthGate> gate;
};

http::RequestHead Head(const std::string& method, const std::string& path,
                       const std::string& authorization = "") {
  http::RequestHead head;
  head.method = method;
  head.path = path;
  head.peer_ip = "192.0.2.1";
  if (!authorization.empty()) head.headers.push_back({"authorization", authorization});
  return head;
}

std::string HeaderOf(const GateVerdict& verdict, const std::string& name) {
  std::string out;
  for (const auto& [key, value] : verdict.headers) {
    if (key == name) out += (out.empty() ? "" : " | ") + value;
  }
  return out;
}

TEST_CASE("Gate: who may goes on to the next gate, with a name", "[auth]") {
  const Bench bench;
  const auto verdict =
      bench.gate->Judge(Head("GET", "/metrics", test::Bearer(test::TokenOf(Role::kRead))));
  CHECK(verdict.decision == GateDecision::kContinue);
  CHECK(verdict.body_bytes_max == 7);
  CHECK(verdict.identity == "token/read-token");
}

TEST_CASE("Gate: a password is slow once, and the next gate is asked slowly then", "[auth]") {
  const Bench bench;
  const auto head =
      Head("GET", "/metrics", test::Basic("read-user", test::PasswordOf(Role::kRead)));
  CHECK(bench.gate->Judge(head).decision == GateDecision::kSlow);
  const auto slow = bench.gate->JudgeSlowly(head);
  CHECK(slow.decision == GateDecision::kContinue);
  CHECK(slow.body_bytes_max == 8);
  CHECK(slow.identity == "user/read-user");
  CHECK(bench.gate->Judge(head).decision == GateDecision::kContinue);
}

TEST_CASE("Gate: refusals have their status, headers and code, and repeat nothing", "[auth]") {
  const Bench bench;
  const std::string read = test::Bearer(test::TokenOf(Role::kRead));
  const struct {
    http::RequestHead head;
    int status;
    const char* code;
    const char* header;
    const char* value;
  } rows[] = {
      {Head("GET", "/metrics"), 401, "unauthenticated", "WWW-Authenticate",
       "Bearer realm=\"quell\" | Basic realm=\"quell\", charset=\"UTF-8\""},
      {Head("GET", "/planted-path", "Bearer planted-token"), 401, "unauthenticated", "Allow", ""},
      {Head("GET", "/metrics", "Planted planted-token"), 401, "unauthenticated", "Allow", ""},
      {Head("POST", "/-/reload", read), 403, "forbidden", "WWW-Authenticate", ""},
      {Head("GET", "/planted-path", read), 404, "not_found", "WWW-Authenticate", ""},
      {Head("GET", "/-/reload", read), 405, "method_not_allowed", "Allow", "POST"},
  };
  for (const auto& row : rows) {
    INFO(row.status << ' ' << row.code);
    const GateVerdict verdict = bench.gate->Judge(row.head);
    CHECK(verdict.decision == GateDecision::kRefuse);
    CHECK(verdict.status == row.status);
    CHECK(verdict.content_type == "application/problem+json");
    CHECK(verdict.body.find("{\"type\":\"urn:quell:problem:" + std::string(row.code) + "\",") == 0);
    CHECK(verdict.body.find("\"error\":{\"code\":\"" + std::string(row.code) +
                            "\",\"message\":\"") != std::string::npos);
    CHECK(verdict.body.find("planted") == std::string::npos);
    CHECK(HeaderOf(verdict, row.header) == row.value);
    for (const auto& [name, value] : verdict.headers) {
      CHECK(value.find("planted") == std::string::npos);
    }
  }
}

TEST_CASE("Gate: known and unknown paths are refused with the same bytes", "[auth]") {
  const Bench bench;
  for (const char* authorization : {"", "Bearer not-a-known-token-at-all", "Nonsense"}) {
    const GateVerdict known = bench.gate->Judge(Head("GET", "/metrics", authorization));
    const GateVerdict unknown = bench.gate->Judge(Head("GET", "/nope", authorization));
    CHECK(known.status == 401);
    CHECK(unknown.status == known.status);
    CHECK(unknown.body == known.body);
    CHECK(unknown.headers == known.headers);
  }
}

TEST_CASE("Gate: challenges name what is configured", "[auth]") {
  Options options = test::Everybody();
  options.users.clear();
  CHECK(HeaderOf(Bench(options).gate->Judge(Head("GET", "/metrics")), "WWW-Authenticate") ==
        "Bearer realm=\"quell\"");
  options.tokens.clear();
  CHECK(HeaderOf(Bench(options).gate->Judge(Head("GET", "/metrics")), "WWW-Authenticate") ==
        "Certificate realm=\"quell\"");
}

TEST_CASE("Gate: who has to wait is told how long", "[auth]") {
  const Bench bench;
  const auto head = Head("GET", "/metrics", test::Basic("read-user", "wrong"));
  for (int i = 0; i < 10; ++i) CHECK(bench.gate->JudgeSlowly(head).status == 401);
  const GateVerdict verdict = bench.gate->Judge(head);
  CHECK(verdict.status == 429);
  CHECK(HeaderOf(verdict, "Retry-After") == "6");
}

TEST_CASE("Gate: two Authorization headers, or a common name that was not verified, are nobody",
          "[auth]") {
  const Bench bench;
  auto head = Head("GET", "/metrics", test::Bearer(test::TokenOf(Role::kRead)));
  head.headers.push_back(head.headers[0]);
  CHECK(bench.gate->Judge(head).status == 401);
  head = Head("GET", "/metrics");
  head.headers.push_back({"x-client-subject", "admin.example"});
  CHECK(bench.gate->Judge(head).status == 401);
  head.client_subject = "admin.example";
  CHECK(bench.gate->Judge(head).identity == "certificate/admin.example");
}

TEST_CASE("Gate: a page of another site changes nothing, whatever the browser adds", "[auth]") {
  const Bench bench;
  const struct {
    const char* method;
    const char* header;
    const char* value;
    bool foreign;
  } rows[] = {{"POST", "sec-fetch-site", "cross-site", true},
              {"POST", "sec-fetch-site", "same-site", true},
              {"POST", "sec-fetch-site", "same-origin", false},
              {"POST", "sec-fetch-site", "none", false},
              {"GET", "sec-fetch-site", "cross-site", false},
              {"POST", "origin", "https://evil.example", true},
              {"POST", "origin", "null", true},
              {"POST", "origin", "https://quell.example:9797", false},
              {"POST", "user-agent", "curl", false}};
  for (const auto& row : rows) {
    INFO(row.method << ' ' << row.header << ": " << row.value);
    const bool reads = std::string(row.method) == "GET";
    http::RequestHead head = Head(row.method, reads ? "/metrics" : "/api/v1/changes",
                                  test::Bearer(test::TokenOf(Role::kAdmin)));
    head.headers.push_back({"host", "quell.example:9797"});
    head.headers.push_back({row.header, row.value});
    const GateVerdict verdict = bench.gate->Judge(head);
    CHECK((verdict.decision == GateDecision::kRefuse) == row.foreign);
    if (row.foreign) CHECK(verdict.status == 403);
  }
}

TEST_CASE("Gate: a script of the page is not challenged to have the browser ask", "[auth]") {
  const Bench bench;
  http::RequestHead head = Head("GET", "/metrics");
  CHECK(HeaderOf(bench.gate->Judge(head), "WWW-Authenticate").find("Basic") != std::string::npos);
  head.headers.push_back({"sec-fetch-dest", "empty"});
  const std::string challenge = HeaderOf(bench.gate->Judge(head), "WWW-Authenticate");
  CHECK(challenge.find("Basic") == std::string::npos);
  CHECK_FALSE(challenge.empty());
}

}  // namespace
}  // namespace quell::auth
