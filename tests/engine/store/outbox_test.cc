#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "engine/store/store.h"
#include "tests/support/temp_folder.h"

namespace quell::store {
namespace {

using test::TempFolder;

// The schema that version 1 wrote, and what it may hold.
constexpr const char* kVersion1 = R"sql(
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
INSERT INTO outbox VALUES (1, 0, 'a', '{"action":"trigger","severity":"warning"}', 0);
INSERT INTO outbox VALUES (2, 0, 'b', '{"action":"trigger","severity":"error"}', 2);
INSERT INTO outbox VALUES (3, 0, 'c', '{"action":"trigger","severity":"critical"}', 0);
INSERT INTO outbox VALUES (4, 0, 'd', '{"action":"update","severity":"critical"}', 0);
INSERT INTO outbox VALUES (5, 0, 'e', '{"action":"resolve","severity":"critical"}', 0);
INSERT INTO outbox VALUES (6, 0, 'f', 'not json', 0);
INSERT INTO deliveries VALUES (2, 'pd', 2, 1, 1, 0, 0, 'HTTP 400');
UPDATE progress SET last_sequence = 6;
PRAGMA application_id = 1364542796;
PRAGMA user_version = 1;
)sql";

std::unique_ptr<Store> Open(const std::string& path) {
  auto store = OpenSqliteStore(path);
  if (!store.ok()) FAIL(store.error().message);
  return *std::move(store);
}

Effect Make(std::uint64_t sequence, EffectKind kind, std::string id, std::string body = "{}") {
  return {sequence, kind, static_cast<TimeMs>(sequence * 1000), std::move(id), std::move(body)};
}

void RunSql(const std::string& path, const char* sql) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  REQUIRE(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(handle);
}

using Sequences = std::vector<std::uint64_t>;

Sequences DueSequences(Store& store, TimeMs now, const std::string& receiver) {
  Sequences sequences;
  const auto due = store.DueDeliveries(receiver, now, kHourMs, 100, Urgency::kUpdate);
  REQUIRE(due.ok());
  for (const DueDelivery& one : *due) sequences.push_back(one.outbox.sequence);
  return sequences;
}

DeliveryRow Outcome(std::uint64_t sequence, std::string receiver, OutboxState state,
                    TimeMs next = 0) {
  DeliveryRow row;
  row.sequence = sequence;
  row.receiver = std::move(receiver);
  row.state = state;
  row.attempts = 1;
  row.first_attempt_ms = 1;
  row.next_attempt_ms = next;
  return row;
}

Effect Urgent(std::uint64_t sequence, std::string id, Urgency urgency) {
  Effect effect = Make(sequence, EffectKind::kOutbox, std::move(id));
  effect.urgency = urgency;
  return effect;
}

TEST_CASE("Store: critical triggers are due first, then triggers, resolves and updates",
          "[store]") {
  const auto store = Open(":memory:");
  REQUIRE(store
              ->Commit("p", {Urgent(1, "a", Urgency::kUpdate), Urgent(2, "b", Urgency::kResolve),
                             Urgent(3, "c", Urgency::kTrigger),
                             Urgent(4, "d", Urgency::kCriticalTrigger),
                             Urgent(5, "e", Urgency::kCriticalTrigger)})
              .ok());
  CHECK(DueSequences(*store, 0, "pd") == Sequences{4, 5, 3, 2, 1});
  const auto critical = store->DueDeliveries("pd", 0, kHourMs, 9, Urgency::kCriticalTrigger);
  REQUIRE(critical.ok());
  CHECK(critical->size() == 2);
  CHECK(critical->at(0).urgency == Urgency::kCriticalTrigger);
  // Within an urgency, what was never tried goes before what failed.
  DeliveryRow failed = Outcome(4, "pd", OutboxState::kPending, 500);
  REQUIRE(store->UpdateDelivery(failed, {"pd"}).ok());
  CHECK(DueSequences(*store, 1000, "pd") == Sequences{5, 4, 3, 2, 1});
}

TEST_CASE("Store: a row knows whether a later one of its incident follows", "[store]") {
  const auto store = Open(":memory:");
  REQUIRE(store
              ->Commit("p", {Make(1, EffectKind::kOutbox, "a"), Make(2, EffectKind::kOutbox, "b"),
                             Make(3, EffectKind::kOutbox, "a")})
              .ok());
  const auto due = store->DueDeliveries("pd", 0, kHourMs, 9, Urgency::kUpdate).value();
  REQUIRE(due.size() == 2);
  CHECK(due[0].later_rows);
  CHECK_FALSE(due[1].later_rows);
}

TEST_CASE("Store: attempts of the last minute are known after reopening", "[store]") {
  const TempFolder folder;
  {
    const auto store = Open(folder.File("quell.db"));
    for (std::uint64_t i = 1; i <= 4; ++i) {
      REQUIRE(store->Commit("p", {Make(i, EffectKind::kOutbox, "k" + std::to_string(i))}).ok());
      DeliveryRow row = Outcome(i, i == 4 ? "other" : "pd", OutboxState::kDelivered);
      row.last_attempt_ms = static_cast<TimeMs>(i * 1000);
      REQUIRE(store->UpdateDelivery(row, {"pd", "other"}).ok());
    }
  }
  const auto store = Open(folder.File("quell.db"));
  CHECK(store->AttemptsSince("pd", 2000, 9).value() == std::vector<TimeMs>{2000, 3000});
  CHECK(store->AttemptsSince("pd", 0, 2).value() == std::vector<TimeMs>{2000, 3000});
}

TEST_CASE("Store: pages whose last word is no resolve are found", "[store]") {
  const auto store = Open(":memory:");
  REQUIRE(store
              ->Commit("p", {Urgent(1, "a", Urgency::kTrigger), Urgent(2, "a#2", Urgency::kTrigger),
                             Urgent(3, "b", Urgency::kTrigger), Urgent(4, "a", Urgency::kResolve),
                             Urgent(5, "b", Urgency::kUpdate)})
              .ok());
  CHECK(store->UnresolvedKeys().value() == std::vector<std::string>{"a#2", "b"});
}

TEST_CASE("Store: what a receiver took and is not resolved is open with it", "[store]") {
  const auto store = Open(":memory:");
  REQUIRE(store
              ->Commit("p", {Urgent(1, "a", Urgency::kTrigger), Urgent(2, "b", Urgency::kTrigger),
                             Urgent(3, "c", Urgency::kTrigger), Urgent(4, "a", Urgency::kUpdate),
                             Urgent(5, "b", Urgency::kResolve)})
              .ok());
  const auto open = [&](const std::string& receiver) {
    Sequences out;
    const auto rows = store->OpenWith(receiver, 9);
    REQUIRE(rows.ok());
    for (const OutboxRow& row : *rows) out.push_back(row.sequence);
    return out;
  };
  for (const std::uint64_t sequence : {1, 2, 3}) {
    REQUIRE(store->UpdateDelivery(Outcome(sequence, "am", OutboxState::kDelivered), {"am"}).ok());
  }
  CHECK(open("am") == Sequences{1, 3});  // b's resolve is on its way
  CHECK(open("pd").empty());
  REQUIRE(store->UpdateDelivery(Outcome(4, "am", OutboxState::kDelivered), {"am"}).ok());
  CHECK(open("am") == Sequences{3, 4});
}

DeliveryRow Dead(std::uint64_t sequence, std::string receiver, TimeMs at, std::string why) {
  DeliveryRow row = Outcome(sequence, std::move(receiver), OutboxState::kDead);
  row.last_attempt_ms = at;
  row.last_error = std::move(why);
  return row;
}

TEST_CASE("Store: a dead delivery becomes a dead letter, once", "[store]") {
  const auto store = Open(":memory:");
  REQUIRE(store
              ->Commit("p", {Make(1, EffectKind::kOutbox, "a", R"({"n":1})"),
                             Make(2, EffectKind::kOutbox, "b")})
              .ok());
  REQUIRE(store->UpdateDelivery(Dead(1, "pd", 500, "HTTP 400"), {"pd"}).ok());
  REQUIRE(store->UpdateDelivery(Dead(1, "pd", 600, "again"), {"pd"}).ok());
  REQUIRE(store->UpdateDelivery(Dead(2, "pd", 700, "HTTP 404"), {"pd"}).ok());
  const auto letters = store->DeadLetters(9).value();
  REQUIRE(letters.size() == 2);
  CHECK(letters[0].reason == "HTTP 404");
  CHECK(letters[1].reason == "HTTP 400");
  CHECK(letters[1].at == 500);
  CHECK(letters[1].incident_key == "a");
  CHECK(letters[1].attempts == 1);
  CHECK(letters[1].body == R"({"n":1})");
  CHECK(store->CountDeadLetters().value() == 2);
}

TEST_CASE("Store: a dead letter that is tried again waits with what followed it", "[store]") {
  const auto store = Open(":memory:");
  REQUIRE(store
              ->Commit("p", {Make(1, EffectKind::kOutbox, "a"), Make(2, EffectKind::kOutbox, "a"),
                             Make(3, EffectKind::kOutbox, "b")})
              .ok());
  REQUIRE(store->UpdateDelivery(Dead(1, "pd", 500, "HTTP 400"), {"pd"}).ok());
  DeliveryRow obsolete;
  obsolete.sequence = 2;
  obsolete.receiver = "pd";
  obsolete.state = OutboxState::kObsolete;
  REQUIRE(store->UpdateDelivery(obsolete, {"pd"}).ok());
  REQUIRE(store->UpdateDelivery(Dead(3, "pd", 600, "HTTP 400"), {"pd"}).ok());
  CHECK(DueSequences(*store, 1000, "pd").empty());
  CHECK(store->RetryDeadLetter(9).error().code == ErrorCode::kNotFound);
  const auto letters = store->DeadLetters(9).value();
  REQUIRE(letters.size() == 2);
  CHECK(store->OneDeadLetter(letters[1].id).value()->reason == "HTTP 400");
  REQUIRE(store->RetryDeadLetter(letters[1].id).ok());
  CHECK(DueSequences(*store, 1000, "pd") == Sequences{1});
  CHECK(store->CountDeadLetters().value() == 1);
  DeliveryRow taken = obsolete;
  taken.sequence = 1;
  taken.state = OutboxState::kDelivered;
  REQUIRE(store->UpdateDelivery(taken, {"pd"}).ok());
  CHECK(DueSequences(*store, 1000, "pd") == Sequences{2});
}

TEST_CASE("Store: each receiver is told once of another's dead letters", "[store]") {
  const auto store = Open(":memory:");
  REQUIRE(store
              ->Commit("p", {Make(1, EffectKind::kOutbox, "a"), Make(2, EffectKind::kOutbox, "b"),
                             Make(3, EffectKind::kOutbox, "c")})
              .ok());
  REQUIRE(store->UpdateDelivery(Dead(1, "pd", 500, "one"), {"pd"}).ok());
  REQUIRE(store->UpdateDelivery(Dead(2, "pd", 600, "two"), {"pd"}).ok());
  CHECK(store->UntoldDeadLetters("pd", 0, 1000).value().empty());
  CHECK(store->UntoldDeadLetters("file", 601, 1000).value().empty());  // too old to tell
  const auto news = store->UntoldDeadLetters("file", 0, 1000).value();
  REQUIRE(news.size() == 1);
  CHECK(news[0].about == "pd");
  CHECK(news[0].count == 2);
  CHECK(news[0].first_at == 500);
  CHECK(news[0].last_reason == "two");
  REQUIRE(store->MarkDeadLettersTold("file", news[0], 2000).ok());
  CHECK(store->UntoldDeadLetters("file", 0, 5000).value().empty());
  REQUIRE(store->UpdateDelivery(Dead(3, "pd", 2500, "three"), {"pd"}).ok());
  CHECK(store->UntoldDeadLetters("file", 0, 1999).value().empty());  // told of a short while ago
  CHECK(store->UntoldDeadLetters("file", 0, 2000).value().at(0).count == 1);
  CHECK(store->UntoldDeadLetters("slack", 0, 0).value().at(0).count == 3);
}

TEST_CASE("Store: a store of version 1 keeps what it holds and learns its urgency", "[store]") {
  const TempFolder folder;
  const std::string path = folder.File("quell.db");
  RunSql(path, kVersion1);
  const auto store = Open(path);
  CHECK(DueSequences(*store, 0, "pd") == Sequences{3, 1, 6, 5, 4});
  const auto letters = store->DeadLetters(9).value();
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].sequence == 2);
  CHECK(letters[0].reason == "HTTP 400");
  CHECK(letters[0].body == R"({"action":"trigger","severity":"error"})");
}

}  // namespace
}  // namespace quell::store
