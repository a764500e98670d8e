// Scope: the narrowest label predicate that explains an incident's members.
#pragma once

#include <span>
#include <string>

#include "core/labels.h"
#include "engine/incidents/incident_engine.h"
#include "engine/incidents/scope_index.h"

namespace quell::incidents {

struct ScopeChoice {
  Labels scope;
  std::string words;  // "psp=acme, all regions"
  // "also (1 of 4 alerts): queue depth of queue=settlement"; "" where the scope covers all
  std::string note;
  ScopeReach reach;
};

// Candidates are all combinations of up to three label pairs of a member (alertname and constant
// pairs left out). Best: share of the members' lanes that it covers, times how full of alerting
// lanes it is; then what covers the earliest onset; then the more telling; then the one of more
// pairs (the narrowest). Nothing ("everything") is chosen only where most of everything alerts.
// REQUIRES: at least one member; the members' labels belong to `index`.
ScopeChoice ChooseScope(std::span<const Member> members, const ScopeIndex& index);

}  // namespace quell::incidents
