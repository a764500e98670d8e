// Describe: an incident's severity, scope, summary and evidence, from its members.
#pragma once

#include <span>
#include <string>

#include "engine/incidents/incident_engine.h"
#include "engine/incidents/scope_index.h"

namespace quell::incidents {

// The members' highest; critical where the incident is wide (three lanes or more above info) or
// total (more than half of >= 20 requests fail, or less than a tenth of the expected volume).
// Empty: kInfo.
Severity SeverityOf(std::span<const Member* const> members);
// Distinct lanes (labels without the signal's name).
size_t LanesOf(std::span<const Member* const> members);

// "deploy of service=ledger at 10:02 UTC, 4 min before onset: v1.4".
std::string ChangeWords(const Change& change, TimeMs onset);

// Fills onset, first_alert, severity, scope, scope_note, reach, origins, summary and evidence.
// Severity never sinks. `overflow`: alerts that belong to it but are not listed as members.
void Describe(Incident& incident, std::uint64_t overflow, const ScopeIndex& index,
              const Topology& topology);

}  // namespace quell::incidents
