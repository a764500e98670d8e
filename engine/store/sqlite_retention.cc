// SqliteStore: removing what is older than it is kept for.
#include "engine/store/sqlite_store.h"

namespace quell::store {
namespace {

// Open incidents: bodies are this program's own, `state` is one of their first members.
constexpr std::string_view kIsOver =
    "json_extract(body, '$.state') IN ('resolved', 'merged', 'suppressed')";
// Keys whose latest row is no resolve: what a receiver may still show as open.
constexpr std::string_view kUnresolved =
    "SELECT o.incident_key FROM (SELECT max(sequence) AS last FROM outbox GROUP BY incident_key) k "
    "JOIN outbox o ON o.sequence = k.last WHERE o.urgency NOT IN (2, 4)";

std::string Portion(std::string_view table, std::string_view key, std::string_view more) {
  return "DELETE FROM " + std::string(table) + " WHERE " + std::string(key) + " IN (SELECT " +
         std::string(key) + " FROM " + std::string(table) + " WHERE at_ms < ?1" +
         std::string(more) + " ORDER BY sequence LIMIT " + std::to_string(kPrunedAtOnce) + ")";
}

}  // namespace

Status SqliteStore::PreparePruning() {
  const std::string over = " AND " + std::string(kIsOver);
  const std::string told =
      " AND state <> 0 AND incident_key NOT IN (" + std::string(kUnresolved) + ")";
  QUELL_TRY(PrepareOne(prune_incidents_, Portion("incidents", "id", over), "prune incidents"));
  QUELL_TRY(PrepareOne(prune_people_,
                       "DELETE FROM people WHERE at_ms < ?1 AND id NOT IN (SELECT id FROM "
                       "incidents)",
                       "prune what people did"));
  // An alert of an incident that is open is one of its members still.
  QUELL_TRY(PrepareOne(prune_alerts_,
                       Portion("alerts", "id",
                               " AND incident_key NOT IN (SELECT id FROM incidents WHERE NOT " +
                                   std::string(kIsOver) + ")"),
                       "prune alerts"));
  QUELL_TRY(PrepareOne(prune_decisions_, Portion("decisions", "sequence", ""), "prune decisions"));
  QUELL_TRY(PrepareOne(prune_pages_, Portion("outbox", "sequence", told), "prune the outbox"));
  QUELL_TRY(PrepareOne(prune_deliveries_,
                       "DELETE FROM deliveries WHERE sequence NOT IN (SELECT sequence FROM outbox)",
                       "prune deliveries"));
  QUELL_TRY(PrepareOne(prune_dead_, Portion("dead_letters", "id", ""), "prune dead letters"));
  QUELL_TRY(PrepareOne(prune_feedback_, Portion("feedback", "sequence", ""), "prune feedback"));
  return PrepareOne(changes_, "SELECT changes()", "count what was pruned");
}

Result<std::uint64_t> SqliteStore::PruneOne(Statement& statement, DurationMs kept_ms,
                                            TimeMs now_ms) {
  if (kept_ms == 0 || now_ms <= kept_ms) return std::uint64_t{0};
  QUELL_TRY(statement.Start().Int(now_ms - kept_ms).Run());
  QUELL_ASSIGN(const bool row, changes_.Start().Step());
  const auto count = row ? static_cast<std::uint64_t>(changes_.IntAt(0)) : 0;
  changes_.Reset();
  return count;
}

Result<Pruned> SqliteStore::Prune(const Retention& retention, TimeMs now_ms) {
  const std::lock_guard lock(mutex_);
  QUELL_ASSIGN(Transaction transaction, Transaction::Begin(database_, "prune"));
  Pruned out;
  QUELL_ASSIGN(out.alerts, PruneOne(prune_alerts_, retention.alerts_ms, now_ms));
  QUELL_ASSIGN(out.incidents, PruneOne(prune_incidents_, retention.incidents_ms, now_ms));
  if (out.incidents > 0) {
    QUELL_TRY(PruneOne(prune_people_, retention.incidents_ms, now_ms));
  }
  QUELL_ASSIGN(out.decisions, PruneOne(prune_decisions_, retention.decisions_ms, now_ms));
  QUELL_ASSIGN(out.dead_letters, PruneOne(prune_dead_, retention.dead_letters_ms, now_ms));
  QUELL_ASSIGN(out.feedback, PruneOne(prune_feedback_, retention.feedback_ms, now_ms));
  QUELL_ASSIGN(out.pages, PruneOne(prune_pages_, retention.pages_ms, now_ms));
  if (out.pages > 0) QUELL_TRY(prune_deliveries_.Start().Run());
  if (out.total() == 0) return out;
  AuditRow note;
  note.at = now_ms;
  note.kind = "config";
  note.what = "store_pruned";
  note.detail = "rows beyond their retention: incidents " + std::to_string(out.incidents) +
                ", alerts " + std::to_string(out.alerts) + ", decisions " +
                std::to_string(out.decisions) + ", pages " + std::to_string(out.pages) +
                ", dead letters " + std::to_string(out.dead_letters) + ", feedback " +
                std::to_string(out.feedback);
  QUELL_TRY(AppendAuditLocked(note));
  QUELL_TRY(transaction.Commit());
  return out;
}

}  // namespace quell::store
