#include "engine/api/incident_list.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/time.h"
#include "ingest/alerts/filter.h"

namespace quell::api {
namespace {

using Json = nlohmann::json;

constexpr TimeMs kTen = 1787565600000;

// Incident i began at ten plus i minutes, in place "p<i mod 3>", of which a second member is lane
// "l<i>"; the even ones are resolved, every fifth is critical.
std::unique_ptr<store::Store> StoreOf(int incidents) {
  auto store = store::OpenSqliteStore(":memory:");
  REQUIRE(store.ok());
  std::vector<store::Effect> effects;
  for (int i = 0; i < incidents; ++i) {
    const TimeMs at = kTen + i * kMinuteMs;
    const std::string place = "p" + std::to_string(i % 3);
    const nlohmann::ordered_json body = {
        {"id", i},
        {"key", std::to_string(i)},
        {"state", i % 2 == 0 ? "resolved" : "open"},
        {"severity", i % 5 == 0 ? "critical" : "warning"},
        {"onset", FormatRfc3339(at)},
        {"summary", "failure of PSP=" + place + " <b>"},
        {"scope", {{"psp", place}}},
        {"evidence", Json::array({"state\":\"held"})},
        {"members", Json::array({{{"labels", {{"psp", place}, {"lane", "l" + std::to_string(i)}}},
                                  {"reason", "paged"},
                                  {"why_joined", "x"}}})}};
    effects.push_back({static_cast<std::uint64_t>(i + 1), store::EffectKind::kIncident, at,
                       std::to_string(i), body.dump()});
  }
  REQUIRE((*store)->Commit("p", effects).ok());
  return *std::move(store);
}

Json List(store::Store& store, const IncidentListQuery& query) {
  const auto text = ListIncidentsJson(store, query);
  REQUIRE(text.ok());
  return Json::parse(*text);
}

std::vector<int> Ids(const Json& list) {
  std::vector<int> out;
  for (const Json& one : list["incidents"]) out.push_back(one["id"].get<int>());
  return out;
}

}  // namespace

TEST_CASE("IncidentList: narrowed by state, severity, labels, words and time", "[api]") {
  const auto store = StoreOf(12);
  CHECK(Ids(List(*store, {})).size() == 12);
  IncidentListQuery query;
  query.states = {"open"};
  CHECK(Ids(List(*store, query)) == std::vector<int>{11, 9, 7, 5, 3, 1});
  query.severities = {"critical"};
  CHECK(Ids(List(*store, query)) == std::vector<int>{5});
  query.states = {"held"};  // which only stands in a text
  query.severities = {};
  CHECK(Ids(List(*store, query)).empty());
  query = {};
  query.filters = {*ingest::ParseFilter("psp=\"p1\"")};
  CHECK(Ids(List(*store, query)) == std::vector<int>{10, 7, 4, 1});
  query.filters.push_back(*ingest::ParseFilter("lane=~\"l1|l7\""));  // of a member
  CHECK(Ids(List(*store, query)) == std::vector<int>{7, 1});
  query = {};
  query.words = *SearchWords("PSP=p2  L11");
  CHECK(Ids(List(*store, query)) == std::vector<int>{11});
  query = {};
  query.since = kTen + 3 * kMinuteMs;
  query.until = kTen + 6 * kMinuteMs;
  CHECK(Ids(List(*store, query)) == std::vector<int>{5, 4, 3});
}

TEST_CASE("IncidentList: pages follow one another without a gap, narrowed or not", "[api]") {
  const auto store = StoreOf(1203);
  for (const bool open : {false, true}) {
    IncidentListQuery query;
    query.limit = 100;
    if (open) query.states = {"open"};
    std::vector<int> all;
    for (;;) {
      const Json list = List(*store, query);
      for (const int id : Ids(list)) all.push_back(id);
      if (list["next"].is_null()) break;
      query.before = std::stoull(list["next"].get<std::string>());
    }
    REQUIRE(all.size() == (open ? 601 : 1203));
    for (size_t i = 1; i < all.size(); ++i) CHECK(all[i] == all[i - 1] - (open ? 2 : 1));
  }
}

TEST_CASE("IncidentList: what little passes is looked for among a bounded number", "[api]") {
  const auto store = StoreOf(static_cast<int>(IncidentListQuery::kReadMax) + 700);
  IncidentListQuery query;
  query.words = *SearchWords("lane=l3");
  query.limit = 1000;
  query.filters = {*ingest::ParseFilter("lane=\"l3\"")};
  const Json first = List(*store, query);
  CHECK(first["incidents"].empty());
  REQUIRE(first["next"].is_string());
  query.before = std::stoull(first["next"].get<std::string>());
  const Json second = List(*store, query);
  CHECK(Ids(second) == std::vector<int>{3});
  CHECK(second["next"].is_null());
}

TEST_CASE("IncidentList: what people did is told, and brief ones are their heads", "[api]") {
  const auto store = StoreOf(2);
  REQUIRE(store->Commit("q", {{9, store::EffectKind::kPeople, kTen, "1", R"({"notes":[]})"}}).ok());
  IncidentListQuery query;
  query.brief = true;
  const Json list = List(*store, query);
  CHECK(list["incidents"][0]["people"]["notes"].empty());
  CHECK_FALSE(list["incidents"][1].contains("people"));
  CHECK(list["incidents"][0]["member_count"] == 1);
  CHECK_FALSE(list["incidents"][0].contains("members"));
}

TEST_CASE("IncidentList: values that there are not are named with those that there are", "[api]") {
  CHECK(CheckIncidentState("open").ok());
  CHECK(CheckIncidentSeverity("critical").ok());
  CHECK(CheckIncidentState("Open").error().message ==
        "state must be one of held, open, resolved, merged, suppressed");
  CHECK(CheckIncidentSeverity("").error().message ==
        "severity must be one of info, warning, error, critical");
  CHECK_FALSE(SearchWords("1 2 3 4 5 6 7 8 9 10 11").ok());
}

TEST_CASE("PagesJson: pages of all keys of an incident, in order of time", "[api]") {
  const auto store = StoreOf(1);
  std::uint64_t sequence = 10;
  std::vector<store::Effect> effects;
  for (const char* key : {"0", "0#2", "0#3", "1"}) {
    const TimeMs at = kTen + (std::string(key) == "0#3" ? 1 : 2) * kMinuteMs;
    effects.push_back({++sequence, store::EffectKind::kOutbox, at, key, R"({"action":"trigger"})"});
  }
  REQUIRE(store->Commit("q", effects).ok());
  for (std::uint64_t row = 11; row <= sequence; ++row) {
    store::DeliveryRow delivery;
    delivery.sequence = row;
    delivery.receiver = "pagerduty";
    delivery.state = store::OutboxState::kDelivered;
    REQUIRE(store->UpdateDelivery(delivery, {"pagerduty"}).ok());
  }
  const auto pages = PagesJson(*store, "0");
  REQUIRE(pages.ok());
  std::vector<int> numbers;
  for (const auto& page : (*pages)["pages"]) numbers.push_back(page["page"].get<int>());
  CHECK(numbers == std::vector<int>{3, 1, 2});
}

}  // namespace quell::api
