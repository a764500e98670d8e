// AuditRow: one entry of the audit log, and the chain of hashes over them (docs/formats/audit.md).
//
// Each entry's hash is SHA-256 over the former one's hash and the entry's canonical bytes, so that
// an edit, a deletion or an insertion breaks the chain from there on. The head (the newest entry's
// number and hash) is kept beside the log: a tail that is cut off shows, too. Whoever writes the
// database can rewrite all of it: a head that was noted elsewhere shows even that.
// Values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"

namespace quell::store {

// What an effect says to the audit log beyond itself.
struct Deed {
  std::string what;         // "alert_fired", "page_trigger", "people_acknowledge"
  std::string actor = {};   // who: an identity's name, never a secret; "" = the program
  std::string detail = {};  // at most kAuditDetailMax bytes are kept
  bool by_people = false;
};

inline constexpr size_t kAuditDetailMax = 512;
inline constexpr std::string_view kAuditKinds[] = {"decision", "page",  "action",
                                                   "config",   "model", "prune"};

struct AuditRow {
  std::uint64_t entry = 0;     // 1, 2, 3, ... without gaps
  std::uint64_t sequence = 0;  // of the effect; 0 = not the pipeline's
  TimeMs at = 0;               // event time of effects, wall clock of all else
  std::string kind;            // of kAuditKinds
  std::string what;
  std::string key;  // of the incident, alert, silence, change, model, ... that it is about
  std::string actor;
  std::string detail;
  std::string digest;  // SHA-256 of what it was made from, hex; "" = of nothing
  std::string model;   // version in force; "" = not known
  std::string hash;    // lower-case hex
  bool operator==(const AuditRow&) const = default;
};

inline constexpr std::string_view kNoHash =
    "0000000000000000000000000000000000000000000000000000000000000000";

struct AuditHead {
  std::uint64_t entry = 0;  // of the newest; 0 = none yet
  std::string hash = std::string(kNoHash);
  std::uint64_t pruned = 0;                        // entries up to this were removed ...
  std::string pruned_hash = std::string(kNoHash);  // ... and the last one of them had this hash
  bool operator==(const AuditHead&) const = default;
};

// What the hash is over, besides the former hash.
std::string CanonicalAudit(const AuditRow& row);
std::string ChainHash(std::string_view former, const AuditRow& row);

// "1 to 100 are removed; the last had HASH": the detail of a prune entry.
std::string PruneDetail(std::uint64_t through, std::string_view hash);

// Walks a chain, oldest entry first, and names the first row that does not fit.
class AuditWalk {
 public:
  explicit AuditWalk(const AuditHead& head)
      : head_(head), last_(head.pruned), hash_(head.pruned_hash) {}
  // nullopt: it fits.
  std::optional<std::string> Take(const AuditRow& row);
  // After the last row: what the end lacks.
  [[nodiscard]] std::optional<std::string> Finish() const;
  [[nodiscard]] std::uint64_t last() const { return last_; }
  [[nodiscard]] const std::string& hash() const { return hash_; }

 private:
  AuditHead head_;
  std::uint64_t last_;
  std::string hash_;
  std::string pruning_;  // detail of the newest prune entry
};

struct AuditQuery {
  std::string kind = {}, actor = {}, key = {};  // "" = any
  std::optional<TimeMs> since = {}, until = {};
  std::uint64_t before = 0;  // entries below this; 0 = from the newest on
};

// Whether a row is among those asked for.
bool Asked(const AuditQuery& query, const AuditRow& row);

// A row as JSON text, fixed order of keys.
std::string AuditJson(const AuditRow& row);

}  // namespace quell::store
