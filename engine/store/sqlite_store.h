// SqliteStore: the Store on SQLite. One connection, one mutex, statements prepared once. Private to
// engine/store: sqlite_store.cc has effects and what they say, sqlite_outcomes.cc alerts by
// outcome, sqlite_outbox.cc deliveries,
// sqlite_dead_letters.cc what was not delivered, sqlite_audit.cc the audit log.
#pragma once

#include <limits>
#include <mutex>

#include "engine/store/audit_table.h"
#include "engine/store/sqlite.h"
#include "engine/store/store.h"

namespace quell::store {

inline std::int64_t Signed(std::uint64_t value) { return static_cast<std::int64_t>(value); }

inline std::int64_t Limit(size_t limit) {
  constexpr auto kMax = static_cast<size_t>(std::numeric_limits<std::int64_t>::max());
  return static_cast<std::int64_t>(limit < kMax ? limit : kMax);
}

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(Database database) : database_(std::move(database)) {}

  Status Prepare(const StoreOptions& options);
  Status Commit(std::string_view journal_position, const std::vector<Effect>& effects) override;
  Result<std::string> JournalPosition() override;
  Result<std::uint64_t> LastSequence() override;
  Result<std::vector<DueDelivery>> DueDeliveries(std::string_view receiver, TimeMs now_ms,
                                                 DurationMs horizon_ms, size_t limit,
                                                 Urgency least) override;
  Result<std::vector<TimeMs>> AttemptsSince(std::string_view receiver, TimeMs since_ms,
                                            size_t limit) override;
  Status UpdateDelivery(const DeliveryRow& row, const std::vector<std::string>& receivers) override;
  Status SettleOutbox(const std::vector<std::string>& receivers) override;
  Result<std::vector<OutboxRow>> OutboxOf(std::string_view incident_key) override;
  Result<std::vector<DeliveryRow>> DeliveriesOf(std::string_view incident_key) override;
  Result<std::vector<OutboxRow>> OpenWith(std::string_view receiver, size_t limit) override;
  Result<std::vector<std::string>> UnresolvedKeys() override;
  Result<std::uint64_t> CountOutbox(OutboxState state) override;
  Result<std::vector<DeadLetter>> DeadLetters(size_t limit) override;
  Result<std::uint64_t> CountDeadLetters() override;
  Result<std::optional<DeadLetter>> OneDeadLetter(std::uint64_t id) override;
  Status RetryDeadLetter(std::uint64_t id, const AuditRow* note) override;
  Result<std::vector<DeadLetterNews>> UntoldDeadLetters(std::string_view receiver, TimeMs since_ms,
                                                        TimeMs told_before_ms) override;
  Status MarkDeadLettersTold(std::string_view receiver, const DeadLetterNews& news,
                             TimeMs now_ms) override;
  Result<std::vector<IncidentRow>> IncidentsBefore(std::uint64_t before, size_t limit) override;
  Result<std::vector<Row>> Incidents(size_t limit) override { return List(list_incidents_, limit); }
  Result<std::optional<Row>> Incident(std::string_view key) override {
    return One(one_incident_, key);
  }
  Result<std::vector<Row>> Alerts(size_t limit) override { return List(list_alerts_, limit); }
  Result<std::vector<AlertRow>> AlertsWhere(const AlertQuery& query, size_t limit) override;
  Result<std::vector<Row>> Decisions(size_t limit) override { return List(list_decisions_, limit); }
  Result<std::vector<Row>> Feedback(size_t limit) override { return List(list_feedback_, limit); }
  Result<std::optional<Row>> People(std::string_view incident_key) override {
    return One(one_people_, incident_key);
  }
  Result<Pruned> Prune(const Retention& retention, TimeMs now_ms) override;
  void UseModel(std::string version) override;
  Status AppendAudit(const AuditRow& row) override;
  Result<AuditHead> AuditLogHead() override;
  Result<std::vector<AuditRow>> AuditRows(const AuditQuery& query, size_t limit) override;

 private:
  Status PrepareOne(Statement& to, const std::string& sql, std::string_view operation);
  Status PrepareOutcomes();
  Status PrepareOutbox();
  Status PrepareDeadLetters();
  Status PreparePruning();
  Result<std::uint64_t> PruneOne(Statement& statement, DurationMs kept_ms, TimeMs now_ms);
  Result<std::uint64_t> LastSequenceLocked();
  Status Apply(const Effect& effect);
  Status AppendAuditLocked(const AuditRow& row);
  Status Audit(const Effect& effect, AuditHead& head);
  Status Bury(const DeliveryRow& row);
  Result<std::optional<DeadLetter>> OneDeadLetterLocked(std::uint64_t id);
  Status SettleRow(std::uint64_t sequence, const std::vector<std::string>& receivers);
  Result<std::optional<Row>> One(Statement& statement, std::string_view id);
  Result<std::vector<Row>> List(Statement& statement, size_t limit);

  std::mutex mutex_;  // guards all below
  Database database_;
  AuditTable audit_;
  std::string model_;
  Statement read_progress_, save_progress_, upsert_incident_, upsert_alert_, add_decision_,
      add_outbox_, due_, save_delivery_, states_of_, set_state_, pending_, outbox_of_,
      deliveries_of_, attempts_since_, unresolved_, open_with_, count_, bury_, forget_dead_,
      list_dead_, count_dead_, one_dead_, reopen_rows_, reopen_deliveries_, exhume_, untold_dead_,
      tell_dead_, one_incident_, list_incidents_, list_alerts_, list_decisions_, add_feedback_,
      forget_feedback_, list_feedback_, upsert_people_, one_people_, incidents_before_,
      set_outcome_, alerts_, alerts_by_reason_, alerts_by_incident_, prune_incidents_,
      prune_people_, prune_alerts_, prune_decisions_, prune_pages_, prune_deliveries_, prune_dead_,
      prune_feedback_, changes_;
};

}  // namespace quell::store
