#include "engine/store/sqlite_store.h"

namespace quell::store {

Status SqliteStore::PrepareOutcomes() {
  const auto list = [](std::string_view where) {
    return "SELECT sequence, at_ms, body, reason, incident_key FROM alerts WHERE sequence < ?1" +
           std::string(where) + " ORDER BY sequence DESC LIMIT ?2";
  };
  QUELL_TRY(PrepareOne(set_outcome_,
                       "UPDATE alerts SET sequence = ?2, at_ms = ?3, reason = ?4, incident_key = "
                       "?5 WHERE id = ?1",
                       "save outcome"));
  QUELL_TRY(PrepareOne(alerts_, list(""), "list alerts"));
  QUELL_TRY(PrepareOne(alerts_by_reason_, list(" AND reason = ?3"), "list alerts by reason"));
  return PrepareOne(alerts_by_incident_, list(" AND incident_key = ?3 AND (?4 = 0 OR reason = ?5)"),
                    "list alerts of an incident");
}

Result<std::vector<Store::AlertRow>> SqliteStore::AlertsWhere(const AlertQuery& query,
                                                              size_t limit) {
  const std::lock_guard lock(mutex_);
  const std::int64_t before =
      query.before == 0 ? std::numeric_limits<std::int64_t>::max() : Signed(query.before);
  const std::string reason = query.reason.value_or("");
  Statement* statement = &alerts_;
  if (!query.incident_key.empty()) {
    statement = &alerts_by_incident_;
    statement->Start().Int(before).Int(Limit(limit)).Text(query.incident_key);
    statement->Int(query.reason ? 1 : 0).Text(reason);
  } else if (query.reason) {
    statement = &alerts_by_reason_;
    statement->Start().Int(before).Int(Limit(limit)).Text(reason);
  } else {
    statement->Start().Int(before).Int(Limit(limit));
  }
  std::vector<AlertRow> rows;
  for (;;) {
    QUELL_ASSIGN(const bool row, statement->Step());
    if (!row) break;
    rows.push_back({static_cast<std::uint64_t>(statement->IntAt(0)), statement->IntAt(1),
                    statement->TextAt(2), statement->TextAt(3), statement->TextAt(4)});
  }
  statement->Reset();
  return rows;
}

}  // namespace quell::store
