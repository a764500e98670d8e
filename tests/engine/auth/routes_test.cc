#include "engine/auth/routes.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "tests/engine/auth/identities.h"

namespace quell::auth {
namespace {

TEST_CASE("Roles: admin holds all, operate holds read, ingest and audit stand alone", "[auth]") {
  const struct {
    Role held;
    const char* all;
  } rows[] = {{Role::kIngest, "ingest"},
              {Role::kRead, "read"},
              {Role::kOperate, "read, operate"},
              {Role::kAudit, "audit"},
              {Role::kAdmin, "ingest, read, operate, admin, audit"}};
  for (const auto& row : rows) CHECK(RoleSet{row.held}.ToString() == row.all);
  CHECK(RoleSet().ToString() == "none");
  RoleSet both = {Role::kIngest};
  both.Add(RoleSet{Role::kRead});
  CHECK(both.ToString() == "ingest, read");
  for (const Role role : test::kRoles) CHECK(ParseRole(RoleName(role)) == role);
  CHECK_FALSE(ParseRole("root"));
  CHECK_FALSE(ParseRole("Admin"));
}

TEST_CASE(
    "Routes: only health and the page's files are open, only what sends is ingest, only what "
    "steers "
    "is admin",
    "[auth]") {
  std::set<std::string> open;
  std::set<std::string> seen;
  for (const Route& route : Routes()) {
    const std::string name = std::string(route.method) + ' ' + std::string(route.pattern);
    INFO(name);
    CHECK(seen.insert(name).second);
    if (!route.needs) open.insert(name);
    const bool sends = name == "POST /api/v1/write" || name == "POST /api/v2/alerts";
    CHECK((route.needs == Role::kIngest) == sends);
    static const std::set<std::string> kSteers = {
        "POST /-/reload", "POST /api/v1/dead-letters/*/retry", "POST /api/v1/models/*/approve",
        "POST /api/v1/models/*/promote"};
    const bool steers = kSteers.contains(name);
    CHECK((route.needs == Role::kAdmin) == steers);
    if (route.method != "GET") CHECK(route.needs != Role::kRead);
    const bool audits = route.pattern.substr(0, 13) == "/api/v1/audit" && route.method == "GET";
    CHECK((route.needs == Role::kAudit) == audits);
  }
  // Webhooks are signed.
  CHECK(open == std::set<std::string>{"GET /-/healthy", "GET /-/ready", "GET /", "GET /web/*",
                                      "POST /api/v1/pagerduty/webhook"});
}

TEST_CASE("Routes: a path is known as it stands, and not in another spelling", "[auth]") {
  CHECK(FindRoute("GET", "/metrics").route != nullptr);
  CHECK(FindRoute("HEAD", "/metrics").route != nullptr);
  CHECK(FindRoute("GET", "/api/v1/incidents/00ff").route != nullptr);
  for (const char* path :
       {"", "//", "/metrics/", "//metrics", "/METRICS", "/metrics ", "/./metrics",
        "/api/v1/incidents/", "/api/v1/incidents/a/b", "/api/v1/incidents/a/", "/api/v1/incident",
        "/-/healthy/../reload", "/api/v1/../../metrics", "/metrics?x", "/metrics;x", "*"}) {
    INFO(path);
    const RouteMatch match = FindRoute("GET", path);
    CHECK(match.route == nullptr);
    CHECK(match.allow.empty());
  }
}

TEST_CASE("Routes: another method than the path's is told from an unknown path", "[auth]") {
  const RouteMatch write = FindRoute("GET", "/api/v1/write");
  CHECK(write.route == nullptr);
  CHECK(write.allow == "POST");
  const RouteMatch metrics = FindRoute("POST", "/metrics");
  CHECK(metrics.route == nullptr);
  CHECK(metrics.allow == "GET, HEAD");
  CHECK(FindRoute("get", "/metrics").route == nullptr);
}

TEST_CASE("Routes: a star stands for one segment", "[auth]") {
  CHECK(PatternMatches("/a/*", "/a/b"));
  CHECK(PatternMatches("/a/*/c", "/a/b/c"));
  CHECK_FALSE(PatternMatches("/a/*/c", "/a/b/d"));
  CHECK_FALSE(PatternMatches("/a/*/c", "/a//c"));
  CHECK_FALSE(PatternMatches("/a/*", "/a/"));
  CHECK_FALSE(PatternMatches("/a/*", "/a"));
  CHECK_FALSE(PatternMatches("/a/*", "/ab"));
}

}  // namespace
}  // namespace quell::auth
