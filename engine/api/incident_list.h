// Incidents as the store has them, narrowed and in pages; and all that was sent of one.
//
// GET /api/v1/incidents. An answer reads at most kReadMax rows, so that a filter which little
// passes costs no more than one: `next` then goes on from there.
#pragma once

#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "core/matcher.h"
#include "core/result.h"
#include "engine/store/store.h"

namespace quell::api {

struct IncidentListQuery {
  std::set<std::string> states;      // "open", "held", ...; none = all
  std::set<std::string> severities;  // "critical", ...; none = all
  std::vector<Matcher> filters;      // all must hold of the scope, or all of one member's labels
  std::vector<std::string> words;    // each somewhere in summary or labels, whatever its case
  TimeMs since = 0;                  // of the onset
  TimeMs until = kTimeMax;           // exclusive
  std::uint64_t before = 0;          // `next` of the page before; 0 = the first
  size_t limit = 100;                // 1 to kLimitMax
  bool brief = false;                // without evidence, members and changes

  static constexpr TimeMs kTimeMax = std::numeric_limits<TimeMs>::max();
  static constexpr size_t kLimitMax = 1000;
  static constexpr size_t kReadMax = 5000;
  static constexpr size_t kWordsMax = 10;
};

// kInvalidArgument: none of those that there are, which it names.
Status CheckIncidentState(std::string_view state);
Status CheckIncidentSeverity(std::string_view severity);
// Words of a search, in lower case. kInvalidArgument: more than kWordsMax.
Result<std::vector<std::string>> SearchWords(std::string_view text);

// {"incidents":[...],"next":"17"}: most recently changed first, with what people did; `next` is
// null at the end.
Result<std::string> ListIncidentsJson(store::Store& store, const IncidentListQuery& query);

// {"pages":[...]}: what was to be sent under any of its keys, to whom, and what became of it.
Result<nlohmann::ordered_json> PagesJson(store::Store& store, const std::string& key);

}  // namespace quell::api
