// Store: what must outlive the process besides the journal: incidents, alerts, outbox, decisions.
//
// The pipeline commits all effects of a stretch of journal in one transaction together with the
// position they came from: after kill -9 nothing happens twice and nothing is skipped.
// Embedded: SQLite (WAL mode, synchronous=FULL; docs/formats/store.md). Thread-safe: calls
// serialise on one connection. One process per store.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "engine/store/audit.h"
#include "engine/store/retention.h"

namespace quell::store {

enum class EffectKind : std::uint8_t {
  kIncident,  // upsert by key: id = incident key, body = JSON
  kAlert,     // upsert by key: id = alert id in decimal, body = JSON
  kDecision,  // append: why a page was or was not sent, body = JSON
  kOutcome,   // what became of an alert: id = alert id, body = reason ("duplicate_of")
  kOutbox,    // append: a notification to deliver, id = incident key, body = JSON
              // (paging/notification.h)
  kFeedback,  // append: what a person said of an incident, id = incident key, body = JSON; the
              // newest kFeedbackMax stay
  kPeople,    // upsert by key: what people did to an incident, id = incident key, body = JSON
  kDeed,      // to the audit log alone: somebody made a silence, announced a change, ...
  kModel,     // likewise: a version of what decides moved; id = its name
};

inline constexpr size_t kFeedbackMax = 10000;

// In which order outbox rows go out where they cannot all go at once. An acknowledgement goes among
// the resolves, but ends no page.
enum class Urgency : std::uint8_t {
  kCriticalTrigger,
  kTrigger,
  kResolve,
  kUpdate,
  kChange,
  kAcknowledge,
};

// One thing that the pipeline decided. `sequence` is the pipeline's own counter: 1, 2, 3, ...
struct Effect {
  std::uint64_t sequence = 0;
  EffectKind kind = EffectKind::kDecision;
  TimeMs at = 0;  // event time
  std::string id;
  std::string body;
  Urgency urgency = Urgency::kTrigger;  // kOutbox
  std::string incident_key = {};        // kOutcome
  Deed deed = {};                       // what the audit log has of it
  std::string model = {};               // version that decided it; "" = the one in force (UseModel)
};

enum class OutboxState : std::uint8_t {
  kPending,
  kDelivered,
  kDead,      // rejected or given up: somebody must look
  kObsolete,  // the receiver has no use for it
};
std::string_view OutboxStateName(OutboxState state);  // "pending", "delivered", "dead", "obsolete"

struct OutboxRow {
  std::uint64_t sequence = 0;  // the effect's
  TimeMs at = 0;
  std::string incident_key;
  std::string body;
  // Over all receivers: pending while one is, then dead if one is, else delivered if one is.
  OutboxState state = OutboxState::kPending;
};

// How far one row has come with one receiver. Times are wall clock.
struct DeliveryRow {
  std::uint64_t sequence = 0;  // the outbox row's
  std::string receiver;
  OutboxState state = OutboxState::kPending;
  int attempts = 0;
  TimeMs first_attempt_ms = 0;  // 0 = never tried
  TimeMs last_attempt_ms = 0;   // when it ended
  TimeMs next_attempt_ms = 0;   // 0 = at once
  bool maybe_taken = false;     // an attempt ended without a clear answer
  std::string last_error;
};

struct DueDelivery {
  OutboxRow outbox;
  DeliveryRow delivery;        // attempts = 0 where there was none yet
  bool earlier_rows = false;   // the incident has earlier outbox rows ...
  bool earlier_taken = false;  // ... and this receiver took, or may have taken, one of them
  bool later_rows = false;     // the incident has later outbox rows
  Urgency urgency = Urgency::kTrigger;
};

// A notification that a receiver will not get: somebody must look. The newest kDeadLettersMax stay.
struct DeadLetter {
  std::uint64_t id = 0;  // 1, 2, 3, ... in the order of dying
  std::uint64_t sequence = 0;
  std::string receiver;
  TimeMs at = 0;  // wall clock
  std::string incident_key;
  int attempts = 0;
  std::string reason;
  std::string body;
};
inline constexpr size_t kDeadLettersMax = 10000;

// What one receiver was not told yet of another's dead letters.
struct DeadLetterNews {
  std::string about;  // the other receiver
  std::uint64_t count = 0;
  std::uint64_t last_id = 0;
  TimeMs first_at = 0;
  std::string last_reason;
};

class Store {
 public:
  virtual ~Store() = default;

  // Applies effects whose sequence is above the last committed one (others were applied before
  // a crash and are skipped), and remembers `journal_position`, in one durable transaction.
  // kInvalidArgument where sequences do not ascend.
  virtual Status Commit(std::string_view journal_position, const std::vector<Effect>& effects) = 0;
  virtual Result<std::string> JournalPosition() = 0;  // "" where nothing was committed
  virtual Result<std::uint64_t> LastSequence() = 0;   // 0 where nothing was committed

  // What `receiver` may be given at `now_ms`: pending rows that are due and are the oldest pending
  // one of their incident with this receiver. By urgency, up to `least`; then never tried first,
  // then by due time, then sequence. A due time beyond `now_ms + horizon_ms` was set by a clock
  // that went back: due.
  virtual Result<std::vector<DueDelivery>> DueDeliveries(std::string_view receiver, TimeMs now_ms,
                                                         DurationMs horizon_ms, size_t limit,
                                                         Urgency least) = 0;
  // When `receiver`'s latest attempts ended, from `since_ms` on, oldest first; one a row.
  virtual Result<std::vector<TimeMs>> AttemptsSince(std::string_view receiver, TimeMs since_ms,
                                                    size_t limit) = 0;
  // Saves the row, the outbox row's state over all `receivers`, and a dead letter where the row is
  // kDead (at its last attempt), in one durable transaction.
  virtual Status UpdateDelivery(const DeliveryRow& row,
                                const std::vector<std::string>& receivers) = 0;
  // Recomputes the state of pending outbox rows: a receiver may have left the configuration.
  virtual Status SettleOutbox(const std::vector<std::string>& receivers) = 0;

  virtual Result<std::vector<OutboxRow>> OutboxOf(std::string_view incident_key) = 0;
  virtual Result<std::vector<DeliveryRow>> DeliveriesOf(std::string_view incident_key) = 0;
  // The latest row that `receiver` took of each key which is not resolved, oldest first.
  virtual Result<std::vector<OutboxRow>> OpenWith(std::string_view receiver, size_t limit) = 0;
  // Keys of the outbox whose latest row is no resolve, in order.
  virtual Result<std::vector<std::string>> UnresolvedKeys() = 0;
  virtual Result<std::uint64_t> CountOutbox(OutboxState state) = 0;

  virtual Result<std::vector<DeadLetter>> DeadLetters(size_t limit) = 0;  // newest first
  virtual Result<std::uint64_t> CountDeadLetters() = 0;
  virtual Result<std::optional<DeadLetter>> OneDeadLetter(std::uint64_t id) = 0;
  // Its row, and what came later under its key, wait for the receiver again as if never tried: a
  // trigger is followed by its resolve. They are dead letters no more. kNotFound. `note` goes to
  // the audit log in the same transaction; null = nothing does.
  virtual Status RetryDeadLetter(std::uint64_t id, const AuditRow* note = nullptr) = 0;
  // Dead letters since `since_ms` of receivers other than `receiver`, by their name; without what
  // it was told of, and without those that it was told of after `told_before_ms`.
  virtual Result<std::vector<DeadLetterNews>> UntoldDeadLetters(std::string_view receiver,
                                                                TimeMs since_ms,
                                                                TimeMs told_before_ms) = 0;
  virtual Status MarkDeadLettersTold(std::string_view receiver, const DeadLetterNews& news,
                                     TimeMs now_ms) = 0;

  struct Row {
    std::string id;
    TimeMs at = 0;
    std::string body;
  };
  // Newest first.
  virtual Result<std::vector<Row>> Feedback(size_t limit) = 0;
  // Nobody did anything where there is no row.
  virtual Result<std::optional<Row>> People(std::string_view incident_key) = 0;
  // Most recently changed first.
  virtual Result<std::vector<Row>> Incidents(size_t limit) = 0;
  struct IncidentRow : Row {
    std::uint64_t sequence = 0;  // of the effect that last changed it
  };
  // The same with sequences below `before`; 0 = from the newest on.
  virtual Result<std::vector<IncidentRow>> IncidentsBefore(std::uint64_t before, size_t limit) = 0;
  virtual Result<std::optional<Row>> Incident(std::string_view key) = 0;
  virtual Result<std::vector<Row>> Alerts(size_t limit) = 0;

  struct AlertRow {
    std::uint64_t sequence = 0;  // of the effect that last changed it
    TimeMs at = 0;
    std::string body;
    std::string reason;  // of the latest kOutcome; "" = undecided
    std::string incident_key;
  };
  struct AlertQuery {
    std::optional<std::string> reason;  // "" = undecided
    std::string incident_key;           // "" = any
    std::uint64_t before = 0;           // sequences below this; 0 = from the newest on
  };
  // Most recently changed first.
  virtual Result<std::vector<AlertRow>> AlertsWhere(const AlertQuery& query, size_t limit) = 0;
  virtual Result<std::vector<Row>> Decisions(size_t limit) = 0;

  // Removes what is older than it is kept for, the oldest first and at most kPrunedAtOnce of each
  // table, in one transaction with an entry of the audit log that counts it. The audit log itself
  // has its own bound.
  virtual Result<Pruned> Prune(const Retention& retention, TimeMs now_ms) = 0;

  // The audit log. Commit() appends an entry for each decision, outcome, outbox row, feedback and
  // deed, in its transaction; `model` is the version that they name from now on.
  virtual void UseModel(std::string version) = 0;
  // An entry that is none of the pipeline's, in a transaction of its own.
  virtual Status AppendAudit(const AuditRow& row) = 0;
  virtual Result<AuditHead> AuditLogHead() = 0;
  virtual Result<std::vector<AuditRow>> AuditRows(const AuditQuery& query, size_t limit) = 0;
};

struct StoreOptions {
  std::uint64_t audit_rows_max = 1'000'000;  // beyond it the oldest go
};

// Opens or creates `path` (":memory:" keeps nothing); migrates older schema versions; refuses
// newer ones by name, files that are not a Quell store, and files that fail SQLite's quick check.
Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path,
                                               const StoreOptions& options = {});

}  // namespace quell::store
