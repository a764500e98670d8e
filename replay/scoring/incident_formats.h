// The formats that ReadIncidents tells apart; one reader each. None throws, whatever the bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/labels.h"
#include "core/result.h"
#include "replay/scoring/incident_history.h"
#include "replay/scoring/json_document.h"

namespace quell::replay {

// What ReadIncidents does with a file's text; `name` = the file's, for errors.
Result<std::vector<LabelledIncident>> ReadIncidentText(std::string text, const std::string& name);

// {"incidents":[{"id","start","end",...}]}: docs/formats/replay_outputs.md.
Result<std::vector<LabelledIncident>> ReadQuellIncidents(const JsonDocument& document);

// GET /incidents of PagerDuty's REST API v2, envelope and all, alerts inlined as "alerts" or not.
//
//   start     created_at                 end       resolved_at, else last_status_change_at
//   severity  priority, else urgency     affected  {"service": its summary}, and each alert's
//                                                  custom details that look like labels
// Incidents that a person merged (resolve_reason merge_resolve_reason) become one with the
// incident they were merged into: earliest start, latest end, all their labels.
Result<std::vector<LabelledIncident>> ReadPagerDutyIncidents(const JsonDocument& document);
bool LooksLikePagerDuty(const JsonDocument& document);

// RFC 4180 with a header; columns in any order: id, start, end, and optionally severity, kind,
// and labels (or affected). Labels are `a="b",c="d"` or `a=b;c=d`; alternatives are parted by `|`.
Result<std::vector<LabelledIncident>> ReadCsvIncidents(std::string_view text,
                                                       const std::string& name);
// `a="b",c=d|e="f"` to two label sets. Errors name what stands there.
Result<std::vector<Labels>> ParseLabelAlternatives(std::string_view text);

// Alertmanager: GET /api/v2/alerts, GET /api/v2/alerts/groups, or webhook payloads (one, or an
// array of them). What a group or payload joins, and what overlaps or follows within five minutes
// (Alertmanager's usual group_interval), is one incident; an alert by itself is one of its own.
// Alerts of severity "none" (watchdogs) are left out; one without an end is open until the latest
// time in the file. kind = the first alert's name.
Result<std::vector<LabelledIncident>> ReadAlertmanagerHistory(const JsonDocument& document);
bool LooksLikeAlertmanager(const JsonDocument& document);

// CSV exports of Opsgenie (alerts) and incident.io (incidents), by the names in their header.
Result<std::vector<LabelledIncident>> ReadVendorCsv(std::string_view text, const std::string& name);
bool LooksLikeVendorCsv(std::string_view text);

// Sets a label that a history names, unless no series could carry it: no label name, what notifiers
// say about themselves, values of several lines or beyond 256 bytes.
void AddHistoryLabel(std::string_view name, std::string_view value, Labels& labels);

// By start, then id.
void SortIncidents(std::vector<LabelledIncident>& incidents);

}  // namespace quell::replay
