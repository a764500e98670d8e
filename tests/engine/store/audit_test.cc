#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/hash.h"
#include "engine/store/audit_reader.h"
#include "engine/store/store.h"
#include "tests/support/temp_folder.h"

namespace quell::store {
namespace {

using test::TempFolder;

constexpr std::uint64_t kEffects = 12;

std::unique_ptr<Store> Open(const std::string& path, const StoreOptions& options = {}) {
  auto store = OpenSqliteStore(path, options);
  if (!store.ok()) FAIL(store.error().message);
  return *std::move(store);
}

void RunSql(const std::string& path, const std::string& sql) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  INFO(sql);
  REQUIRE(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(handle);
}

Effect MakeEffect(std::uint64_t sequence) {
  static constexpr EffectKind kKinds[] = {EffectKind::kDecision, EffectKind::kOutcome,
                                          EffectKind::kOutbox, EffectKind::kDeed};
  Effect effect;
  effect.sequence = sequence;
  effect.kind = kKinds[sequence % 4];
  effect.at = static_cast<TimeMs>(sequence) * 1000;
  effect.id = "key-" + std::to_string(sequence % 3);
  effect.body = R"({"n":)" + std::to_string(sequence) + "}";
  effect.deed = {.what = "what-" + std::to_string(sequence % 5),
                 .actor = effect.kind == EffectKind::kDeed ? "ada" : "",
                 .detail = "detail",
                 .by_people = effect.kind == EffectKind::kDeed};
  return effect;
}

std::vector<Effect> MakeEffects(std::uint64_t from, std::uint64_t to) {
  std::vector<Effect> effects;
  for (std::uint64_t i = from; i <= to; ++i) effects.push_back(MakeEffect(i));
  return effects;
}

void Fill(const std::string& path) {
  const auto store = Open(path);
  store->UseModel("model-1");
  REQUIRE(store->Commit("p", MakeEffects(1, kEffects)).ok());
}

AuditVerdict Verify(const std::string& path) {
  auto reader = OpenAuditReader(path);
  if (!reader.ok()) FAIL(reader.error().message);
  auto verdict = VerifyAudit(**reader);
  if (!verdict.ok()) FAIL(verdict.error().message);
  return *verdict;
}

std::vector<AuditRow> All(Store& store) { return store.AuditRows({}, 1000).value(); }

TEST_CASE("Audit: an entry's hash is what the format says", "[store][audit]") {
  AuditRow row;
  row.entry = 1;
  row.sequence = 7;
  row.at = 1764000000000;
  row.kind = "action";
  row.what = "people_acknowledge";
  row.key = "ab12";
  row.actor = "ada";
  row.detail = "via api";
  row.digest = Sha256Hex("{}");
  row.model = "";
  const std::string canonical =
      "quell-audit-1\n1:1,1:7,13:1764000000000,6:action,18:people_acknowledge,4:ab12,3:ada,7:via "
      "api,64:" +
      row.digest + ",0:,";
  CHECK(CanonicalAudit(row) == canonical);
  CHECK(ChainHash(kNoHash, row) == Sha256Hex(std::string(64, '0') + canonical));
}

TEST_CASE("Audit: a commit appends what was decided and done, and nothing else", "[store][audit]") {
  const TempFolder folder;
  const std::string path = folder.File("quell.db");
  const auto store = Open(path);
  CHECK(store->AuditLogHead().value() == AuditHead{});
  store->UseModel("model-1");
  std::vector<Effect> effects = MakeEffects(1, 4);
  for (const EffectKind kind : {EffectKind::kIncident, EffectKind::kAlert, EffectKind::kPeople}) {
    effects.push_back(MakeEffect(effects.size() + 1));
    effects.back().kind = kind;
  }
  REQUIRE(store->Commit("p", effects).ok());
  const auto rows = All(*store);
  REQUIRE(rows.size() == 4);
  CHECK(rows[0].kind == "decision");  // newest first: effect 4
  CHECK(rows[1].kind == "action");
  CHECK(rows[1].actor == "ada");
  CHECK(rows[2].kind == "page");
  CHECK(rows[3].entry == 1);
  CHECK(rows[3].sequence == 1);
  CHECK(rows[3].digest == Sha256Hex(effects[0].body));
  CHECK(rows[3].model == "model-1");
  CHECK(Verify(path).problem.empty());
  CHECK(Verify(path).entries == 4);
}

TEST_CASE("Audit: what is replayed after a crash makes the same chain, however it is cut",
          "[store][audit]") {
  const TempFolder folder;
  const auto whole = Open(folder.File("whole.db"));
  REQUIRE(whole->Commit("p", MakeEffects(1, kEffects)).ok());
  const std::string path = folder.File("cut.db");
  for (std::uint64_t done = 1; done <= kEffects; ++done) {
    const auto store = Open(path);  // as after a kill: the tail comes again, and one more
    REQUIRE(store->Commit("p", MakeEffects(done > 3 ? done - 3 : 1, done)).ok());
  }
  const auto store = Open(path);
  CHECK(All(*store) == All(*whole));
  CHECK(store->AuditLogHead().value() == whole->AuditLogHead().value());
}

TEST_CASE("Audit: each kind of edit is found, and named", "[store][audit]") {
  const std::pair<std::string, std::string> edits[] = {
      {"UPDATE audit SET sequence = 99 WHERE entry = 5", "entry 5 does not fit"},
      {"UPDATE audit SET at_ms = at_ms + 1 WHERE entry = 5", "entry 5 does not fit"},
      {"UPDATE audit SET kind = 'page' WHERE entry = 5", "entry 5 does not fit"},
      {"UPDATE audit SET what = 'other' WHERE entry = 5", "entry 5 does not fit"},
      {"UPDATE audit SET key = 'other' WHERE entry = 5", "entry 5 does not fit"},
      {"UPDATE audit SET actor = 'eve' WHERE entry = 5", "entry 5 does not fit"},
      {"UPDATE audit SET detail = 'other' WHERE entry = 5", "entry 5 does not fit"},
      {"UPDATE audit SET digest = hash WHERE entry = 5", "entry 5 does not fit"},
      {"UPDATE audit SET model = 'other' WHERE entry = 5", "entry 5 does not fit"},
      {"UPDATE audit SET hash = digest WHERE entry = 5", "entry 5 does not fit"},
      {"DELETE FROM audit WHERE entry = 5", "entry 6 follows entry 4"},
      {"DELETE FROM audit WHERE entry = 1", "entry 2 follows entry 0"},
      {"DELETE FROM audit WHERE entry = 12", "the log ends at entry 11"},
      {"DELETE FROM audit", "the log ends at entry 0"},
      {"INSERT INTO audit SELECT 13, sequence, at_ms, kind, what, key, actor, detail, digest, "
       "model, "
       "hash FROM audit WHERE entry = 12",
       "entry 13 does not fit"},
      {"UPDATE audit SET entry = -1 WHERE entry = 5; UPDATE audit SET entry = 5 WHERE entry = 6; "
       "UPDATE audit SET entry = 6 WHERE entry = -1",
       "entry 5 does not fit"},
      {"UPDATE audit_head SET entry = 11, hash = (SELECT hash FROM audit WHERE entry = 11)",
       "the log ends at entry 12"},
      {"DELETE FROM audit WHERE entry < 4; UPDATE audit_head SET pruned = 3, pruned_hash = "
       "'0000000000000000000000000000000000000000000000000000000000000000'",
       "entry 4 does not fit"},
      {"UPDATE audit_head SET pruned = 3, pruned_hash = (SELECT hash FROM audit WHERE entry = 3); "
       "DELETE FROM audit WHERE entry <= 3",
       "no entry says that they were removed"},
      {"UPDATE decisions SET body = '{}' WHERE sequence = 4", "entry 4 fits, but what effect 4"},
      {"UPDATE outbox SET body = '{}' WHERE sequence = 2", "entry 2 fits, but what effect 2"},
  };
  const TempFolder folder;
  int number = 0;
  for (const auto& [sql, problem] : edits) {
    const std::string path = folder.File("quell" + std::to_string(number++) + ".db");
    Fill(path);
    REQUIRE(Verify(path).problem.empty());
    RunSql(path, sql);
    INFO(sql << " -> " << Verify(path).problem);
    CHECK(Verify(path).problem.find(problem) != std::string::npos);
  }
}

TEST_CASE("Audit: a log that was rewritten as a whole fits, but holds no head that was noted",
          "[store][audit]") {
  const TempFolder folder;
  Fill(folder.File("true.db"));
  const AuditHead noted = Open(folder.File("true.db"))->AuditLogHead().value();
  const std::string text = std::to_string(noted.entry) + ':' + noted.hash;
  const auto store = Open(folder.File("forged.db"));
  std::vector<Effect> effects = MakeEffects(1, kEffects);
  effects[3].deed.actor = "eve";
  REQUIRE(store->Commit("p", effects).ok());
  CHECK(Verify(folder.File("forged.db")).problem.empty());
  const auto holds = [&](const char* file, const std::string& head) {
    return HoldsNoted(**OpenAuditReader(folder.File(file)), head);
  };
  CHECK(holds("true.db", text).value());
  CHECK_FALSE(holds("forged.db", text).value());
  CHECK_FALSE(holds("true.db", "13:" + noted.hash).value());
  CHECK_FALSE(holds("true.db", text.substr(1)).value());  // entry 2
  CHECK_FALSE(holds("true.db", "12").ok());
  CHECK_FALSE(holds("true.db", "x:" + noted.hash).ok());
}

TEST_CASE("Audit: old entries go by an entry that says so, and the rest verifies",
          "[store][audit]") {
  const TempFolder folder;
  const std::string path = folder.File("quell.db");
  constexpr std::uint64_t kMany = 450;
  {
    const auto store = Open(path, {.audit_rows_max = 200});
    REQUIRE(store->Commit("p", MakeEffects(1, kMany)).ok());
  }
  const AuditVerdict verdict = Verify(path);
  CHECK(verdict.problem.empty());
  CHECK(verdict.entries <= 200);
  CHECK(verdict.entries > 190);
  CHECK(verdict.head.pruned > 0);
  // The same chain where it is cut into other commits.
  const std::string other = folder.File("other.db");
  const auto store = Open(other, {.audit_rows_max = 200});
  for (std::uint64_t i = 1; i <= kMany; ++i) REQUIRE(store->Commit("p", {MakeEffect(i)}).ok());
  CHECK(store->AuditLogHead().value() == verdict.head);
  RunSql(path, "DELETE FROM audit WHERE entry = (SELECT min(entry) FROM audit)");
  CHECK(Verify(path).problem.find("what was between is missing") != std::string::npos);
}

TEST_CASE("Audit: rows are found by kind, actor, key, time and page", "[store][audit]") {
  const TempFolder folder;
  const auto store = Open(folder.File("quell.db"));
  REQUIRE(store->Commit("p", MakeEffects(1, kEffects)).ok());
  const auto count = [&](const AuditQuery& query) {
    return store->AuditRows(query, 100).value().size();
  };
  CHECK(count({.kind = "action"}) == 3);
  CHECK(count({.kind = "page"}) == 3);
  CHECK(count({.actor = "ada"}) == 3);
  CHECK(count({.actor = "eve"}) == 0);
  CHECK(count({.key = "key-1"}) == 4);
  CHECK(count({.kind = "action", .key = "key-1"}) == 1);
  CHECK(count({.since = 3000, .until = 5000}) == 2);
  CHECK(count({.before = 4}) == 3);
  CHECK(store->AuditRows({}, 5).value().size() == 5);
}

TEST_CASE("Audit: entries of others are part of the chain, long texts are cut at a character",
          "[store][audit]") {
  const TempFolder folder;
  const std::string path = folder.File("quell.db");
  const auto store = Open(path);
  AuditRow row;
  row.kind = "config";
  row.what = "config_taken";
  row.at = 5;
  row.detail = std::string(kAuditDetailMax - 1, 'x') + "ü";
  REQUIRE(store->AppendAudit(row).ok());
  REQUIRE(store->Commit("p", MakeEffects(1, 2)).ok());
  CHECK(Verify(path).problem.empty());
  CHECK(All(*store).back().detail == std::string(kAuditDetailMax - 1, 'x'));
}

TEST_CASE("Audit: a row's JSON is sound whatever its texts hold", "[store][audit]") {
  AuditRow row;
  row.actor = "<script>\"\\\n\x01\x7f";
  const auto json = nlohmann::json::parse(AuditJson(row), nullptr, false);
  REQUIRE(json.is_object());
  CHECK(json["actor"] == row.actor);
  CHECK(json["entry"] == 0);
}

}  // namespace
}  // namespace quell::store
