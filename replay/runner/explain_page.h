// ExplainPage: a page that the audit log names, decided once more from the journal beside it.
//
// Reads alone, and at most the files of the data folder: an engine may run on it meanwhile. The
// same folder and options give the same answer.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "engine/config/config.h"
#include "engine/incidents/incident_engine.h"
#include "engine/store/audit_reader.h"

namespace quell::replay {

inline constexpr size_t kPageKeyDigitsMin = 4;

// What is looked for: an incident's key, or as many digits as tell it from others; or the number of
// an entry that tells of a page. Of an incident that paged anew, by its key, the first page.
// nullopt: the log has no such page. kInvalidArgument where several keys begin so.
Result<std::optional<store::AuditRow>> FindPage(store::AuditReader& log, const std::string& page);

// Another incident's page about that time.
struct PageNearby {
  std::string key, summary;
  TimeMs at = 0;
};
inline constexpr size_t kPagesNearbyMax = 10;

struct PageExplained {
  store::AuditRow recorded;     // the decision to page
  std::string recorded_body;    // what it was; "" = the store no longer has it
  std::string recorded_notice;  // digest of what was sent of it; "" = the log has nothing of that
  // The journal's first record; what was decided rests on all before, from record 1 on.
  std::uint64_t journal_first = 0;  // 0 = there is none
  TimeMs journal_since = 0;         // when it was received

  // Of the journal read again; nothing where it does not reach back.
  bool paged = false;               // this incident
  TimeMs paged_at = 0;              // event time
  std::string body;                 // the decision
  bool same = false;                // byte for byte, by its digest
  bool notice = false;              // what was sent is the same, too
  std::uint64_t effects = 0;        // that the log has up to the page ...
  std::uint64_t effects_again = 0;  // ... and that were decided again
  std::uint64_t first_other = 0;    // entry of the first that was not; 0 = all were
  std::vector<PageNearby> nearby;   // where this incident does not page; by time
  incidents::Incident incident;     // as it was paged
  std::vector<std::string> words;   // its evidence
  std::string model;                // version that decided when the reading ended

  [[nodiscard]] bool reaches_back() const { return journal_first == 1; }
};

// `recorded` as FindPage gave it. Versions that the journal promotes decide from there on, as they did
// (engine/models/governor.h). Where nothing like it is decided, reads on for a while of event
// time: a page may come later.
Result<PageExplained> ExplainPage(store::AuditReader& log, const store::AuditRow& recorded,
                                  const std::string& journal_folder,
                                  const config::Config& config, std::string_view program,
                                  std::string_view commit);

}  // namespace quell::replay
