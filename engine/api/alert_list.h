// Alerts as the store has them, each with what became of it, narrowed and in pages.
//
// GET /api/v1/alerts and GET /api/v1/incidents/KEY/alerts. An answer reads at most kReadMax rows,
// so that a filter which little passes costs no more than one: `next` then goes on from there.
#pragma once

#include <limits>
#include <set>
#include <string>
#include <vector>

#include "core/matcher.h"
#include "core/result.h"
#include "engine/store/store.h"

namespace quell::api {

inline constexpr std::string_view kUndecided = "undecided";

struct AlertListQuery {
  std::set<std::string> reasons;  // names of PageReason, or kUndecided; none = all
  std::vector<Matcher> filters;   // on labels; all must hold
  TimeMs since = 0;               // on startsAt
  TimeMs until = kTimeMax;        // exclusive
  std::string incident_key;       // "" = of any
  std::uint64_t before = 0;       // `next` of the page before; 0 = the first
  size_t limit = 100;             // 1 to kLimitMax

  static constexpr TimeMs kTimeMax = std::numeric_limits<TimeMs>::max();
  static constexpr size_t kLimitMax = 1000;
  static constexpr size_t kReadMax = 5000;
};

// kInvalidArgument: `reason` is none of those that there are, which it names.
Status CheckReason(std::string_view reason);

// {"alerts":[...],"next":"17"}: most recently changed first; `next` is null at the end.
Result<std::string> ListAlertsJson(store::Store& store, const AlertListQuery& query);

}  // namespace quell::api
