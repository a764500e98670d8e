#include "engine/auth/authenticator.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "core/clock.h"
#include "tests/engine/auth/identities.h"

namespace quell::auth {
namespace {

using test::Basic;
using test::Bearer;
using test::PasswordOf;
using test::TokenOf;

struct Bench {
  explicit Bench(Options options = test::Everybody()) {
    auto made = Authenticator::Create(clock);
    REQUIRE(made.ok());
    authenticator = *made;
    authenticator->Use(std::move(options));
  }

  // As a server does: slowly only where the quick judgement says so.
  Decision Judge(const Presented& presented) const {
    Decision decision = authenticator->Judge(presented);
    if (decision.outcome == Outcome::kNeedsHash) decision = authenticator->JudgeSlowly(presented);
    CHECK(decision.outcome != Outcome::kNeedsHash);
    return decision;
  }
  Decision Judge(std::string_view method, std::string_view path,
                 const std::string& authorization = "", std::string_view common_name = "") const {
    Presented presented;
    presented.method = method;
    presented.path = path;
    presented.peer = "192.0.2.1";
    presented.authorization = authorization;
    presented.authorization_headers = authorization.empty() ? 0 : 1;
    presented.common_name = common_name;
    return Judge(presented);
  }

  ManualClock clock{1000};
  std::shared_ptr<Authenticator> authenticator;
};

std::string AnyPath(const Route& route) {
  std::string path(route.pattern);
  if (const size_t star = path.find('*'); star != std::string::npos) path.replace(star, 1, "00ff");
  return path;
}

bool Includes(Role held, Role needed) {
  return held == needed || held == Role::kAdmin ||
         (held == Role::kOperate && needed == Role::kRead);
}

TEST_CASE("Authenticator: every route, every role, every kind of credential", "[auth]") {
  const Bench bench;
  for (const Route& route : Routes()) {
    for (const Role role : test::kRoles) {
      const std::string name(RoleName(role));
      INFO(route.method << ' ' << route.pattern << " as " << name);
      const Outcome expected =
          !route.needs || Includes(role, *route.needs) ? Outcome::kAllowed : Outcome::kForbidden;
      const std::string path = AnyPath(route);
      const Decision token = bench.Judge(route.method, path, Bearer(TokenOf(role)));
      const Decision user =
          bench.Judge(route.method, path, Basic(name + "-user", PasswordOf(role)));
      const Decision certificate = bench.Judge(route.method, path, "", name + ".example");
      CHECK(token.outcome == expected);
      CHECK(user.outcome == expected);
      CHECK(certificate.outcome == expected);
      if (!route.needs) continue;  // nobody is asked there
      CHECK(token.identity == "token/" + name + "-token");
      CHECK(user.identity == "user/" + name + "-user");
      CHECK(certificate.identity == "certificate/" + name + ".example");
    }
  }
}

TEST_CASE("Authenticator: who shows nothing learns nothing but health", "[auth]") {
  const Bench bench;
  for (const Route& route : Routes()) {
    INFO(route.method << ' ' << route.pattern);
    CHECK(bench.Judge(route.method, AnyPath(route)).outcome ==
          (route.needs ? Outcome::kNoCredentials : Outcome::kAllowed));
    const char* other = route.method == "GET" ? "POST" : "GET";
    CHECK(bench.Judge(other, AnyPath(route)).outcome == Outcome::kNoCredentials);
  }
  for (const char* path : {"/nope", "/api/v1/nope", "/-/", "/metrics/", "/-/healthy/"}) {
    CHECK(bench.Judge("GET", path).outcome == Outcome::kNoCredentials);
  }
}

TEST_CASE("Authenticator: who is known is told of unknown paths and methods", "[auth]") {
  const Bench bench;
  const std::string token = Bearer(TokenOf(Role::kRead));
  CHECK(bench.Judge("GET", "/nope", token).outcome == Outcome::kNoRoute);
  CHECK(bench.Judge("DELETE", "/nope", Bearer(TokenOf(Role::kAdmin))).outcome == Outcome::kNoRoute);
  const Decision method = bench.Judge("GET", "/api/v1/write", token);
  CHECK(method.outcome == Outcome::kWrongMethod);
  CHECK(method.allow == "POST");
}

TEST_CASE("Authenticator: wrong credentials are refused on known and unknown paths alike",
          "[auth]") {
  const Bench bench;
  const struct {
    std::string authorization;
    const char* common_name;
    Outcome expected;
  } rows[] = {
      {Bearer("not-a-known-token-at-all"), "", Outcome::kUnknownToken},
      {Bearer(TokenOf(Role::kRead) + "x"), "", Outcome::kUnknownToken},
      {Bearer(ToHex(Sha256(TokenOf(Role::kRead)))), "", Outcome::kUnknownToken},
      {Basic("read-user", "wrong"), "", Outcome::kWrongPassword},
      {Basic("nobody", PasswordOf(Role::kRead)), "", Outcome::kWrongPassword},
      {Basic("READ-USER", PasswordOf(Role::kRead)), "", Outcome::kWrongPassword},
      {"Bearer a b", "", Outcome::kMalformed},
      {"Nonsense", "", Outcome::kMalformed},
      {"", "stranger.example", Outcome::kUnknownCertificate},
      {"", "READ.example", Outcome::kUnknownCertificate},
      // A right certificate does not excuse a wrong header.
      {Bearer("not-a-known-token-at-all"), "admin.example", Outcome::kUnknownToken},
      {"Nonsense", "admin.example", Outcome::kMalformed},
  };
  for (const auto& row : rows) {
    INFO(row.authorization << ' ' << row.common_name);
    for (const char* path : {"/metrics", "/nope"}) {
      const Decision decision = bench.Judge("GET", path, row.authorization, row.common_name);
      CHECK(decision.outcome == row.expected);
      CHECK(decision.identity == "anonymous");
    }
  }
}

TEST_CASE("Authenticator: two Authorization headers are none", "[auth]") {
  const Bench bench;
  Presented presented;
  presented.method = "GET";
  presented.path = "/metrics";
  const std::string right = Bearer(TokenOf(Role::kAdmin));
  presented.authorization = right;
  presented.authorization_headers = 2;
  CHECK(bench.Judge(presented).outcome == Outcome::kMalformed);
}

TEST_CASE("Authenticator: an empty Authorization header is a wrong one", "[auth]") {
  Options options = test::Everybody();
  options.anonymous = {Role::kRead};
  const Bench bench(options);
  Presented presented;
  presented.method = "GET";
  presented.path = "/metrics";
  CHECK(bench.Judge(presented).outcome == Outcome::kAllowed);
  presented.authorization_headers = 1;
  CHECK(bench.Judge(presented).outcome == Outcome::kMalformed);
}

TEST_CASE("Authenticator: anonymous roles are everybody's, and reveal no more", "[auth]") {
  Options options = test::Everybody();
  options.anonymous = {Role::kRead};
  const Bench bench(options);
  CHECK(bench.Judge("GET", "/metrics").outcome == Outcome::kAllowed);
  CHECK(bench.Judge("GET", "/metrics", "", "stranger.example").outcome == Outcome::kAllowed);
  CHECK(bench.Judge("GET", "/metrics", Bearer(TokenOf(Role::kIngest))).outcome ==
        Outcome::kAllowed);
  CHECK(bench.Judge("GET", "/metrics", Bearer("not-a-known-token-at-all")).outcome ==
        Outcome::kUnknownToken);
  CHECK(bench.Judge("POST", "/-/reload").outcome == Outcome::kNoCredentials);
  CHECK(bench.Judge("GET", "/nope").outcome == Outcome::kNoCredentials);
}

TEST_CASE("Authenticator: without configuration everybody may do everything", "[auth]") {
  const Bench bench(Options{});
  for (const Route& route : Routes()) {
    CHECK(bench.Judge(route.method, AnyPath(route)).outcome == Outcome::kAllowed);
    CHECK(bench.Judge(route.method, AnyPath(route), "Nonsense").outcome == Outcome::kAllowed);
  }
  CHECK(bench.Judge("GET", "/nope").outcome == Outcome::kNoRoute);
  CHECK(bench.Judge("GET", "/-/reload").outcome == Outcome::kWrongMethod);
}

TEST_CASE("Authenticator: other identities hold from the next request on", "[auth]") {
  const Bench bench;
  const std::string token = Bearer(TokenOf(Role::kAdmin));
  const std::string password = Basic("read-user", PasswordOf(Role::kRead));
  CHECK(bench.Judge("POST", "/-/reload", token).outcome == Outcome::kAllowed);
  CHECK(bench.Judge("GET", "/metrics", password).outcome == Outcome::kAllowed);
  Options fewer = test::Everybody();
  fewer.tokens.clear();
  std::erase_if(fewer.users, [](const UserIdentity& user) { return user.name == "read-user"; });
  bench.authenticator->Use(fewer);
  CHECK(bench.Judge("POST", "/-/reload", token).outcome == Outcome::kUnknownToken);
  CHECK(bench.Judge("GET", "/metrics", password).outcome == Outcome::kWrongPassword);
  CHECK(bench.authenticator->passwords().remembered() == 0);
}

TEST_CASE("Authenticator: passwords are hashed by the slow judgement alone", "[auth]") {
  const Bench bench;
  const std::string password = Basic("read-user", PasswordOf(Role::kRead));
  Presented presented;
  presented.method = "GET";
  presented.path = "/metrics";
  presented.authorization = password;
  presented.authorization_headers = 1;
  CHECK(bench.authenticator->Judge(presented).outcome == Outcome::kNeedsHash);
  CHECK(bench.authenticator->passwords().hashes() == 0);
  CHECK(bench.authenticator->JudgeSlowly(presented).outcome == Outcome::kAllowed);
  CHECK(bench.authenticator->Judge(presented).outcome == Outcome::kAllowed);
  CHECK(bench.authenticator->passwords().hashes() == 1);
}

TEST_CASE("Authenticator: a peer that guesses passwords is made to wait", "[auth]") {
  const Bench bench;
  Decision last;
  for (int i = 0; i < 11; ++i) {
    last = bench.Judge("GET", "/metrics", Basic("read-user", "guess " + std::to_string(i)));
  }
  CHECK(last.outcome == Outcome::kThrottled);
  CHECK(last.retry_after_ms > 0);
  CHECK(bench.Judge("GET", "/metrics", Bearer(TokenOf(Role::kRead))).outcome == Outcome::kAllowed);
}

TEST_CASE("Authenticator: every outcome is counted once, and has a name", "[auth]") {
  const Bench bench;
  bench.Judge("GET", "/metrics");
  bench.Judge("GET", "/metrics");
  bench.Judge("GET", "/metrics", Basic("read-user", PasswordOf(Role::kRead)));
  bench.Judge("POST", "/-/reload", Bearer(TokenOf(Role::kRead)));
  CHECK(bench.authenticator->count(Outcome::kNoCredentials) == 2);
  CHECK(bench.authenticator->count(Outcome::kAllowed) == 1);
  CHECK(bench.authenticator->count(Outcome::kForbidden) == 1);
  CHECK(bench.authenticator->count(Outcome::kNeedsHash) == 0);
  std::set<std::string_view> names;
  for (size_t i = 0; i < kOutcomes; ++i) names.insert(OutcomeName(static_cast<Outcome>(i)));
  CHECK(names.size() == kOutcomes);
  CHECK(names.count("") == 0);
}

}  // namespace
}  // namespace quell::auth
