// Notification: what an outbox row says, independent of the receiver it goes to.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "engine/incidents/incident_engine.h"
#include "engine/store/store.h"

namespace quell::paging {

enum class Action : std::uint8_t {
  kTrigger,
  kUpdate,
  kResolve,
  kChange,       // of no incident: what was announced, for receivers that show it
  kDigest,       // of no incident: what paged nobody, for those who asked for it
  kAcknowledge,  // somebody took the page here: for receivers that would go on calling
};
std::string_view ActionName(Action action);  // "trigger", "update", "resolve", "change", ...

// Members that a notification lists; further ones are only counted.
inline constexpr size_t kMembersMax = 200;
inline constexpr size_t kValuesMax = 20;
inline constexpr size_t kLabelsMax = 40;

// Everything a receiver may show. Built by the pipeline from an IncidentEvent (deterministic),
// stored as JSON in the outbox, read back by the deliverer.
struct Notification {
  Action action = Action::kTrigger;
  std::string incident_key;
  // Of a further page of the incident (page_book.h), else empty and 0.
  std::string page_key;
  std::string linked_because;   // "now critical, was error"; of triggers
  std::string linked_incident;  // key of the incident whose page that is; "" = its own
  TimeMs first_page_at = 0;
  // A rise within kPickUpMs of an error page: for those alone who did not get that page.
  bool called_lately = false;
  // Label values of the members, for routes: at most kValuesMax of a label, kLabelsMax labels.
  std::map<std::string, std::vector<std::string>> values;
  TimeMs at = 0;     // event time of the decision
  TimeMs onset = 0;  // of a change its beginning, and ...
  TimeMs ends = 0;   // ... its end; 0 of all others
  incidents::Severity severity = incidents::Severity::kError;
  std::string summary;  // not yet cut to a receiver's limit
  Labels scope;
  std::string source;                    // service, else psp, else "quell"
  std::string component, group, class_;  // PD-CEF, may be empty
  std::vector<std::string> evidence;     // sentences
  struct MemberLine {
    std::string labels;    // "psp=acme, service=ledger-api"
    std::string what;      // "failure ratio"
    std::string seen;      // "18.2 % (91 of 500)"
    std::string expected;  // "1.4 % (0.9 - 2.1 %)"; "" = nothing was expected
    std::string odds;      // "about 1 in 2 million"; "" = not judged by odds
    std::string why;       // why it belongs here; may be empty
    TimeMs onset = 0;
    TimeMs starts_at = 0;
    bool operator==(const MemberLine&) const = default;
  };
  std::vector<MemberLine> members;       // most telling first, at most kMembersMax
  std::uint64_t members_total = 0;       // >= members.size()
  std::vector<std::string> explanation;  // sentences on the most telling member
  std::vector<std::string> changes;      // "deploy payments-api 10:02 UTC: v1.4"
  std::string link;                      // to the incident page; may be empty
  bool operator==(const Notification&) const = default;

  // What receivers know the page by: triggers, updates and resolves with one key are one page.
  [[nodiscard]] const std::string& key() const {
    return page_key.empty() ? incident_key : page_key;
  }
};

// `external_url` is the address under which people reach this program; "" = no link.
Notification MakeNotification(Action action, const incidents::IncidentEvent& event,
                              std::string_view external_url);

// An announced change, for receivers that show them: summary, scope, times, kind (in `class_`).
Notification ChangeNotification(const incidents::Change& change, TimeMs at);

// "linked to the page of 10:02:30 UTC: now critical, was error"; "" for a first page.
std::string LinkedText(const Notification& notification);

// A member on one line: "psp=acme: failure ratio 18.2 % (91 of 500), expected ..., since 10:02:30
// UTC".
std::string MemberText(const Notification::MemberLine& member);

// Where it stands among others that wait.
store::Urgency UrgencyOf(const Notification& notification);

std::string ToJson(const Notification& notification);
// kCorrupt, naming the field, where the text is not what ToJson writes.
Result<Notification> FromJson(std::string_view json);

}  // namespace quell::paging
