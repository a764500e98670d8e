#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "engine/store/schema.h"
#include "engine/store/store.h"
#include "tests/support/temp_folder.h"

namespace quell::store {
namespace {

using test::TempFolder;

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

std::vector<std::uint64_t> DueSequences(Store& store, TimeMs now, const std::string& receiver) {
  std::vector<std::uint64_t> sequences;
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

using Sequences = std::vector<std::uint64_t>;

TEST_CASE("Store: a new store knows nothing", "[store]") {
  const TempFolder folder;
  const auto store = Open(folder.File("quell.db"));
  CHECK(store->JournalPosition().value().empty());
  CHECK(store->LastSequence().value() == 0);
  CHECK(store->Incidents(10).value().empty());
  CHECK_FALSE(store->Incident("none").value().has_value());
  CHECK(store->CountOutbox(OutboxState::kPending).value() == 0);
}

TEST_CASE("Store: a commit is all there after reopening", "[store]") {
  const TempFolder folder;
  const std::string path = folder.File("quell.db");
  const std::string body = R"({"text":"Zürich – naïve 🚨","n":1})";
  {
    const auto store = Open(path);
    REQUIRE(store
                ->Commit("seg-1:42", {Make(1, EffectKind::kIncident, "inc-a", body),
                                      Make(2, EffectKind::kAlert, "7"),
                                      Make(3, EffectKind::kDecision, "7", R"({"why":"x"})"),
                                      Make(4, EffectKind::kOutbox, "inc-a", body)})
                .ok());
  }
  const auto store = Open(path);
  CHECK(store->JournalPosition().value() == "seg-1:42");
  CHECK(store->LastSequence().value() == 4);
  const auto incident = store->Incident("inc-a").value();
  REQUIRE(incident.has_value());
  CHECK(incident->body == body);
  CHECK(incident->at == 1000);
  CHECK(store->Alerts(10).value().size() == 1);
  CHECK(store->Decisions(10).value().at(0).body == R"({"why":"x"})");
  const auto outbox = store->OutboxOf("inc-a").value();
  REQUIRE(outbox.size() == 1);
  CHECK(outbox[0].body == body);
  CHECK(outbox[0].state == OutboxState::kPending);
}

TEST_CASE("Store: effects that were committed before are skipped", "[store]") {
  const auto store = Open(":memory:");
  REQUIRE(store->Commit("a", {Make(1, EffectKind::kOutbox, "k"), Make(2, EffectKind::kOutbox, "k")})
              .ok());
  REQUIRE(store
              ->Commit("b", {Make(1, EffectKind::kOutbox, "k"), Make(2, EffectKind::kOutbox, "k"),
                             Make(3, EffectKind::kOutbox, "k")})
              .ok());
  CHECK(store->OutboxOf("k").value().size() == 3);
  CHECK(store->LastSequence().value() == 3);
  CHECK(store->JournalPosition().value() == "b");
  REQUIRE(store->Commit("c", {}).ok());
  CHECK(store->JournalPosition().value() == "c");
  CHECK(store->LastSequence().value() == 3);
}

TEST_CASE("Store: sequences that do not ascend change nothing", "[store]") {
  const auto store = Open(":memory:");
  REQUIRE(store->Commit("a", {Make(1, EffectKind::kDecision, "x")}).ok());
  const Status status = store->Commit(
      "b", {Make(2, EffectKind::kDecision, "x"), Make(2, EffectKind::kDecision, "x")});
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == ErrorCode::kInvalidArgument);
  CHECK(status.error().message == "commit effects: sequence 2 follows 2; it must ascend");
  CHECK(store->JournalPosition().value() == "a");
  CHECK(store->LastSequence().value() == 1);
  CHECK(store->Decisions(10).value().size() == 1);
}

TEST_CASE("Store: incidents and alerts are replaced by key, most recently changed first",
          "[store]") {
  const auto store = Open(":memory:");
  REQUIRE(store
              ->Commit("", {Make(1, EffectKind::kIncident, "a", "1"),
                            Make(2, EffectKind::kIncident, "b", "2"),
                            Make(3, EffectKind::kIncident, "a", "3"),
                            Make(4, EffectKind::kDecision, "a", "4"),
                            Make(5, EffectKind::kDecision, "a", "5")})
              .ok());
  const auto incidents = store->Incidents(10).value();
  REQUIRE(incidents.size() == 2);
  CHECK(incidents[0].id == "a");
  CHECK(incidents[0].body == "3");
  CHECK(incidents[1].id == "b");
  CHECK(store->Incidents(1).value().size() == 1);
  CHECK(store->Decisions(10).value().at(0).body == "5");
}

TEST_CASE("Store: feedback is kept newest first, and the oldest goes", "[store]") {
  const TempFolder folder;
  {
    const auto store = Open(folder.File("quell.db"));
    std::vector<Effect> effects;
    for (std::uint64_t i = 1; i <= kFeedbackMax + 2; ++i) {
      effects.push_back(Make(i, EffectKind::kFeedback, "k", std::to_string(i)));
    }
    REQUIRE(store->Commit("1", effects).ok());
  }
  const auto store = Open(folder.File("quell.db"));
  const auto rows = store->Feedback(2 * kFeedbackMax).value();
  REQUIRE(rows.size() == kFeedbackMax);
  CHECK(rows.front().body == std::to_string(kFeedbackMax + 2));
  CHECK(rows.back().body == "3");
}

TEST_CASE("Store: what people did is replaced by incident", "[store]") {
  const auto store = Open(":memory:");
  CHECK_FALSE(store->People("k").value().has_value());
  REQUIRE(store->Commit("1", {Make(1, EffectKind::kPeople, "k", "1")}).ok());
  REQUIRE(store->Commit("2", {Make(2, EffectKind::kPeople, "k", "2")}).ok());
  CHECK(store->People("k").value()->body == "2");
}

TEST_CASE("Store: incidents before a sequence, the latest change first", "[store]") {
  const auto store = Open(":memory:");
  REQUIRE(store
              ->Commit("1", {Make(3, EffectKind::kIncident, "a", "{}"),
                             Make(4, EffectKind::kIncident, "b", "{}"),
                             Make(5, EffectKind::kIncident, "c", "{}"),
                             Make(6, EffectKind::kIncident, "a", "{}")})
              .ok());
  const auto all = store->IncidentsBefore(0, 10).value();
  REQUIRE(all.size() == 3);
  CHECK(all[0].id == "a");
  CHECK(all[0].sequence == 6);
  const auto rest = store->IncidentsBefore(all[0].sequence, 1).value();
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].id == "c");
}

TEST_CASE("Store: only the oldest pending row of an incident is due", "[store]") {
  const auto store = Open(":memory:");
  REQUIRE(store
              ->Commit("", {Make(1, EffectKind::kOutbox, "a"), Make(2, EffectKind::kOutbox, "a"),
                            Make(3, EffectKind::kOutbox, "b")})
              .ok());
  const std::vector<std::string> receivers = {"pd"};
  CHECK(DueSequences(*store, 100, "pd") == Sequences{1, 3});
  REQUIRE(store->UpdateDelivery(Outcome(1, "pd", OutboxState::kPending, 500), receivers).ok());
  CHECK(DueSequences(*store, 100, "pd") == Sequences{3});
  CHECK(DueSequences(*store, 500, "pd") == Sequences{3, 1});  // never tried goes first
  REQUIRE(store->UpdateDelivery(Outcome(1, "pd", OutboxState::kDelivered), receivers).ok());
  CHECK(DueSequences(*store, 500, "pd") == Sequences{2, 3});
  CHECK(store->CountOutbox(OutboxState::kDelivered).value() == 1);
}

TEST_CASE("Store: due rows say whether the receiver took an earlier row", "[store]") {
  const auto store = Open(":memory:");
  REQUIRE(store->Commit("", {Make(1, EffectKind::kOutbox, "a"), Make(2, EffectKind::kOutbox, "a")})
              .ok());
  const std::vector<std::string> receivers = {"pd"};
  CHECK_FALSE(
      store->DueDeliveries("pd", 0, kHourMs, 9, Urgency::kUpdate).value().at(0).earlier_rows);
  DeliveryRow dead = Outcome(1, "pd", OutboxState::kDead);
  REQUIRE(store->UpdateDelivery(dead, receivers).ok());
  CHECK(store->DueDeliveries("pd", 0, kHourMs, 9, Urgency::kUpdate).value().at(0).earlier_rows);
  CHECK_FALSE(
      store->DueDeliveries("pd", 0, kHourMs, 9, Urgency::kUpdate).value().at(0).earlier_taken);
  dead.maybe_taken = true;
  REQUIRE(store->UpdateDelivery(dead, receivers).ok());
  CHECK(store->DueDeliveries("pd", 0, kHourMs, 9, Urgency::kUpdate).value().at(0).earlier_taken);
}

TEST_CASE("Store: a due time set by a clock that went back is due", "[store]") {
  const auto store = Open(":memory:");
  REQUIRE(store->Commit("", {Make(1, EffectKind::kOutbox, "a")}).ok());
  REQUIRE(
      store->UpdateDelivery(Outcome(1, "pd", OutboxState::kPending, 100 * kHourMs), {"pd"}).ok());
  CHECK(DueSequences(*store, 10 * kHourMs, "pd") == Sequences{1});
  CHECK(DueSequences(*store, 99 * kHourMs + 1, "pd").empty());
}

TEST_CASE("Store: a row is done when every receiver is done with it", "[store]") {
  const auto store = Open(":memory:");
  const std::vector<std::string> both = {"file", "pd"};
  const auto state_after = [&](OutboxState file, OutboxState pd) {
    const std::uint64_t next = store->LastSequence().value() + 1;
    const std::string key = "k" + std::to_string(next);
    REQUIRE(store->Commit("", {Make(next, EffectKind::kOutbox, key)}).ok());
    REQUIRE(store->UpdateDelivery(Outcome(next, "file", file), both).ok());
    CHECK(store->OutboxOf(key).value().at(0).state == OutboxState::kPending);
    REQUIRE(store->UpdateDelivery(Outcome(next, "pd", pd), both).ok());
    return store->OutboxOf(key).value().at(0).state;
  };
  using enum OutboxState;
  CHECK(state_after(kDelivered, kDelivered) == kDelivered);
  CHECK(state_after(kDelivered, kDead) == kDead);
  CHECK(state_after(kDead, kDelivered) == kDead);
  CHECK(state_after(kObsolete, kDelivered) == kDelivered);
  CHECK(state_after(kObsolete, kObsolete) == kObsolete);
  CHECK(state_after(kPending, kDelivered) == kPending);
}

TEST_CASE("Store: a row does not wait for a receiver that left the configuration", "[store]") {
  const auto store = Open(":memory:");
  REQUIRE(store->Commit("", {Make(1, EffectKind::kOutbox, "a")}).ok());
  REQUIRE(store->UpdateDelivery(Outcome(1, "pd", OutboxState::kDelivered), {"pd", "gone"}).ok());
  CHECK(store->CountOutbox(OutboxState::kPending).value() == 1);
  REQUIRE(store->SettleOutbox({"pd"}).ok());
  CHECK(store->CountOutbox(OutboxState::kDelivered).value() == 1);
}

TEST_CASE("Store: deliveries come back as they were saved", "[store]") {
  const auto store = Open(":memory:");
  REQUIRE(store->Commit("", {Make(5, EffectKind::kOutbox, "a")}).ok());
  DeliveryRow row = Outcome(5, "pd", OutboxState::kPending, 77);
  row.attempts = 3;
  row.maybe_taken = true;
  row.last_error = "HTTP 503: \"busy\"";
  REQUIRE(store->UpdateDelivery(row, {"pd"}).ok());
  const auto rows = store->DeliveriesOf("a").value();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].sequence == 5);
  CHECK(rows[0].receiver == "pd");
  CHECK(rows[0].attempts == 3);
  CHECK(rows[0].first_attempt_ms == 1);
  CHECK(rows[0].next_attempt_ms == 77);
  CHECK(rows[0].maybe_taken);
  CHECK(rows[0].last_error == row.last_error);
}

TEST_CASE("Store: a newer schema is refused by name", "[store]") {
  const TempFolder folder;
  const std::string path = folder.File("quell.db");
  Open(path).reset();
  RunSql(path, "PRAGMA user_version = 7");
  const auto again = OpenSqliteStore(path);
  REQUIRE_FALSE(again.ok());
  CHECK(again.error().code == ErrorCode::kUnsupported);
  CHECK(again.error().message == "store " + path +
                                     " has schema version 7; this program knows versions up to " +
                                     std::to_string(kSchemaVersion) + ": use the newer program");
}

TEST_CASE("Store: somebody else's database is refused", "[store]") {
  const TempFolder folder;
  const std::string path = folder.File("other.db");
  RunSql(path, "CREATE TABLE theirs (x)");
  const auto opened = OpenSqliteStore(path);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().message ==
        "store " + path + " is a SQLite database, but not one of Quell's");
}

TEST_CASE("Store: a file that is no database is corrupt", "[store]") {
  const TempFolder folder;
  const std::string path = folder.File("quell.db");
  std::ofstream(path) << std::string(8192, 'x');
  const auto opened = OpenSqliteStore(path);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().code == ErrorCode::kCorrupt);
  CHECK(opened.error().message.find("read schema version in store " + path) == 0);
  CHECK(opened.error().message.find("file is not a database") != std::string::npos);
}

TEST_CASE("Store: damaged pages are found when opening", "[store]") {
  const TempFolder folder;
  const std::string path = folder.File("quell.db");
  {
    const auto store = Open(path);
    std::vector<Effect> effects;
    for (std::uint64_t i = 1; i <= 200; ++i) {
      effects.push_back(Make(i, EffectKind::kDecision, "d", std::string(500, 'y')));
    }
    REQUIRE(store->Commit("p", effects).ok());
  }
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(0, std::ios::end);
    const auto size = static_cast<std::streamoff>(file.tellg());
    file.seekp(size / 2);
    file << std::string(static_cast<size_t>(size / 4), '\xAB');
  }
  const auto opened = OpenSqliteStore(path);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().code == ErrorCode::kCorrupt);
  CHECK(opened.error().message.find(path) != std::string::npos);
}

TEST_CASE("Store: a folder that is not there is an error with the path", "[store]") {
  const auto opened = OpenSqliteStore("/nonexistent/folder/quell.db");
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().code == ErrorCode::kIo);
  CHECK(opened.error().message.find("open in store /nonexistent/folder/quell.db") == 0);
}

TEST_CASE("Store: a failed commit leaves nothing behind and the next one works", "[store]") {
  const TempFolder folder;
  const std::string path = folder.File("quell.db");
  const auto store = Open(path);
  RunSql(path,
         "CREATE TRIGGER refuse BEFORE INSERT ON outbox WHEN NEW.incident_key = 'bad' "
         "BEGIN SELECT RAISE(ABORT, 'disk on fire'); END");
  const Status status = store->Commit(
      "p", {Make(1, EffectKind::kDecision, "d"), Make(2, EffectKind::kOutbox, "bad")});
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().message.find("add outbox row in store " + path + ": disk on fire") == 0);
  CHECK(store->LastSequence().value() == 0);
  CHECK(store->Decisions(9).value().empty());
  REQUIRE(store->Commit("p", {Make(1, EffectKind::kDecision, "d")}).ok());
  CHECK(store->LastSequence().value() == 1);
}

}  // namespace
}  // namespace quell::store
