// Origins: where an incident's trouble may have begun, by what alerts and what does not.
//
// Hypotheses are label predicates (label_combinations.h), and what was changed up to half an hour
// before the onset. Under one, lanes that it covers alert and deviate as much as any; lanes that
// contradict it do not, but for those that depend on it (topology.h); lanes that lack a label of it
// (a service beside a PSP) may or may not. What alerts first belongs to it. The log-likelihoods, of
// a few lanes at most, for many alert by one cause, with a prior for few labels make the confidence
// of each, beside "none of them". A hypothesis has the confidence of what is narrower, too.
#pragma once

#include <vector>

#include "engine/incidents/incident_engine.h"
#include "engine/incidents/scope_index.h"

namespace quell::incidents {

// The most likely first, at most kOriginsMax, those of confidence 0.05 or more. Of an incident with
// members, changes and onset; the members' labels belong to `index`.
std::vector<Origin> RankOrigins(const Incident& incident, const ScopeIndex& index,
                                const Topology& topology);

// How far an alert is from what is expected, in [0, 1]: failed or slow requests beyond those
// expected as a share of all, a volume's change against the larger of both; 1 where nothing is
// measured.
double EffectOf(const Alert& alert);

}  // namespace quell::incidents
