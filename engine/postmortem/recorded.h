// Recorded: what the store has of one incident, read once, bounded.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/incidents/alert.h"
#include "engine/store/store.h"

namespace quell::postmortem {

using Json = nlohmann::ordered_json;

inline constexpr size_t kAlertsMax = 1000;   // read of an incident, the latest changed
inline constexpr size_t kActionsMax = 1000;  // entries of the audit log, and feedback, the latest

// One alert that became part of it.
struct RecordedAlert {
  incidents::Alert alert;          // without its explanation
  std::string reason;              // why it paged or not; "" = undecided
  std::string why_joined;          // "" where it is not listed as a member
  std::vector<std::string> words;  // its explanation, as the page has it
  Json windows = Json::array();    // what it was seen in, and how much of that was expected
};

struct Recorded {
  Json incident, people;              // people is null where nobody did anything
  std::vector<RecordedAlert> alerts;  // by id
  bool more_alerts = false;           // there are more than were read
  std::vector<store::OutboxRow> outbox;
  std::vector<store::DeliveryRow> deliveries;
  std::vector<Json> feedback;            // oldest first
  std::vector<store::AuditRow> actions;  // of people, oldest first
};

// kNotFound where there is no such incident.
Result<Recorded> ReadRecorded(store::Store& store, const std::string& key);

// Members of JSON objects; empty, 0 and null where they are missing or of another type.
const Json& Member(const Json& json, std::string_view name);
const Json& RowsOf(const Json& json, std::string_view name);
std::string TextOf(const Json& json, std::string_view name);
double NumberOf(const Json& json, std::string_view name);
TimeMs TimeOf(const Json& json, std::string_view name);
Labels LabelsOf(const Json& json, std::string_view name);

}  // namespace quell::postmortem
