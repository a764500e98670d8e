#include "engine/api/alert_list.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/time.h"
#include "ingest/alerts/filter.h"

namespace quell::api {
namespace {

constexpr TimeMs kTen = 1787565600000;

// Alert i of psp "p<i mod 3>" starts at ten plus i minutes; the even ones are silenced, of the odd
// ones every third is undecided, the others are duplicates of incident "ab".
std::unique_ptr<store::Store> StoreOf(size_t alerts) {
  auto store = store::OpenSqliteStore(":memory:");
  REQUIRE(store.ok());
  std::vector<store::Effect> effects;
  std::uint64_t sequence = 0;
  for (size_t i = 0; i < alerts; ++i) {
    const TimeMs at = kTen + static_cast<TimeMs>(i) * kMinuteMs;
    const std::string id = std::to_string(i + 1);
    effects.push_back({++sequence, store::EffectKind::kAlert, at, id,
                       R"({"id":)" + id + R"(,"labels":{"psp":"p)" + std::to_string(i % 3) +
                           R"("},"startsAt":")" + FormatRfc3339(at) + "\"}"});
    if (i % 2 == 1 && i % 3 == 0) continue;
    effects.push_back({++sequence, store::EffectKind::kOutcome, at, id,
                       i % 2 == 0 ? "silenced" : "duplicate_of"});
    effects.back().incident_key = i % 2 == 0 ? "cd" : "ab";
  }
  REQUIRE((*store)->Commit("p", effects).ok());
  return *std::move(store);
}

nlohmann::json List(store::Store& store, const AlertListQuery& query) {
  const auto text = ListAlertsJson(store, query);
  REQUIRE(text.ok());
  return nlohmann::json::parse(*text);
}

std::vector<int> Ids(const nlohmann::json& list) {
  std::vector<int> out;
  for (const auto& alert : list["alerts"]) out.push_back(alert["id"].get<int>());
  return out;
}

}  // namespace

TEST_CASE("AlertList: every alert says what became of it, the latest change first", "[api]") {
  const auto store = StoreOf(6);
  const auto list = List(*store, {});
  CHECK(Ids(list) == std::vector<int>{6, 5, 4, 3, 2, 1});
  CHECK(list["next"].is_null());
  CHECK(list["alerts"][0]["reason"] == "duplicate_of");
  CHECK(list["alerts"][0]["incident"] == "ab");
  CHECK(list["alerts"][1]["reason"] == "silenced");
  CHECK(list["alerts"][2]["reason"].is_null());
}

TEST_CASE("AlertList: narrowed by reason, incident, label and time", "[api]") {
  const auto store = StoreOf(12);
  AlertListQuery query;
  query.reasons = {"silenced"};
  CHECK(Ids(List(*store, query)) == std::vector<int>{11, 9, 7, 5, 3, 1});
  query.reasons = {"duplicate_of", std::string(kUndecided)};
  CHECK(Ids(List(*store, query)) == std::vector<int>{12, 10, 8, 6, 4, 2});
  query = {};
  query.incident_key = "ab";
  CHECK(Ids(List(*store, query)) == std::vector<int>{12, 8, 6, 2});
  query.reasons = {"silenced"};
  CHECK(Ids(List(*store, query)).empty());
  query = {};
  query.filters.push_back(*ingest::ParseFilter("psp=\"p1\""));
  CHECK(Ids(List(*store, query)) == std::vector<int>{11, 8, 5, 2});
  query.since = kTen + 4 * kMinuteMs;
  query.until = kTen + 10 * kMinuteMs;
  CHECK(Ids(List(*store, query)) == std::vector<int>{8, 5});
}

TEST_CASE("AlertList: pages go through everything once, whatever is asked for", "[api]") {
  const auto store = StoreOf(1700);
  for (const bool narrow : {false, true}) {
    AlertListQuery query;
    query.limit = 100;
    if (narrow) query.reasons = {"silenced", "duplicate_of"};
    std::vector<int> seen;
    for (int page = 0; page < 40; ++page) {
      const auto list = List(*store, query);
      for (const int id : Ids(list)) seen.push_back(id);
      if (list["next"].is_null()) break;
      query.before = std::stoull(list["next"].get<std::string>());
    }
    CHECK(seen.size() == (narrow ? 1417 : 1700));
    CHECK(std::is_sorted(seen.rbegin(), seen.rend()));
    CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
  }
}

TEST_CASE("AlertList: a filter that little passes reads a bounded number of rows", "[api]") {
  const auto store = StoreOf(6000);
  AlertListQuery query;
  query.filters.push_back(*ingest::ParseFilter("psp=\"none\""));
  const auto list = List(*store, query);
  CHECK(Ids(list).empty());
  REQUIRE(list["next"].is_string());
  query.before = std::stoull(list["next"].get<std::string>());
  CHECK(List(*store, query)["next"].is_null());
}

TEST_CASE("AlertList: a reason that there is not is refused with those that there are", "[api]") {
  CHECK(CheckReason("duplicate_of").ok());
  CHECK(CheckReason("undecided").ok());
  const Status refused = CheckReason("because");
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.find("undecided, paged, duplicate_of, maintenance") !=
        std::string::npos);
}

}  // namespace quell::api
