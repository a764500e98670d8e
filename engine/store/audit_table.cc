#include "engine/store/audit_table.h"

#include "core/hash.h"

namespace quell::store {
namespace {

constexpr const char* kColumns =
    "entry, sequence, at_ms, kind, what, key, actor, detail, digest, model, hash";
constexpr std::uint64_t kPortions = 100;  // of rows_max, removed at once

std::int64_t Signed(std::uint64_t value) { return static_cast<std::int64_t>(value); }

AuditRow RowAt(const Statement& s) {
  AuditRow row;
  row.entry = static_cast<std::uint64_t>(s.IntAt(0));
  row.sequence = static_cast<std::uint64_t>(s.IntAt(1));
  row.at = s.IntAt(2);
  int column = 3;
  for (std::string* text : {&row.kind, &row.what, &row.key, &row.actor, &row.detail, &row.digest,
                            &row.model, &row.hash}) {
    *text = s.TextAt(column++);
  }
  return row;
}

Result<std::vector<AuditRow>> AllOf(Statement& s) {
  std::vector<AuditRow> rows;
  for (;;) {
    QUELL_ASSIGN(const bool row, s.Step());
    if (!row) break;
    rows.push_back(RowAt(s));
  }
  s.Reset();
  return rows;
}

// Cut at a whole character of UTF-8.
void CutDetail(std::string& text) {
  if (text.size() <= kAuditDetailMax) return;
  size_t end = kAuditDetailMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
}

}  // namespace

Status AuditTable::Prepare(Database& database, std::uint64_t rows_max) {
  database_ = &database;
  rows_max_ = rows_max;
  const std::string columns(kColumns);
  const std::pair<Statement*, std::string> statements[] = {
      {&head_, "SELECT entry, hash, pruned, pruned_hash FROM audit_head"},
      {&save_, "UPDATE audit_head SET entry = ?1, hash = ?2, pruned = ?3, pruned_hash = ?4"},
      {&insert_,
       "INSERT INTO audit (" + columns + ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"},
      {&after_, "SELECT " + columns + " FROM audit WHERE entry > ?1 ORDER BY entry LIMIT ?2"},
      {&hash_of_, "SELECT hash FROM audit WHERE entry = ?1"},
      {&remove_, "DELETE FROM audit WHERE entry <= ?1"},
      {&body_,
       "SELECT body FROM decisions WHERE sequence = ?1 UNION ALL SELECT body FROM outbox WHERE "
       "sequence = ?1 UNION ALL SELECT body FROM feedback WHERE sequence = ?1"}};
  for (const auto& [statement, sql] : statements) {
    QUELL_ASSIGN(*statement, Statement::Prepare(database, sql.c_str(), "audit log"));
  }
  return Ok{};
}

Result<AuditHead> AuditTable::Head() {
  QUELL_ASSIGN(const bool row, head_.Start().Step());
  AuditHead head;
  if (row) {
    head.entry = static_cast<std::uint64_t>(head_.IntAt(0));
    head.hash = head_.TextAt(1);
    head.pruned = static_cast<std::uint64_t>(head_.IntAt(2));
    head.pruned_hash = head_.TextAt(3);
  }
  head_.Reset();
  return head;
}

Status AuditTable::Insert(AuditRow& row, AuditHead& head) {
  CutDetail(row.detail);
  row.entry = head.entry + 1;
  row.hash = ChainHash(head.hash, row);
  insert_.Start().Int(Signed(row.entry)).Int(Signed(row.sequence)).Int(row.at);
  for (const std::string* text : {&row.kind, &row.what, &row.key, &row.actor, &row.detail,
                                  &row.digest, &row.model, &row.hash}) {
    insert_.Text(*text);
  }
  QUELL_TRY(insert_.Run());
  head.entry = row.entry;
  head.hash = row.hash;
  return Ok{};
}

Status AuditTable::Append(AuditRow row, AuditHead& head) {
  QUELL_TRY(Insert(row, head));
  if (head.entry - head.pruned <= rows_max_) return Ok{};
  return Prune(head, row.at, row.model);
}

Status AuditTable::Prune(AuditHead& head, TimeMs at, const std::string& model) {
  const std::uint64_t through = head.pruned + rows_max_ / kPortions + 1;
  QUELL_ASSIGN(const bool found, hash_of_.Start().Int(Signed(through)).Step());
  const std::string hash = found ? hash_of_.TextAt(0) : std::string();
  hash_of_.Reset();
  // Somebody removed it: the chain is broken already, and stays as it is found.
  if (!found) return Ok{};
  QUELL_TRY(remove_.Start().Int(Signed(through)).Run());
  head.pruned = through;
  head.pruned_hash = hash;
  AuditRow row;
  row.at = at;
  row.kind = "prune";
  row.what = "audit_pruned";
  row.detail = PruneDetail(through, hash);
  row.model = model;
  return Insert(row, head);
}

Status AuditTable::Save(const AuditHead& head) {
  save_.Start().Int(Signed(head.entry)).Text(head.hash).Int(Signed(head.pruned));
  return save_.Text(head.pruned_hash).Run();
}

Result<std::vector<AuditRow>> AuditTable::Rows(const AuditQuery& query, size_t limit) {
  std::string sql = "SELECT " + std::string(kColumns) + " FROM audit WHERE entry < ?";
  std::vector<const std::string*> texts;
  const std::pair<const char*, const std::string*> filters[] = {
      {"kind", &query.kind}, {"actor", &query.actor}, {"key", &query.key}};
  for (const auto& [column, text] : filters) {
    if (text->empty()) continue;
    sql += std::string(" AND ") + column + " = ?";
    texts.push_back(text);
  }
  // So that the indices over few rows are found.
  if (!query.actor.empty()) sql += " AND actor <> ''";
  const bool many = query.kind.empty() || query.kind == "decision" || query.kind == "page";
  if (!many) sql += " AND kind NOT IN ('decision', 'page')";
  if (query.since) sql += " AND at_ms >= ?";
  if (query.until) sql += " AND at_ms < ?";
  sql += " ORDER BY entry DESC LIMIT ?";
  QUELL_ASSIGN(Statement rows, Statement::Prepare(*database_, sql.c_str(), "list audit log"));
  constexpr std::int64_t kEnd = INT64_MAX;
  rows.Start().Int(query.before == 0 ? kEnd : Signed(query.before));
  for (const std::string* text : texts) rows.Text(*text);
  if (query.since) rows.Int(*query.since);
  if (query.until) rows.Int(*query.until);
  rows.Int(Signed(limit));
  return AllOf(rows);
}

Result<std::vector<AuditRow>> AuditTable::After(std::uint64_t entry, size_t limit) {
  after_.Start().Int(Signed(entry)).Int(Signed(limit));
  return AllOf(after_);
}

Result<std::optional<std::string>> AuditTable::BodyOf(std::uint64_t sequence) {
  QUELL_ASSIGN(const bool row, body_.Start().Int(Signed(sequence)).Step());
  std::optional<std::string> body;
  if (row) body = body_.TextAt(0);
  body_.Reset();
  return body;
}

}  // namespace quell::store
