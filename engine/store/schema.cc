#include "engine/store/schema.h"

#include <array>
#include <charconv>
#include <string>

namespace quell::store {
namespace {

// kMigrations[v] turns version v into version v + 1. Never edit one that was released.
constexpr std::array<const char*, kSchemaVersion> kMigrations = {R"sql(
CREATE TABLE progress (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  journal_position TEXT NOT NULL,
  last_sequence INTEGER NOT NULL
);
INSERT INTO progress VALUES (1, '', 0);
CREATE TABLE incidents (
  id TEXT PRIMARY KEY, sequence INTEGER NOT NULL, at_ms INTEGER NOT NULL, body TEXT NOT NULL
);
CREATE INDEX incidents_by_sequence ON incidents (sequence);
CREATE TABLE alerts (
  id TEXT PRIMARY KEY, sequence INTEGER NOT NULL, at_ms INTEGER NOT NULL, body TEXT NOT NULL
);
CREATE INDEX alerts_by_sequence ON alerts (sequence);
CREATE TABLE decisions (
  sequence INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE outbox (
  sequence INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  incident_key TEXT NOT NULL,
  body TEXT NOT NULL,
  state INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX outbox_pending ON outbox (sequence) WHERE state = 0;
CREATE INDEX outbox_by_incident ON outbox (incident_key, sequence);
CREATE INDEX outbox_by_state ON outbox (state);
CREATE TABLE deliveries (
  sequence INTEGER NOT NULL REFERENCES outbox (sequence),
  receiver TEXT NOT NULL,
  state INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  first_attempt_ms INTEGER NOT NULL,
  next_attempt_ms INTEGER NOT NULL,
  maybe_taken INTEGER NOT NULL,
  last_error TEXT NOT NULL,
  PRIMARY KEY (sequence, receiver)
) WITHOUT ROWID;
)sql",
                                                                 R"sql(
ALTER TABLE outbox ADD COLUMN urgency INTEGER NOT NULL DEFAULT 1;
UPDATE outbox SET urgency = CASE json_extract(body, '$.action')
  WHEN 'resolve' THEN 2
  WHEN 'update' THEN 3
  ELSE json_extract(body, '$.severity') IS NOT 'critical' END
WHERE json_valid(body);
ALTER TABLE deliveries ADD COLUMN last_attempt_ms INTEGER NOT NULL DEFAULT 0;
CREATE INDEX deliveries_by_attempt ON deliveries (receiver, last_attempt_ms);
CREATE TABLE dead_letters (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  sequence INTEGER NOT NULL,
  receiver TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  incident_key TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  reason TEXT NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (sequence, receiver)
);
INSERT INTO dead_letters (sequence, receiver, at_ms, incident_key, attempts, reason, body)
  SELECT d.sequence, d.receiver, d.first_attempt_ms, o.incident_key, d.attempts, d.last_error,
         o.body
  FROM deliveries d JOIN outbox o ON o.sequence = d.sequence WHERE d.state = 2
  ORDER BY d.sequence, d.receiver;
CREATE TABLE dead_letter_news (
  receiver TEXT NOT NULL,
  about TEXT NOT NULL,
  last_id INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (receiver, about)
) WITHOUT ROWID;
)sql",
                                                                 R"sql(
CREATE TABLE feedback (
  sequence INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE people (
  id TEXT PRIMARY KEY, sequence INTEGER NOT NULL, at_ms INTEGER NOT NULL, body TEXT NOT NULL
);
)sql",
                                                                 R"sql(
ALTER TABLE alerts ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN incident_key TEXT NOT NULL DEFAULT '';
CREATE INDEX alerts_by_reason ON alerts (reason, sequence);
CREATE INDEX alerts_by_incident ON alerts (incident_key, sequence);
)sql",
                                                                 R"sql(
CREATE TABLE audit (
  entry INTEGER PRIMARY KEY,
  sequence INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  kind TEXT NOT NULL,
  what TEXT NOT NULL,
  key TEXT NOT NULL,
  actor TEXT NOT NULL,
  detail TEXT NOT NULL,
  digest TEXT NOT NULL,
  model TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX audit_by_key ON audit (key, entry);
CREATE INDEX audit_by_kind ON audit (kind, entry) WHERE kind NOT IN ('decision', 'page');
CREATE INDEX audit_by_actor ON audit (actor, entry) WHERE actor <> '';
CREATE TABLE audit_head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  entry INTEGER NOT NULL,
  hash TEXT NOT NULL,
  pruned INTEGER NOT NULL,
  pruned_hash TEXT NOT NULL
);
INSERT INTO audit_head VALUES (1, 0, printf('%064d', 0), 0, printf('%064d', 0));
)sql"};

Result<int> ReadNumber(Database& database, const char* sql, std::string_view operation) {
  QUELL_ASSIGN(const std::string text, database.Scalar(sql, operation));
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Status CheckIdentity(Database& database, int version) {
  QUELL_ASSIGN(const int id, ReadNumber(database, "PRAGMA application_id", "read application id"));
  QUELL_ASSIGN(const int tables,
               ReadNumber(database, "SELECT count(*) FROM sqlite_schema", "read schema"));
  const bool empty = tables == 0 && version == 0;
  if (id != kApplicationId && !empty) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "store " + database.path() + " is a SQLite database, but not one of Quell's");
  }
  if (version > kSchemaVersion) {
    return MakeError(ErrorCode::kUnsupported,
                     "store " + database.path() + " has schema version " + std::to_string(version) +
                         "; this program knows versions up to " + std::to_string(kSchemaVersion) +
                         ": use the newer program");
  }
  return Ok{};
}

Status CheckSound(Database& database) {
  QUELL_ASSIGN(const std::string verdict,
               database.Scalar("PRAGMA quick_check(1)", "check integrity"));
  if (verdict == "ok") return Ok{};
  return MakeError(ErrorCode::kCorrupt, "store " + database.path() + " is damaged: " + verdict);
}

}  // namespace

Status PrepareSchema(Database& database) {
  QUELL_ASSIGN(int version, ReadNumber(database, "PRAGMA user_version", "read schema version"));
  QUELL_TRY(CheckIdentity(database, version));
  QUELL_TRY(CheckSound(database));
  QUELL_ASSIGN(const std::string mode,
               database.Scalar("PRAGMA journal_mode = WAL", "switch on write-ahead log"));
  if (mode != "wal" && mode != "memory") {
    return MakeError(ErrorCode::kIo, "store " + database.path() +
                                         ": the file system refuses a write-ahead log (mode " +
                                         mode + ")");
  }
  QUELL_TRY(database.Execute("PRAGMA synchronous = FULL", "set durability"));
  for (; version < kSchemaVersion; ++version) {
    const std::string operation = "migrate to schema version " + std::to_string(version + 1);
    QUELL_ASSIGN(Transaction transaction, Transaction::Begin(database, operation));
    QUELL_TRY(database.Execute(kMigrations.at(static_cast<size_t>(version)), operation));
    const std::string mark = "PRAGMA application_id = " + std::to_string(kApplicationId) +
                             "; PRAGMA user_version = " + std::to_string(version + 1);
    QUELL_TRY(database.Execute(mark.c_str(), operation));
    QUELL_TRY(transaction.Commit());
  }
  return Ok{};
}

}  // namespace quell::store
