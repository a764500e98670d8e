// What retention removes and what it never does, and that docs/data.md has a line for every table.
#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "core/time.h"
#include "engine/store/audit_reader.h"
#include "engine/store/store.h"
#include "tests/support/temp_folder.h"

namespace quell::store {
namespace {

constexpr TimeMs kNow = 1787565600000;

class World {
 public:
  World() : store_(*OpenSqliteStore(Path())) {}
  [[nodiscard]] std::string Path() const { return folder_.File("quell.db"); }
  Store& store() { return *store_; }
  void Close() { store_.reset(); }
  void Add(EffectKind kind, const std::string& id, DurationMs age, const std::string& body,
           Urgency urgency = Urgency::kTrigger) {
    Effect effect{++sequence_, kind, kNow - age, id, body};
    effect.urgency = urgency;
    REQUIRE(store_->Commit("p", {effect}).ok());
  }
  void Sent(OutboxState state = OutboxState::kDelivered) {
    DeliveryRow row;
    row.sequence = sequence_;
    row.receiver = "r";
    row.state = state;
    REQUIRE(store_->UpdateDelivery(row, {"r"}).ok());
  }
  Pruned Prune(const Retention& retention, TimeMs now = kNow) {
    const auto pruned = store_->Prune(retention, now);
    REQUIRE(pruned.ok());
    return *pruned;
  }

 private:
  const test::TempFolder folder_;
  std::unique_ptr<Store> store_;
  std::uint64_t sequence_ = 0;
};

std::vector<std::string> IdsOf(const std::vector<Store::Row>& rows) {
  std::vector<std::string> out;
  for (const auto& row : rows) out.push_back(row.id);
  return out;
}

Retention Days(int days) {
  const DurationMs age = days * kDayMs;
  return {age, age, age, age, age, age};
}

using Ids = std::vector<std::string>;

TEST_CASE("Retention: what is over and old goes, with what belongs to it", "[store]") {
  World world;
  world.Add(EffectKind::kIncident, "old", 3 * kDayMs, R"({"state":"resolved"})");
  world.Add(EffectKind::kPeople, "old", 3 * kDayMs, "{}");
  world.Add(EffectKind::kIncident, "open", 3 * kDayMs, R"({"state":"open"})");
  world.Add(EffectKind::kIncident, "held", 3 * kDayMs, R"({"state":"held"})");
  world.Add(EffectKind::kIncident, "young", kDayMs, R"({"state":"merged"})");
  world.Add(EffectKind::kAlert, "1", 3 * kDayMs, "{}");
  world.Add(EffectKind::kAlert, "2", kDayMs, "{}");
  world.Add(EffectKind::kDecision, "d", 3 * kDayMs, "{}");
  world.Add(EffectKind::kDecision, "e", kDayMs, "{}");
  world.Add(EffectKind::kFeedback, "f", 3 * kDayMs, "{}");
  const Pruned pruned = world.Prune(Days(2));
  CHECK(pruned.incidents == 1);
  CHECK(pruned.alerts == 1);
  CHECK(pruned.decisions == 1);
  CHECK(pruned.feedback == 1);
  CHECK(IdsOf(*world.store().Incidents(9)) == Ids{"young", "held", "open"});
  CHECK_FALSE(world.store().People("old")->has_value());
  CHECK(IdsOf(*world.store().Alerts(9)) == Ids{"2"});
  CHECK(IdsOf(*world.store().Decisions(9)) == Ids{"e"});
  CHECK(world.Prune(Days(2)).total() == 0);
}

TEST_CASE("Retention: 0 keeps for ever, and nothing is older than time began", "[store]") {
  World world;
  world.Add(EffectKind::kIncident, "old", 9000 * kDayMs, R"({"state":"resolved"})");
  CHECK(world.Prune(Days(0)).total() == 0);
  CHECK(world.Prune(Days(2), kDayMs).total() == 0);
  CHECK(world.Prune({}).incidents == 1);
}

TEST_CASE("Retention: a page that waits or is not resolved stays, whatever its age", "[store]") {
  World world;
  world.Add(EffectKind::kOutbox, "over", 5 * kDayMs, "{}");
  world.Sent();
  world.Add(EffectKind::kOutbox, "over", 4 * kDayMs, "{}", Urgency::kResolve);
  world.Sent();
  world.Add(EffectKind::kOutbox, "open", 5 * kDayMs, "{}");
  world.Sent();
  world.Add(EffectKind::kOutbox, "waits", 5 * kDayMs, "{}", Urgency::kResolve);
  CHECK(world.Prune(Days(2)).pages == 2);
  CHECK(world.store().OutboxOf("over")->empty());
  CHECK(world.store().DeliveriesOf("over")->empty());
  CHECK(world.store().OutboxOf("open")->size() == 1);
  CHECK(world.store().DeliveriesOf("open")->size() == 1);
  CHECK(world.store().OutboxOf("waits")->size() == 1);
}

TEST_CASE("Retention: at most so many rows at once, the oldest first, and the chain holds",
          "[store]") {
  World world;
  std::vector<Effect> effects;
  for (std::uint64_t i = 1; i <= kPrunedAtOnce + 5; ++i) {
    effects.push_back({i, EffectKind::kDecision, kNow - 3 * kDayMs, "d" + std::to_string(i), "{}"});
  }
  REQUIRE(world.store().Commit("p", effects).ok());
  CHECK(world.Prune(Days(2)).decisions == kPrunedAtOnce);
  CHECK(world.store().Decisions(9)->size() == 5);
  CHECK(world.Prune(Days(2)).decisions == 5);
  const auto notes = world.store().AuditRows({}, 1);
  REQUIRE(notes->size() == 1);
  CHECK(notes->front().what == "store_pruned");
  CHECK(notes->front().detail.find("decisions 5,") != std::string::npos);
  world.Close();
  const auto log = OpenAuditReader(world.Path());
  REQUIRE(log.ok());
  CHECK(VerifyAudit(**log)->problem.empty());
}

TEST_CASE("Retention: docs/data.md has a line for every table of the schema", "[store]") {
  World world;
  world.Close();
  std::ifstream file(std::string(QUELL_SOURCE_DIR) + "/docs/data.md");
  std::stringstream text;
  text << file.rdbuf();
  REQUIRE(text.str().size() > 1000);
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(world.Path().c_str(), &handle) == SQLITE_OK);
  sqlite3_stmt* tables = nullptr;
  REQUIRE(sqlite3_prepare_v2(handle,
                             "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT "
                             "LIKE 'sqlite_%'",
                             -1, &tables, nullptr) == SQLITE_OK);
  size_t count = 0;
  for (; sqlite3_step(tables) == SQLITE_ROW; ++count) {
    const std::string name = reinterpret_cast<const char*>(sqlite3_column_text(tables, 0));
    INFO(name);
    CHECK(text.str().find("\n| `" + name + "` |") != std::string::npos);
  }
  CHECK(count >= 12);
  sqlite3_finalize(tables);
  sqlite3_close(handle);
}

}  // namespace
}  // namespace quell::store
