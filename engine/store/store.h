// Store: what must outlive the process besides the journal: incidents, alerts, outbox, decisions.
//
// The pipeline commits all effects of a stretch of journal in one transaction together with the
// position they came from: after kill -9 nothing happens twice and nothing is skipped.
// Embedded: SQLite (WAL mode, synchronous=FULL). Thread-safe: calls serialise on one connection.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace quell::store {

enum class EffectKind : std::uint8_t {
  kIncident,  // upsert by key: id = incident key, body = JSON
  kAlert,     // upsert by key: id = alert id in decimal, body = JSON
  kDecision,  // append: why a page was or was not sent, body = JSON
  kOutbox,    // append: a notification to deliver, body = JSON (paging/notification.h)
};

// One thing that the pipeline decided. `sequence` is the pipeline's own counter: 1, 2, 3, ...
struct Effect {
  std::uint64_t sequence = 0;
  EffectKind kind = EffectKind::kDecision;
  TimeMs at = 0;  // event time
  std::string id;
  std::string body;
};

enum class OutboxState : std::uint8_t { kPending, kDelivered, kDead, kObsolete };

struct OutboxRow {
  std::uint64_t sequence = 0;  // the effect's
  TimeMs at = 0;
  std::string incident_key;
  std::string body;
  OutboxState state = OutboxState::kPending;
  int attempts = 0;
  TimeMs next_attempt_ms = 0;  // wall clock
  std::string last_error;
};

class Store {
 public:
  virtual ~Store() = default;

  // Applies effects whose sequence is above the last committed one (others were applied before
  // a crash and are skipped), and remembers `journal_position`, in one durable transaction.
  virtual Status Commit(std::string_view journal_position, const std::vector<Effect>& effects) = 0;
  virtual Result<std::string> JournalPosition() = 0;        // "" where nothing was committed
  virtual Result<std::uint64_t> LastSequence() = 0;         // 0 where nothing was committed

  // Pending rows that are due at `now_ms`, in sequence order, at most `limit`.
  virtual Result<std::vector<OutboxRow>> DueOutbox(TimeMs now_ms, size_t limit) = 0;
  virtual Status UpdateOutbox(const OutboxRow& row) = 0;
  // Whether a trigger for the incident key has been delivered to the receiver and no resolve yet.
  virtual Result<std::vector<OutboxRow>> OutboxOf(std::string_view incident_key) = 0;
  virtual Result<std::uint64_t> CountOutbox(OutboxState state) = 0;

  struct Row { std::string id; TimeMs at = 0; std::string body; };
  virtual Result<std::vector<Row>> Incidents(size_t limit) = 0;   // newest first
  virtual Result<std::optional<Row>> Incident(std::string_view key) = 0;
  virtual Result<std::vector<Row>> Alerts(size_t limit) = 0;      // newest first
  virtual Result<std::vector<Row>> Decisions(size_t limit) = 0;   // newest first
};

// Opens or creates `path`; migrates older schema versions; refuses newer ones by name.
Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path);

}  // namespace quell::store
