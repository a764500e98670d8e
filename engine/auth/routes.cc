#include "engine/auth/routes.h"

namespace quell::auth {
namespace {

constexpr Route kRoutes[] = {
    {"POST", "/api/v1/write", Role::kIngest},
    {"POST", "/api/v1/changes", Role::kOperate},
    {"POST", "/api/v2/alerts", Role::kIngest},
    {"GET", "/api/v2/alerts", Role::kRead},
    {"GET", "/api/v2/alerts/groups", Role::kRead},
    {"POST", "/api/v2/silences", Role::kOperate},
    {"GET", "/api/v2/silences", Role::kRead},
    {"DELETE", "/api/v2/silence/*", Role::kOperate},
    {"GET", "/api/v2/silence/*", Role::kRead},
    {"GET", "/api/v2/receivers", Role::kRead},
    {"GET", "/api/v2/status", Role::kRead},
    {"GET", "/api/v1/incidents", Role::kRead},
    {"GET", "/api/v1/incidents/*", Role::kRead},
    {"GET", "/api/v1/incidents/*/alerts", Role::kRead},
    {"POST", "/api/v1/incidents/*/acknowledge", Role::kOperate},
    {"POST", "/api/v1/incidents/*/unacknowledge", Role::kOperate},
    {"POST", "/api/v1/incidents/*/resolve", Role::kOperate},
    {"POST", "/api/v1/incidents/*/notes", Role::kOperate},
    {"POST", "/api/v1/incidents/*/merge", Role::kOperate},
    {"POST", "/api/v1/incidents/*/feedback", Role::kOperate},
    {"GET", "/api/v1/incidents/*/new-normal", Role::kRead},
    {"POST", "/api/v1/incidents/*/new-normal", Role::kOperate},
    {"GET", "/api/v1/feedback", Role::kRead},
    {"GET", "/api/v1/dead-letters", Role::kRead},
    {"POST", "/api/v1/dead-letters/*/retry", Role::kAdmin},
    {"POST", "/api/v1/pagerduty/webhook", std::nullopt},  // signed
    {"GET", "/api/v1/incidents/*/pages", Role::kRead},
    {"GET", "/api/v1/incidents/*/export", Role::kRead},
    {"GET", "/api/v1/incidents/*/similar", Role::kRead},
    {"GET", "/api/v1/alerts", Role::kRead},
    {"GET", "/api/v1/decisions", Role::kRead},
    {"GET", "/api/v1/signals", Role::kRead},
    {"GET", "/api/v1/signals/*", Role::kRead},
    {"GET", "/api/v1/signals/*/points", Role::kRead},
    {"GET", "/api/v1/changes", Role::kRead},
    {"GET", "/api/v1/session", Role::kRead},
    {"GET", "/api/v1/events", Role::kRead},
    {"GET", "/api/v1/adoptions", Role::kRead},
    {"POST", "/api/v1/adoptions/*/undo", Role::kOperate},
    {"GET", "/api/v1/audit", Role::kAudit},
    {"GET", "/api/v1/audit/head", Role::kAudit},
    {"GET", "/api/v1/models", Role::kRead},
    {"POST", "/api/v1/models", Role::kOperate},
    {"GET", "/api/v1/models/*", Role::kRead},
    {"POST", "/api/v1/models/rollback", Role::kOperate},
    {"POST", "/api/v1/models/*/approve", Role::kAdmin},
    {"POST", "/api/v1/models/*/shadow", Role::kOperate},
    {"GET", "/api/v1/models/*/differences", Role::kRead},
    {"POST", "/api/v1/models/*/promote", Role::kAdmin},
    {"POST", "/api/v1/models/*/retire", Role::kOperate},
    {"POST", "/api/v1/score", Role::kOperate},
    {"GET", "/api/v1/status", Role::kRead},
    {"GET", "/api/v1/reports", Role::kRead},
    {"GET", "/api/v1/reports/*", Role::kRead},
    {"GET", "/metrics", Role::kRead},
    {"GET", "/metrics/signals", Role::kRead},
    {"GET", "/", std::nullopt},
    {"GET", "/web/*", std::nullopt},
    {"GET", "/-/healthy", std::nullopt},
    {"GET", "/-/ready", std::nullopt},
    {"POST", "/-/reload", Role::kAdmin},
};

}  // namespace

std::span<const Route> Routes() { return kRoutes; }

bool PatternMatches(std::string_view pattern, std::string_view path) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == path;
  if (path.substr(0, star) != pattern.substr(0, star)) return false;
  const std::string_view rest = path.substr(star);
  const size_t end = std::min(rest.find('/'), rest.size());
  return end > 0 && PatternMatches(pattern.substr(star + 1), rest.substr(end));
}

RouteMatch FindRoute(std::string_view method, std::string_view path) {
  RouteMatch match;
  const std::string_view looked_for = method == "HEAD" ? "GET" : method;
  for (const Route& route : kRoutes) {
    if (!PatternMatches(route.pattern, path)) continue;
    if (route.method == looked_for) match.route = &route;
    match.allow += (match.allow.empty() ? "" : ", ") + std::string(route.method);
    if (route.method == "GET") match.allow += ", HEAD";
  }
  return match;
}

}  // namespace quell::auth
