// The one table of routes and what each needs. What is not in it is refused.
//
// Patterns are paths; a segment `*` stands for one segment that is not empty. Paths come decoded,
// as the router takes them, and are compared byte by byte: a doubled or trailing slash, a dot
// segment or another case is another path, and unknown. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/auth/role.h"

namespace quell::auth {

struct Route {
  std::string_view method;
  std::string_view pattern;
  std::optional<Role> needs;  // nullopt: open to everybody
};

std::span<const Route> Routes();

bool PatternMatches(std::string_view pattern, std::string_view path);

struct RouteMatch {
  const Route* route = nullptr;  // null: no such path, or not with this method
  std::string allow;             // the path's methods, "GET, HEAD"; "" where the path is unknown
};
// HEAD is what GET is.
RouteMatch FindRoute(std::string_view method, std::string_view path);

}  // namespace quell::auth
