// The outbox and how far each receiver has come with it.
#include <algorithm>

#include "engine/store/sqlite_store.h"

namespace quell::store {
namespace {

// An acknowledgement (5) goes in the turn of resolves, and is no later word of its page.
constexpr const char* kDueSql = R"sql(
SELECT o.sequence, o.at_ms, o.incident_key, o.body,
       coalesce(d.attempts, 0), coalesce(d.first_attempt_ms, 0), coalesce(d.next_attempt_ms, 0),
       coalesce(d.maybe_taken, 0), coalesce(d.last_error, ''),
       EXISTS (SELECT 1 FROM outbox e
               WHERE e.incident_key = o.incident_key AND e.sequence < o.sequence),
       EXISTS (SELECT 1 FROM outbox e
               JOIN deliveries f ON f.sequence = e.sequence AND f.receiver = ?1
               WHERE e.incident_key = o.incident_key AND e.sequence < o.sequence
                 AND (f.state = 1 OR f.maybe_taken = 1)),
       EXISTS (SELECT 1 FROM outbox e
               WHERE e.incident_key = o.incident_key AND e.sequence > o.sequence
                 AND e.urgency <> 5),
       o.urgency, coalesce(d.last_attempt_ms, 0)
FROM outbox o LEFT JOIN deliveries d ON d.sequence = o.sequence AND d.receiver = ?1
WHERE o.state = 0 AND CASE o.urgency WHEN 5 THEN 2 ELSE o.urgency END <= ?5
  AND (d.state IS NULL
       OR (d.state = 0 AND (d.next_attempt_ms <= ?2 OR d.next_attempt_ms > ?2 + ?3)))
  AND NOT EXISTS (SELECT 1 FROM outbox e
                  LEFT JOIN deliveries f ON f.sequence = e.sequence AND f.receiver = ?1
                  WHERE e.incident_key = o.incident_key AND e.sequence < o.sequence
                    AND e.state = 0 AND coalesce(f.state, 0) = 0)
ORDER BY CASE o.urgency WHEN 5 THEN 2 ELSE o.urgency END, coalesce(d.next_attempt_ms, 0), o.sequence
LIMIT ?4)sql";

// A resolve that waits ends it, too: its time to be told is near.
constexpr const char* kOpenWithSql = R"sql(
SELECT o.sequence, o.at_ms, o.incident_key, o.body, o.state
FROM deliveries d JOIN outbox o ON o.sequence = d.sequence
WHERE d.receiver = ?1 AND d.state = 1 AND o.urgency NOT IN (2, 4)
  AND NOT EXISTS (SELECT 1 FROM outbox e
                  LEFT JOIN deliveries f ON f.sequence = e.sequence AND f.receiver = ?1
                  WHERE e.incident_key = o.incident_key AND e.sequence > o.sequence
                    AND (e.urgency = 2 OR f.state = 1))
ORDER BY o.sequence LIMIT ?2)sql";

constexpr const char* kSaveDeliverySql = R"sql(
INSERT INTO deliveries (sequence, receiver, state, attempts, first_attempt_ms, next_attempt_ms,
                        maybe_taken, last_error, last_attempt_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (sequence, receiver) DO UPDATE SET
  state = ?3, attempts = ?4, first_attempt_ms = ?5, next_attempt_ms = ?6, maybe_taken = ?7,
  last_error = ?8, last_attempt_ms = ?9)sql";

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

Urgency UrgencyOf(std::int64_t value) {
  return value >= 0 && value <= 5 ? static_cast<Urgency>(value) : Urgency::kTrigger;
}

}  // namespace

Status SqliteStore::PrepareOutbox() {
  QUELL_TRY(PrepareOne(due_, kDueSql, "find due deliveries"));
  QUELL_TRY(PrepareOne(save_delivery_, kSaveDeliverySql, "save delivery"));
  QUELL_TRY(PrepareOne(states_of_, "SELECT receiver, state FROM deliveries WHERE sequence = ?1",
                       "read delivery states"));
  QUELL_TRY(PrepareOne(set_state_, "UPDATE outbox SET state = ?2 WHERE sequence = ?1",
                       "save outbox state"));
  QUELL_TRY(PrepareOne(pending_, "SELECT sequence FROM outbox WHERE state = 0 ORDER BY sequence",
                       "list pending outbox rows"));
  QUELL_TRY(PrepareOne(outbox_of_,
                       "SELECT sequence, at_ms, incident_key, body, state FROM outbox "
                       "WHERE incident_key = ?1 ORDER BY sequence",
                       "read outbox of incident"));
  QUELL_TRY(
      PrepareOne(deliveries_of_,
                 "SELECT d.sequence, d.receiver, d.state, d.attempts, d.first_attempt_ms, "
                 "d.next_attempt_ms, d.maybe_taken, d.last_error, d.last_attempt_ms FROM outbox o "
                 "JOIN deliveries d ON d.sequence = o.sequence WHERE o.incident_key = ?1 "
                 "ORDER BY d.sequence, d.receiver",
                 "read deliveries of incident"));
  QUELL_TRY(PrepareOne(count_, "SELECT count(*) FROM outbox WHERE state = ?1", "count outbox"));
  QUELL_TRY(PrepareOne(open_with_, kOpenWithSql, "find open pages"));
  QUELL_TRY(PrepareOne(unresolved_,
                       "SELECT o.incident_key FROM (SELECT max(sequence) AS last FROM outbox "
                       "GROUP BY incident_key) k JOIN outbox o ON o.sequence = k.last "
                       "WHERE o.urgency NOT IN (2, 4) ORDER BY o.incident_key",
                       "find unresolved pages"));
  return PrepareOne(attempts_since_,
                    "SELECT last_attempt_ms FROM deliveries WHERE receiver = ?1 AND "
                    "last_attempt_ms >= ?2 ORDER BY last_attempt_ms DESC LIMIT ?3",
                    "read attempts");
}

Result<std::vector<DueDelivery>> SqliteStore::DueDeliveries(std::string_view receiver,
                                                            TimeMs now_ms, DurationMs horizon_ms,
                                                            size_t limit, Urgency least) {
  const std::lock_guard lock(mutex_);
  std::vector<DueDelivery> due;
  due_.Start().Text(receiver).Int(now_ms).Int(horizon_ms).Int(Limit(limit));
  due_.Int(static_cast<std::int64_t>(least));
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
    one.later_rows = due_.IntAt(11) != 0;
    one.urgency = UrgencyOf(due_.IntAt(12));
    one.delivery.last_attempt_ms = due_.IntAt(13);
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
                .Int(row.last_attempt_ms)
                .Run());
  if (row.state == OutboxState::kDead) QUELL_TRY(Bury(row));
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
                    static_cast<int>(s.IntAt(3)), s.IntAt(4), s.IntAt(8), s.IntAt(5),
                    s.IntAt(6) != 0, s.TextAt(7)});
  }
  s.Reset();
  return rows;
}

Result<std::vector<OutboxRow>> SqliteStore::OpenWith(std::string_view receiver, size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<OutboxRow> rows;
  Statement& s = open_with_;
  s.Start().Text(receiver).Int(Limit(limit));
  for (;;) {
    QUELL_ASSIGN(const bool row, s.Step());
    if (!row) break;
    rows.push_back({static_cast<std::uint64_t>(s.IntAt(0)), s.IntAt(1), s.TextAt(2), s.TextAt(3),
                    StateOf(s.IntAt(4))});
  }
  s.Reset();
  return rows;
}

Result<std::vector<std::string>> SqliteStore::UnresolvedKeys() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> keys;
  unresolved_.Start();
  for (;;) {
    QUELL_ASSIGN(const bool row, unresolved_.Step());
    if (!row) break;
    keys.push_back(unresolved_.TextAt(0));
  }
  unresolved_.Reset();
  return keys;
}

Result<std::uint64_t> SqliteStore::CountOutbox(OutboxState state) {
  const std::lock_guard lock(mutex_);
  QUELL_ASSIGN(const bool row, count_.Start().Int(static_cast<std::int64_t>(state)).Step());
  const std::uint64_t count = row ? static_cast<std::uint64_t>(count_.IntAt(0)) : 0;
  count_.Reset();
  return count;
}

Result<std::vector<TimeMs>> SqliteStore::AttemptsSince(std::string_view receiver, TimeMs since_ms,
                                                       size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<TimeMs> times;
  attempts_since_.Start().Text(receiver).Int(since_ms).Int(Limit(limit));
  for (;;) {
    QUELL_ASSIGN(const bool row, attempts_since_.Step());
    if (!row) break;
    times.push_back(attempts_since_.IntAt(0));
  }
  attempts_since_.Reset();
  std::reverse(times.begin(), times.end());
  return times;
}

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

}  // namespace quell::store
