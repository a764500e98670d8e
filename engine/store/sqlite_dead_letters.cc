// What was not delivered, and who was told of it.
#include "engine/store/sqlite_store.h"

namespace quell::store {
namespace {

constexpr const char* kBurySql = R"sql(
INSERT INTO dead_letters (sequence, receiver, at_ms, incident_key, attempts, reason, body)
SELECT ?1, ?2, ?3, incident_key, ?4, ?5, body FROM outbox WHERE sequence = ?1
ON CONFLICT (sequence, receiver) DO NOTHING)sql";

constexpr const char* kUntoldSql = R"sql(
SELECT g.about, g.many, g.last_id, g.first_at, x.reason
FROM (SELECT l.receiver AS about, count(*) AS many, max(l.id) AS last_id, min(l.at_ms) AS first_at
      FROM dead_letters l
      LEFT JOIN dead_letter_news n ON n.receiver = ?1 AND n.about = l.receiver
      WHERE l.receiver <> ?1 AND l.at_ms >= ?2 AND l.id > coalesce(n.last_id, 0)
        AND coalesce(n.at_ms, 0) <= ?3
      GROUP BY l.receiver) g
JOIN dead_letters x ON x.id = g.last_id ORDER BY g.about)sql";

// Rows of the key ?1 from ?2 on.
constexpr const char* kReopenDeliveriesSql = R"sql(
UPDATE deliveries SET state = 0, attempts = 0, first_attempt_ms = 0, next_attempt_ms = 0
WHERE receiver = ?3
  AND sequence IN (SELECT sequence FROM outbox WHERE incident_key = ?1 AND sequence >= ?2))sql";

DeadLetter LetterAt(Statement& s) {
  return {static_cast<std::uint64_t>(s.IntAt(0)),
          static_cast<std::uint64_t>(s.IntAt(1)),
          s.TextAt(2),
          s.IntAt(3),
          s.TextAt(4),
          static_cast<int>(s.IntAt(5)),
          s.TextAt(6),
          s.TextAt(7)};
}

}  // namespace

Status SqliteStore::PrepareDeadLetters() {
  QUELL_TRY(PrepareOne(bury_, kBurySql, "save dead letter"));
  QUELL_TRY(
      PrepareOne(forget_dead_,
                 "DELETE FROM dead_letters WHERE id <= (SELECT max(id) FROM dead_letters) - " +
                     std::to_string(kDeadLettersMax),
                 "forget old dead letters"));
  QUELL_TRY(PrepareOne(list_dead_,
                       "SELECT id, sequence, receiver, at_ms, incident_key, attempts, reason, body "
                       "FROM dead_letters ORDER BY id DESC LIMIT ?1",
                       "list dead letters"));
  QUELL_TRY(PrepareOne(one_dead_,
                       "SELECT id, sequence, receiver, at_ms, incident_key, attempts, reason, body "
                       "FROM dead_letters WHERE id = ?1",
                       "read dead letter"));
  QUELL_TRY(PrepareOne(reopen_rows_,
                       "UPDATE outbox SET state = 0 WHERE incident_key = ?1 AND sequence >= ?2",
                       "reopen outbox rows"));
  QUELL_TRY(PrepareOne(reopen_deliveries_, kReopenDeliveriesSql, "reopen deliveries"));
  QUELL_TRY(PrepareOne(exhume_,
                       "DELETE FROM dead_letters WHERE incident_key = ?1 AND sequence >= ?2 AND "
                       "receiver = ?3",
                       "forget dead letters that are tried again"));
  QUELL_TRY(PrepareOne(count_dead_, "SELECT count(*) FROM dead_letters", "count dead letters"));
  QUELL_TRY(PrepareOne(untold_dead_, kUntoldSql, "find untold dead letters"));
  return PrepareOne(tell_dead_,
                    "INSERT INTO dead_letter_news (receiver, about, last_id, at_ms) "
                    "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (receiver, about) DO UPDATE SET "
                    "last_id = ?3, at_ms = ?4",
                    "save who was told of dead letters");
}

Status SqliteStore::Bury(const DeliveryRow& row) {
  QUELL_TRY(bury_.Start()
                .Int(Signed(row.sequence))
                .Text(row.receiver)
                .Int(row.last_attempt_ms)
                .Int(row.attempts)
                .Text(row.last_error)
                .Run());
  return forget_dead_.Start().Run();
}

Result<std::vector<DeadLetter>> SqliteStore::DeadLetters(size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<DeadLetter> rows;
  Statement& s = list_dead_;
  s.Start().Int(Limit(limit));
  for (;;) {
    QUELL_ASSIGN(const bool row, s.Step());
    if (!row) break;
    rows.push_back(LetterAt(s));
  }
  s.Reset();
  return rows;
}

Result<std::optional<DeadLetter>> SqliteStore::OneDeadLetterLocked(std::uint64_t id) {
  QUELL_ASSIGN(const bool row, one_dead_.Start().Int(Signed(id)).Step());
  std::optional<DeadLetter> found;
  if (row) found = LetterAt(one_dead_);
  one_dead_.Reset();
  return found;
}

Result<std::optional<DeadLetter>> SqliteStore::OneDeadLetter(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  return OneDeadLetterLocked(id);
}

Status SqliteStore::RetryDeadLetter(std::uint64_t id, const AuditRow* note) {
  const std::lock_guard lock(mutex_);
  QUELL_ASSIGN(Transaction transaction, Transaction::Begin(database_, "retry dead letter"));
  QUELL_ASSIGN(const auto letter, OneDeadLetterLocked(id));
  if (!letter) return MakeError(ErrorCode::kNotFound, "no dead letter " + std::to_string(id));
  const std::int64_t first = Signed(letter->sequence);
  QUELL_TRY(reopen_rows_.Start().Text(letter->incident_key).Int(first).Run());
  for (Statement* one : {&reopen_deliveries_, &exhume_}) {
    QUELL_TRY(one->Start().Text(letter->incident_key).Int(first).Text(letter->receiver).Run());
  }
  if (note != nullptr) QUELL_TRY(AppendAuditLocked(*note));
  return transaction.Commit();
}

Result<std::uint64_t> SqliteStore::CountDeadLetters() {
  const std::lock_guard lock(mutex_);
  QUELL_ASSIGN(const bool row, count_dead_.Start().Step());
  const std::uint64_t count = row ? static_cast<std::uint64_t>(count_dead_.IntAt(0)) : 0;
  count_dead_.Reset();
  return count;
}

Result<std::vector<DeadLetterNews>> SqliteStore::UntoldDeadLetters(std::string_view receiver,
                                                                   TimeMs since_ms,
                                                                   TimeMs told_before_ms) {
  const std::lock_guard lock(mutex_);
  std::vector<DeadLetterNews> news;
  Statement& s = untold_dead_;
  s.Start().Text(receiver).Int(since_ms).Int(told_before_ms);
  for (;;) {
    QUELL_ASSIGN(const bool row, s.Step());
    if (!row) break;
    news.push_back({s.TextAt(0), static_cast<std::uint64_t>(s.IntAt(1)),
                    static_cast<std::uint64_t>(s.IntAt(2)), s.IntAt(3), s.TextAt(4)});
  }
  s.Reset();
  return news;
}

Status SqliteStore::MarkDeadLettersTold(std::string_view receiver, const DeadLetterNews& news,
                                        TimeMs now_ms) {
  const std::lock_guard lock(mutex_);
  return tell_dead_.Start()
      .Text(receiver)
      .Text(news.about)
      .Int(Signed(news.last_id))
      .Int(now_ms)
      .Run();
}

}  // namespace quell::store
