#include "engine/store/sqlite_store.h"

#include <limits>

#include "engine/store/schema.h"

namespace quell::store {
namespace {

std::string UpsertSql(std::string_view table) {
  return "INSERT INTO " + std::string(table) +
         " (id, sequence, at_ms, body) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO UPDATE SET "
         "sequence = ?2, at_ms = ?3, body = ?4";
}

}  // namespace

Status SqliteStore::PrepareOne(Statement& to, const std::string& sql, std::string_view operation) {
  QUELL_ASSIGN(to, Statement::Prepare(database_, sql.c_str(), operation));
  return Ok{};
}

Status SqliteStore::Prepare(const StoreOptions& options) {
  const auto list = [](std::string_view table) {
    return "SELECT id, at_ms, body FROM " + std::string(table) + " ORDER BY sequence DESC LIMIT ?1";
  };
  QUELL_TRY(PrepareOne(read_progress_, "SELECT journal_position, last_sequence FROM progress",
                       "read progress"));
  QUELL_TRY(PrepareOne(save_progress_,
                       "UPDATE progress SET journal_position = ?1, last_sequence = ?2",
                       "save progress"));
  QUELL_TRY(PrepareOne(upsert_incident_, UpsertSql("incidents"), "save incident"));
  QUELL_TRY(PrepareOne(upsert_alert_, UpsertSql("alerts"), "save alert"));
  QUELL_TRY(PrepareOne(add_decision_,
                       "INSERT INTO decisions (id, sequence, at_ms, body) VALUES (?1, ?2, ?3, ?4)",
                       "add decision"));
  QUELL_TRY(PrepareOne(add_outbox_,
                       "INSERT INTO outbox (incident_key, sequence, at_ms, body, urgency) VALUES "
                       "(?1, ?2, ?3, ?4, ?5)",
                       "add outbox row"));
  QUELL_TRY(PrepareOne(one_incident_, "SELECT id, at_ms, body FROM incidents WHERE id = ?1",
                       "read incident"));
  QUELL_TRY(PrepareOne(list_incidents_, list("incidents"), "list incidents"));
  QUELL_TRY(PrepareOne(list_alerts_, list("alerts"), "list alerts"));
  QUELL_TRY(PrepareOne(list_decisions_, list("decisions"), "list decisions"));
  QUELL_TRY(PrepareOne(add_feedback_,
                       "INSERT INTO feedback (id, sequence, at_ms, body) VALUES (?1, ?2, ?3, ?4)",
                       "add feedback"));
  QUELL_TRY(PrepareOne(forget_feedback_,
                       "DELETE FROM feedback WHERE sequence <= (SELECT sequence FROM feedback "
                       "ORDER BY sequence DESC LIMIT 1 OFFSET " +
                           std::to_string(kFeedbackMax) + ")",
                       "forget old feedback"));
  QUELL_TRY(PrepareOne(list_feedback_, list("feedback"), "list feedback"));
  QUELL_TRY(PrepareOne(upsert_people_, UpsertSql("people"), "save what people did"));
  QUELL_TRY(PrepareOne(one_people_, "SELECT id, at_ms, body FROM people WHERE id = ?1",
                       "read what people did"));
  QUELL_TRY(audit_.Prepare(database_, options.audit_rows_max));
  QUELL_TRY(PrepareOne(incidents_before_,
                       "SELECT id, at_ms, body, sequence FROM incidents WHERE sequence < ?1 ORDER "
                       "BY sequence DESC LIMIT ?2",
                       "list earlier incidents"));
  QUELL_TRY(PrepareOutcomes());
  QUELL_TRY(PrepareOutbox());
  QUELL_TRY(PreparePruning());
  return PrepareDeadLetters();
}

Result<std::uint64_t> SqliteStore::LastSequenceLocked() {
  QUELL_ASSIGN(const bool row, read_progress_.Start().Step());
  const std::uint64_t last = row ? static_cast<std::uint64_t>(read_progress_.IntAt(1)) : 0;
  read_progress_.Reset();
  return last;
}

Status SqliteStore::Apply(const Effect& effect) {
  if (effect.kind == EffectKind::kDeed || effect.kind == EffectKind::kModel) return Ok{};
  Statement* statement = &add_decision_;
  if (effect.kind == EffectKind::kIncident) statement = &upsert_incident_;
  if (effect.kind == EffectKind::kAlert) statement = &upsert_alert_;
  if (effect.kind == EffectKind::kOutbox) statement = &add_outbox_;
  if (effect.kind == EffectKind::kFeedback) statement = &add_feedback_;
  if (effect.kind == EffectKind::kPeople) statement = &upsert_people_;
  if (effect.kind == EffectKind::kOutcome) statement = &set_outcome_;
  statement->Start().Text(effect.id).Int(Signed(effect.sequence)).Int(effect.at);
  statement->Text(effect.body);
  if (effect.kind == EffectKind::kOutbox) statement->Int(static_cast<int>(effect.urgency));
  if (effect.kind == EffectKind::kOutcome) statement->Text(effect.incident_key);
  QUELL_TRY(statement->Run());
  return effect.kind == EffectKind::kFeedback ? forget_feedback_.Start().Run() : Status(Ok{});
}

Status SqliteStore::Commit(std::string_view journal_position, const std::vector<Effect>& effects) {
  const std::lock_guard lock(mutex_);
  QUELL_ASSIGN(Transaction transaction, Transaction::Begin(database_, "commit effects"));
  QUELL_ASSIGN(std::uint64_t last, LastSequenceLocked());
  QUELL_ASSIGN(AuditHead head, audit_.Head());
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
    QUELL_TRY(Audit(effect, head));
    last = effect.sequence;
  }
  QUELL_TRY(save_progress_.Start().Text(journal_position).Int(Signed(last)).Run());
  QUELL_TRY(audit_.Save(head));
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

Result<std::optional<Store::Row>> SqliteStore::One(Statement& statement, std::string_view id) {
  const std::lock_guard lock(mutex_);
  QUELL_ASSIGN(const bool row, statement.Start().Text(id).Step());
  std::optional<Row> found;
  if (row) found = Row{statement.TextAt(0), statement.IntAt(1), statement.TextAt(2)};
  statement.Reset();
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

Result<std::vector<Store::IncidentRow>> SqliteStore::IncidentsBefore(std::uint64_t before,
                                                                     size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<IncidentRow> rows;
  const std::int64_t below =
      before == 0 ? std::numeric_limits<std::int64_t>::max() : Signed(before);
  incidents_before_.Start().Int(below).Int(Limit(limit));
  for (;;) {
    QUELL_ASSIGN(const bool row, incidents_before_.Step());
    if (!row) break;
    IncidentRow& one = rows.emplace_back();
    one.id = incidents_before_.TextAt(0);
    one.at = incidents_before_.IntAt(1);
    one.body = incidents_before_.TextAt(2);
    one.sequence = static_cast<std::uint64_t>(incidents_before_.IntAt(3));
  }
  incidents_before_.Reset();
  return rows;
}

Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path,
                                               const StoreOptions& options) {
  QUELL_ASSIGN(Database database, Database::Open(path));
  QUELL_TRY(PrepareSchema(database));
  auto store = std::make_unique<SqliteStore>(std::move(database));
  QUELL_TRY(store->Prepare(options));
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace quell::store
