// Notification: what an outbox row says, independent of the receiver it goes to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "engine/incidents/incident_engine.h"

namespace quell::paging {

enum class Action : std::uint8_t { kTrigger, kUpdate, kResolve };
std::string_view ActionName(Action action);  // "trigger", "update", "resolve"

// Everything a receiver may show. Built by the pipeline from an IncidentEvent (deterministic),
// stored as JSON in the outbox, read back by the deliverer.
struct Notification {
  Action action = Action::kTrigger;
  std::string incident_key;
  TimeMs at = 0;            // event time of the decision
  TimeMs onset = 0;
  incidents::Severity severity = incidents::Severity::kError;
  std::string summary;      // not yet cut to a receiver's limit
  Labels scope;
  std::string source;       // service or the scope in words; never empty
  std::string component, group, class_;  // PD-CEF, may be empty
  std::vector<std::string> evidence;     // sentences
  struct MemberLine { std::string labels, what, seen, expected, odds; TimeMs onset = 0, starts_at = 0; };
  std::vector<MemberLine> members;       // most telling first
  std::vector<std::string> changes;      // "deploy payments-api 10:02 UTC: v1.4"
  std::string link;                      // to the incident page; may be empty
};

Notification MakeNotification(Action action, const incidents::IncidentEvent& event,
                              std::string_view external_url);
std::string ToJson(const Notification& notification);
Result<Notification> FromJson(std::string_view json);

}  // namespace quell::paging
