// Grouping: joins new alerts with each other and with open incidents, the best evidence first.
//
// All alerts that fired in one step and all open incidents near them are groups; the pair with
// the highest score (join_score.h) is joined first, until no pair is worth joining. A region
// outage that arrives as twelve alerts in one step is one group before anything pages.
#pragma once

#include <vector>

#include "engine/incidents/join_score.h"

namespace quell::incidents {

// A group of one alert, respectively of an open incident's members (facet numbers as given).
Group GroupOfAlert(const Alert& alert, const ScopeIndex& index);
Group GroupOfMembers(std::vector<GroupMember> members, const ScopeIndex& index);

// Joins in place until no pair is worth joining. `groups` in a deterministic order: ties go to the
// earlier pair. Groups are scored pairwise up to 160; what is above that (storms) is attached one
// by one to the best group, or left alone.
std::vector<Group> JoinGroups(std::vector<Group> groups, const JoinContext& context);

// The best-scoring group for `group` whatever the score, where the bound on open incidents is
// reached; groups.size() where there is none.
size_t ClosestGroup(const Group& group, const std::vector<Group>& groups,
                    const JoinContext& context);
// Folds b into a. `why` is given to b's first member if it has none.
void FoldGroup(Group& a, Group b, const JoinScore& score, std::string why, const ScopeIndex& index);

}  // namespace quell::incidents
