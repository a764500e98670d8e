// The Store on SQLite. One connection, one mutex, statements prepared once.
#include <limits>
#include <mutex>

#include "engine/store/schema.h"
#include "engine/store/sqlite.h"
#include "engine/store/store.h"

namespace quell::store {
namespace {

constexpr const char* kDueSql = R"sql(
SELECT o.sequence, o.at_ms, o.incident_key, o.body,
       coalesce(d.attempts, 0), coalesce(d.first_attempt_ms, 0), coalesce(d.next_attempt_ms, 0),
       coalesce(d.maybe_taken, 0), coalesce(d.last_error, ''),
       EXISTS (SELECT 1 FROM outbox e
               WHERE e.incident_key = o.incident_key AND e.sequence < o.sequence),
       EXISTS (SELECT 1 FROM outbox e
               JOIN deliveries f ON f.sequence = e.sequence AND f.receiver = ?1
               WHERE e.incident_key = o.incident_key AND e.sequence < o.sequence
                 AND (f.state = 1 OR f.maybe_taken = 1))
FROM outbox o LEFT JOIN deliveries d ON d.sequence = o.sequence AND d.receiver = ?1
WHERE o.state = 0
  AND (d.state IS NULL
       OR (d.state = 0 AND (d.next_attempt_ms <= ?2 OR d.next_attempt_ms > ?2 + ?3)))
  AND NOT EXISTS (SELECT 1 FROM outbox e
                  LEFT JOIN deliveries f ON f.sequence = e.sequence AND f.receiver = ?1
                  WHERE e.incident_key = o.incident_key AND e.sequence < o.sequence
                    AND e.state = 0 AND coalesce(f.state, 0) = 0)
ORDER BY coalesce(d.next_attempt_ms, 0), o.sequence
LIMIT ?4)sql";

constexpr const char* kSaveDeliverySql = R"sql(
INSERT INTO deliveries (sequence, receiver, state, attempts, first_attempt_ms, next_attempt_ms,
                        maybe_taken, last_error)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (sequence, receiver) DO UPDATE SET
  state = ?3, attempts = ?4, first_attempt_ms = ?5, next_attempt_ms = ?6, maybe_taken = ?7,
  last_error = ?8)sql";

std::string UpsertSql(std::string_view table) {
  return "INSERT INTO " + std::string(table) +
         " (id, sequence, at_ms, body) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO UPDATE SET "
         "sequence = ?2, at_ms = ?3, body = ?4";
}

std::int64_t Signed(std::uint64_t value) { return static_cast<std::int64_t>(value); }

std::int64_t Limit(size_t limit) {
  constexpr auto kMax = static_cast<size_t>(std::numeric_limits<std::int64_t>::max());
  return static_cast<std::int64_t>(limit < kMax ? limit : kMax);
}

OutboxState StateOf(std::int64_t value) {
  return value >= 0 && value <= 3 ? static_cast<OutboxState>(value) : OutboxState::kDead;
}

// What one receiver after another came to, as one state; nullopt where a receiver is missing.
std::optional<OutboxState> Fold(const std::vector<std::string>& receivers,
                                const std::vector<std::pair<std::string, OutboxState>>& states) {
  OutboxState all = OutboxState::kObsolete;
  for (const std::string& receiver : receivers) {
    OutboxState state = OutboxState::kPending;
    for (const auto& [name, value] : states) {
      if (name == receiver) state = value;
    }
    if (state == OutboxState::kPending) return std::nullopt;
    if (state == OutboxState::kDead) all = state;
    if (state == OutboxState::kDelivered && all != OutboxState::kDead) all = state;
  }
  return all;
}

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(Database database) : database_(std::move(database)) {}

  Status Prepare();
  Status Commit(std::string_view journal_position, const std::vector<Effect>& effects) override;
  Result<std::string> JournalPosition() override;
  Result<std::uint64_t> LastSequence() override;
  Result<std::vector<DueDelivery>> DueDeliveries(std::string_view receiver, TimeMs now_ms,
                                                 DurationMs horizon_ms, size_t limit) override;
  Status UpdateDelivery(const DeliveryRow& row, const std::vector<std::string>& receivers) override;
  Status SettleOutbox(const std::vector<std::string>& receivers) override;
  Result<std::vector<OutboxRow>> OutboxOf(std::string_view incident_key) override;
  Result<std::vector<DeliveryRow>> DeliveriesOf(std::string_view incident_key) override;
  Result<std::uint64_t> CountOutbox(OutboxState state) override;
  Result<std::vector<Row>> Incidents(size_t limit) override { return List(list_incidents_, limit); }
  Result<std::optional<Row>> Incident(std::string_view key) override;
  Result<std::vector<Row>> Alerts(size_t limit) override { return List(list_alerts_, limit); }
  Result<std::vector<Row>> Decisions(size_t limit) override { return List(list_decisions_, limit); }

 private:
  Result<std::uint64_t> LastSequenceLocked();
  Status Apply(const Effect& effect);
  Status SettleRow(std::uint64_t sequence, const std::vector<std::string>& receivers);
  Result<std::vector<Row>> List(Statement& statement, size_t limit);

  std::mutex mutex_;  // guards all below
  Database database_;
  Statement read_progress_, save_progress_, upsert_incident_, upsert_alert_, add_decision_,
      add_outbox_, due_, save_delivery_, states_of_, set_state_, pending_, outbox_of_,
      deliveries_of_, count_, one_incident_, list_incidents_, list_alerts_, list_decisions_;
};

Status SqliteStore::Prepare() {
  const auto prepare = [this](Statement& to, const std::string& sql,
                              std::string_view operation) -> Status {
    QUELL_ASSIGN(to, Statement::Prepare(database_, sql.c_str(), operation));
    return Ok{};
  };
  const auto list = [](std::string_view table) {
    return "SELECT id, at_ms, body FROM " + std::string(table) + " ORDER BY sequence DESC LIMIT ?1";
  };
  QUELL_TRY(prepare(read_progress_, "SELECT journal_position, last_sequence FROM progress",
                    "read progress"));
  QUELL_TRY(prepare(save_progress_, "UPDATE progress SET journal_position = ?1, last_sequence = ?2",
                    "save progress"));
  QUELL_TRY(prepare(upsert_incident_, UpsertSql("incidents"), "save incident"));
  QUELL_TRY(prepare(upsert_alert_, UpsertSql("alerts"), "save alert"));
  QUELL_TRY(prepare(add_decision_,
                    "INSERT INTO decisions (id, sequence, at_ms, body) VALUES (?1, ?2, ?3, ?4)",
                    "add decision"));
  QUELL_TRY(
      prepare(add_outbox_,
              "INSERT INTO outbox (incident_key, sequence, at_ms, body) VALUES (?1, ?2, ?3, ?4)",
              "add outbox row"));
  QUELL_TRY(prepare(due_, kDueSql, "find due deliveries"));
  QUELL_TRY(prepare(save_delivery_, kSaveDeliverySql, "save delivery"));
  QUELL_TRY(prepare(states_of_, "SELECT receiver, state FROM deliveries WHERE sequence = ?1",
                    "read delivery states"));
  QUELL_TRY(
      prepare(set_state_, "UPDATE outbox SET state = ?2 WHERE sequence = ?1", "save outbox state"));
  QUELL_TRY(prepare(pending_, "SELECT sequence FROM outbox WHERE state = 0 ORDER BY sequence",
                    "list pending outbox rows"));
  QUELL_TRY(prepare(outbox_of_,
                    "SELECT sequence, at_ms, incident_key, body, state FROM outbox "
                    "WHERE incident_key = ?1 ORDER BY sequence",
                    "read outbox of incident"));
  QUELL_TRY(prepare(deliveries_of_,
                    "SELECT d.sequence, d.receiver, d.state, d.attempts, d.first_attempt_ms, "
                    "d.next_attempt_ms, d.maybe_taken, d.last_error FROM outbox o "
                    "JOIN deliveries d ON d.sequence = o.sequence WHERE o.incident_key = ?1 "
                    "ORDER BY d.sequence, d.receiver",
                    "read deliveries of incident"));
  QUELL_TRY(prepare(count_, "SELECT count(*) FROM outbox WHERE state = ?1", "count outbox"));
  QUELL_TRY(prepare(one_incident_, "SELECT id, at_ms, body FROM incidents WHERE id = ?1",
                    "read incident"));
  QUELL_TRY(prepare(list_incidents_, list("incidents"), "list incidents"));
  QUELL_TRY(prepare(list_alerts_, list("alerts"), "list alerts"));
  return prepare(list_decisions_, list("decisions"), "list decisions");
}

Result<std::uint64_t> SqliteStore::LastSequenceLocked() {
  QUELL_ASSIGN(const bool row, read_progress_.Start().Step());
  const std::uint64_t last = row ? static_cast<std::uint64_t>(read_progress_.IntAt(1)) : 0;
  read_progress_.Reset();
  return last;
}

Status SqliteStore::Apply(const Effect& effect) {
  Statement* statement = &add_decision_;
  if (effect.kind == EffectKind::kIncident) statement = &upsert_incident_;
  if (effect.kind == EffectKind::kAlert) statement = &upsert_alert_;
  if (effect.kind == EffectKind::kOutbox) statement = &add_outbox_;
  return statement->Start()
      .Text(effect.id)
      .Int(Signed(effect.sequence))
      .Int(effect.at)
      .Text(effect.body)
      .Run();
}

Status SqliteStore::Commit(std::string_view journal_position, const std::vector<Effect>& effects) {
  const std::lock_guard lock(mutex_);
  QUELL_ASSIGN(Transaction transaction, Transaction::Begin(database_, "commit effects"));
  QUELL_ASSIGN(std::uint64_t last, LastSequenceLocked());
  std::uint64_t previous = 0;
  for (const Effect& effect : effects) {
    if (effect.sequence <= previous) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "commit effects: sequence " + std::to_string(effect.sequence) + " follows " +
                           std::to_string(previous) + "; it must ascend");
    }
    previous = effect.sequence;
    if (effect.sequence <= last) continue;
    QUELL_TRY(Apply(effect));
    last = effect.sequence;
  }
  QUELL_TRY(save_progress_.Start().Text(journal_position).Int(Signed(last)).Run());
  return transaction.Commit();
}

Result<std::string> SqliteStore::JournalPosition() {
  const std::lock_guard lock(mutex_);
  QUELL_ASSIGN(const bool row, read_progress_.Start().Step());
  std::string position = row ? read_progress_.TextAt(0) : std::string();
  read_progress_.Reset();
  return position;
}

Result<std::uint64_t> SqliteStore::LastSequence() {
  const std::lock_guard lock(mutex_);
  return LastSequenceLocked();
}

Result<std::vector<DueDelivery>> SqliteStore::DueDeliveries(std::string_view receiver,
                                                            TimeMs now_ms, DurationMs horizon_ms,
                                                            size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<DueDelivery> due;
  due_.Start().Text(receiver).Int(now_ms).Int(horizon_ms).Int(Limit(limit));
  for (;;) {
    QUELL_ASSIGN(const bool row, due_.Step());
    if (!row) break;
    DueDelivery one;
    one.outbox.sequence = static_cast<std::uint64_t>(due_.IntAt(0));
    one.outbox.at = due_.IntAt(1);
    one.outbox.incident_key = due_.TextAt(2);
    one.outbox.body = due_.TextAt(3);
    one.delivery.sequence = one.outbox.sequence;
    one.delivery.receiver = receiver;
    one.delivery.attempts = static_cast<int>(due_.IntAt(4));
    one.delivery.first_attempt_ms = due_.IntAt(5);
    one.delivery.next_attempt_ms = due_.IntAt(6);
    one.delivery.maybe_taken = due_.IntAt(7) != 0;
    one.delivery.last_error = due_.TextAt(8);
    one.earlier_rows = due_.IntAt(9) != 0;
    one.earlier_taken = due_.IntAt(10) != 0;
    due.push_back(std::move(one));
  }
  due_.Reset();
  return due;
}

Status SqliteStore::SettleRow(std::uint64_t sequence, const std::vector<std::string>& receivers) {
  std::vector<std::pair<std::string, OutboxState>> states;
  states_of_.Start().Int(Signed(sequence));
  for (;;) {
    QUELL_ASSIGN(const bool row, states_of_.Step());
    if (!row) break;
    states.emplace_back(states_of_.TextAt(0), StateOf(states_of_.IntAt(1)));
  }
  states_of_.Reset();
  const std::optional<OutboxState> state = Fold(receivers, states);
  if (!state.has_value()) return Ok{};
  return set_state_.Start().Int(Signed(sequence)).Int(static_cast<std::int64_t>(*state)).Run();
}

Status SqliteStore::UpdateDelivery(const DeliveryRow& row,
                                   const std::vector<std::string>& receivers) {
  const std::lock_guard lock(mutex_);
  QUELL_ASSIGN(Transaction transaction, Transaction::Begin(database_, "save delivery"));
  QUELL_TRY(save_delivery_.Start()
                .Int(Signed(row.sequence))
                .Text(row.receiver)
                .Int(static_cast<std::int64_t>(row.state))
                .Int(row.attempts)
                .Int(row.first_attempt_ms)
                .Int(row.next_attempt_ms)
                .Int(row.maybe_taken ? 1 : 0)
                .Text(row.last_error)
                .Run());
  QUELL_TRY(SettleRow(row.sequence, receivers));
  return transaction.Commit();
}

Status SqliteStore::SettleOutbox(const std::vector<std::string>& receivers) {
  if (receivers.empty()) return Ok{};
  const std::lock_guard lock(mutex_);
  QUELL_ASSIGN(Transaction transaction, Transaction::Begin(database_, "settle outbox"));
  std::vector<std::uint64_t> pending;
  pending_.Start();
  for (;;) {
    QUELL_ASSIGN(const bool row, pending_.Step());
    if (!row) break;
    pending.push_back(static_cast<std::uint64_t>(pending_.IntAt(0)));
  }
  pending_.Reset();
  for (const std::uint64_t sequence : pending) QUELL_TRY(SettleRow(sequence, receivers));
  return transaction.Commit();
}

Result<std::vector<OutboxRow>> SqliteStore::OutboxOf(std::string_view incident_key) {
  const std::lock_guard lock(mutex_);
  std::vector<OutboxRow> rows;
  outbox_of_.Start().Text(incident_key);
  for (;;) {
    QUELL_ASSIGN(const bool row, outbox_of_.Step());
    if (!row) break;
    rows.push_back({static_cast<std::uint64_t>(outbox_of_.IntAt(0)), outbox_of_.IntAt(1),
                    outbox_of_.TextAt(2), outbox_of_.TextAt(3), StateOf(outbox_of_.IntAt(4))});
  }
  outbox_of_.Reset();
  return rows;
}

Result<std::vector<DeliveryRow>> SqliteStore::DeliveriesOf(std::string_view incident_key) {
  const std::lock_guard lock(mutex_);
  std::vector<DeliveryRow> rows;
  Statement& s = deliveries_of_;
  s.Start().Text(incident_key);
  for (;;) {
    QUELL_ASSIGN(const bool row, s.Step());
    if (!row) break;
    rows.push_back({static_cast<std::uint64_t>(s.IntAt(0)), s.TextAt(1), StateOf(s.IntAt(2)),
                    static_cast<int>(s.IntAt(3)), s.IntAt(4), s.IntAt(5), s.IntAt(6) != 0,
                    s.TextAt(7)});
  }
  s.Reset();
  return rows;
}

Result<std::uint64_t> SqliteStore::CountOutbox(OutboxState state) {
  const std::lock_guard lock(mutex_);
  QUELL_ASSIGN(const bool row, count_.Start().Int(static_cast<std::int64_t>(state)).Step());
  const std::uint64_t count = row ? static_cast<std::uint64_t>(count_.IntAt(0)) : 0;
  count_.Reset();
  return count;
}

Result<std::optional<Store::Row>> SqliteStore::Incident(std::string_view key) {
  const std::lock_guard lock(mutex_);
  QUELL_ASSIGN(const bool row, one_incident_.Start().Text(key).Step());
  std::optional<Row> found;
  if (row) found = Row{one_incident_.TextAt(0), one_incident_.IntAt(1), one_incident_.TextAt(2)};
  one_incident_.Reset();
  return found;
}

Result<std::vector<Store::Row>> SqliteStore::List(Statement& statement, size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<Row> rows;
  statement.Start().Int(Limit(limit));
  for (;;) {
    QUELL_ASSIGN(const bool row, statement.Step());
    if (!row) break;
    rows.push_back({statement.TextAt(0), statement.IntAt(1), statement.TextAt(2)});
  }
  statement.Reset();
  return rows;
}

}  // namespace

std::string_view OutboxStateName(OutboxState state) {
  switch (state) {
    case OutboxState::kPending:
      return "pending";
    case OutboxState::kDelivered:
      return "delivered";
    case OutboxState::kDead:
      return "dead";
    case OutboxState::kObsolete:
      return "obsolete";
  }
  return "unknown";
}

Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path) {
  QUELL_ASSIGN(Database database, Database::Open(path));
  QUELL_TRY(PrepareSchema(database));
  auto store = std::make_unique<SqliteStore>(std::move(database));
  QUELL_TRY(store->Prepare());
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace quell::store
