// Routes: to which receivers a page goes, by its labels, its severity and the hour.
//
// Immutable, hence freely shared between threads.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/civil_time.h"
#include "core/matcher.h"
#include "engine/incidents/alert.h"
#include "engine/paging/notification.h"
#include "engine/signals/alert_rules.h"

namespace quell::paging {

// A rule matches where all that it names is so.
struct Route {
  Selector match;                                             // without matchers: everything
  incidents::Severity severity = incidents::Severity::kInfo;  // at least
  std::optional<signals::BusinessHours> hours;                // `outside` has no meaning here
  TimeZone zone;                                              // of `hours`
  std::vector<std::string> receivers;
  bool go_on = false;  // later rules may add receivers
};

// What is looked at: every value that the incident's scope or a member has for a label. `name="x"`
// holds where one of the values is x, `name!="x"` where none is.
struct RouteSubject {
  std::map<std::string, std::vector<std::string>> values;
  incidents::Severity severity = incidents::Severity::kInfo;
  TimeMs at = 0;
};

struct RouteChoice {
  bool all = true;  // no rule matched: every receiver
  std::vector<std::string> receivers;
  std::vector<std::string> why;  // a line a rule that was looked at
  [[nodiscard]] bool Includes(std::string_view receiver) const;
};

RouteChoice ChooseRoute(const std::vector<Route>& routes, const RouteSubject& subject);
RouteSubject SubjectOf(const Notification& notification);

}  // namespace quell::paging
