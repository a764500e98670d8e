// IncidentHistory: what really happened, as people recorded it: incidents and announced changes.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/labels.h"
#include "core/result.h"
#include "core/time.h"
#include "engine/incidents/change.h"

namespace quell::replay {

struct LabelledIncident {
  std::string id;
  TimeMs start = 0, end = 0;
  std::string severity;          // may be empty
  std::string kind;              // may be empty; "unlabelled" in reports
  std::vector<Labels> affected;  // any of these; empty = matches every label set
};

// Own JSON ({"incidents":[...]}) and CSV (header: id,start,end,severity,kind,labels), PagerDuty's
// REST export, Alertmanager's alerts, groups or webhook payloads, and CSV exports of Opsgenie and
// incident.io, told apart by content. Errors name file:line:column and the field.
Result<std::vector<LabelledIncident>> ReadIncidents(const std::string& path);
Result<std::vector<incidents::Change>> ReadChanges(const std::string& path);
// One change from one JSON object (also the live API's body). `where` prefixes errors.
Result<incidents::Change> ParseChange(const std::string& json, const std::string& where);

std::string IncidentsToJson(std::span<const LabelledIncident> incidents);
std::string ChangesToJson(std::span<const incidents::Change> changes);

}  // namespace quell::replay
