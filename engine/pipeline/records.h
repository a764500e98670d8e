// JSON of alerts, incidents and decisions, as the store, the API and the replay's files have them.
//
// Pure functions; keys in a fixed order, times RFC 3339, finite numbers: same input, same bytes.
#pragma once

#include <string>

#include "engine/incidents/incident_engine.h"

namespace quell::pipeline {

std::string AlertJson(const incidents::Alert& alert);
std::string IncidentJson(const incidents::Incident& incident);
// One line of decisions.jsonl: an alert that fired or cleared.
std::string AlertDecisionJson(std::string_view decision, TimeMs at, const incidents::Alert& alert);
// One line: an identity began to flap, or does so no more.
std::string FlapDecisionJson(const incidents::FlapNews& news);
// One line: an incident event, with a reason for every member.
std::string IncidentDecisionJson(const incidents::IncidentEvent& event);

}  // namespace quell::pipeline
