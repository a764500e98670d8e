#include "engine/api/alert_view.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "ingest/alerts/filter.h"

namespace quell::api {
namespace {

using Json = nlohmann::json;

constexpr TimeMs kNow = 1'787'000'000'000;

alerts::LiveAlert Live(std::vector<Label> labels, const std::string& url = "") {
  ingest::ReceivedAlert posted;
  posted.labels = std::move(labels);
  posted.annotations = {{"summary", "50 % \"slow\"\n\xC3\xA9"}};
  posted.starts_at = kNow - kMinuteMs;
  posted.ends_at = kNow + kMinuteMs;
  posted.generator_url = url;
  std::string payload;
  const ingest::ReceivedAlert* pointer = &posted;
  ingest::EncodeAlerts({&pointer, 1}, payload);
  const auto rows = *ingest::DecodeAlerts(payload);
  alerts::LiveAlert out;
  out.fingerprint = rows[0].fingerprint;
  out.starts_at = rows[0].starts_at;
  out.ends_at = rows[0].ends_at;
  out.updated_at = kNow - 1;
  out.firing = true;
  out.text = std::make_shared<const std::string>(rows[0].text);
  return out;
}

AlertView View() {
  AlertView view;
  view.now = kNow;
  view.resolve_timeout_ms = 5 * kMinuteMs;
  view.receivers = {"pd", "console"};
  view.received = {Live({{"alertname", "Min"}}), Live({{"alertname", "HighLatency"},
                                                       {"cluster", "c1"},
                                                       {"service", "ledger"},
                                                       {"severity", "critical"}},
                                                      "/graph")};
  incidents::Alert own;
  own.labels = Labels{{"alertname", "payments:failures"}, {"psp", "acme"}};
  own.fingerprint = own.labels.Fingerprint();
  own.signal = "payments:failures";
  own.what = "failure ratio";
  own.unit = "ratio";
  own.evidence.value = 0.38;
  own.evidence.expected = 0.014;
  own.starts_at = kNow - kHourMs;
  view.own = {own};
  return view;
}

void AddSilence(AlertView& view, const std::string& id, const std::string& name,
                const std::string& value, TimeMs starts, TimeMs ends) {
  ingest::Silence silence;
  silence.id = id;
  silence.matchers = {{name, value, true, true}};
  silence.starts_at = starts;
  silence.ends_at = ends;
  silence.comment = "a \"reason\"";
  view.silences.Set(silence, 100);
}

TEST_CASE("Alert list: it has the shape that Alertmanager's clients ask for", "[api]") {
  const Json list = Json::parse(AlertsJson(ListAlerts(View(), {})));
  REQUIRE(list.size() == 3);
  // By fingerprint.
  std::vector<std::string> prints;
  for (const Json& alert : list) {
    prints.push_back(alert["fingerprint"]);
    for (const char* key : {"annotations", "endsAt", "startsAt", "updatedAt", "labels"}) {
      CHECK(alert.contains(key));
    }
    CHECK(alert["receivers"] == Json::parse(R"([{"name":"pd"},{"name":"console"}])"));
    CHECK(alert["status"]["state"] == "active");
    CHECK(alert["status"]["inhibitedBy"].is_array());
    CHECK(alert["status"]["silencedBy"].is_array());
  }
  CHECK(std::is_sorted(prints.begin(), prints.end()));
  const auto at = std::find(prints.begin(), prints.end(), "f34d5495bdc3c2c4");
  REQUIRE(at != prints.end());
  const Json& alert = list[static_cast<size_t>(at - prints.begin())];
  CHECK(alert["labels"]["service"] == "ledger");
  CHECK(alert["annotations"]["summary"] == "50 % \"slow\"\n\xC3\xA9");
  CHECK(alert["generatorURL"] == "/graph");
  CHECK(alert["endsAt"] == FormatRfc3339(kNow + kMinuteMs));
}

TEST_CASE("Alert list: Quell's own alerts have the same shape and say what is seen", "[api]") {
  AlertView view = View();
  view.received.clear();
  view.external_url = "https://quell";
  const Json list = Json::parse(AlertsJson(ListAlerts(view, {})));
  REQUIRE(list.size() == 1);
  CHECK(list[0]["labels"]["psp"] == "acme");
  CHECK(list[0]["annotations"]["summary"] == "failure ratio of psp=acme 38 % (expected 1.4 %)");
  CHECK(list[0]["generatorURL"] == "https://quell");
  CHECK(list[0]["endsAt"] == FormatRfc3339(kNow + 5 * kMinuteMs));
}

TEST_CASE("Alert list: it is narrowed by filters, receivers and states", "[api]") {
  AlertView view = View();
  AddSilence(view, "s-1", "psp", "ac.*", kNow - 1, kNow + 1);
  const auto count = [&](const AlertQuery& query) { return ListAlerts(view, query).size(); };
  AlertQuery query;
  query.filters = {*ingest::ParseFilter("alertname=~\"High.*\"")};
  CHECK(count(query) == 1);
  query = {};
  query.silenced = false;
  CHECK(count(query) == 2);
  query = {};
  query.active = false;
  CHECK(count(query) == 1);
  const Json silenced = Json::parse(ListAlerts(view, query)[0].json);
  CHECK(silenced["status"]["state"] == "suppressed");
  CHECK(silenced["status"]["silencedBy"] == Json::parse(R"(["s-1"])"));
  query = {};
  query.receiver = {*Matcher::Create(MatchOp::kRegex, "receiver", "p.")};
  CHECK(count(query) == 3);
  query.receiver = {*Matcher::Create(MatchOp::kRegex, "receiver", "p")};
  CHECK(count(query) == 0);
  view.received[0].ends_at = kNow;
  CHECK(count({}) == 2);
}

TEST_CASE("Alert groups: by labels, once a receiver", "[api]") {
  const AlertView view = View();
  const Json one = Json::parse(AlertGroupsJson(view, {}, {}));
  REQUIRE(one.size() == 2);
  CHECK(one[0]["labels"] == Json::object());
  CHECK(one[0]["alerts"].size() == 3);
  CHECK(one[0]["receiver"]["name"] == "pd");
  const Json by_name = Json::parse(AlertGroupsJson(view, {}, {"alertname"}));
  REQUIRE(by_name.size() == 6);
  CHECK(by_name[0]["labels"] == Json::parse(R"({"alertname":"HighLatency"})"));
  CHECK(by_name[0]["alerts"].size() == 1);
  CHECK(Json::parse(AlertGroupsJson(view, {}, {"..."})).size() == 6);
  CHECK(Json::parse(AlertGroupsJson(view, {}, {"severity"})).size() == 4);
}

TEST_CASE("Silence list: active, then pending, then expired", "[api]") {
  AlertView view = View();
  AddSilence(view, "e-1", "a", "x", kNow - 9, kNow - 2);
  AddSilence(view, "e-2", "a", "x", kNow - 9, kNow - 1);
  AddSilence(view, "p-1", "a", "x", kNow + 2, kNow + 3);
  AddSilence(view, "p-2", "a", "x", kNow + 1, kNow + 3);
  AddSilence(view, "a-1", "b", "y", kNow - 1, kNow + 9);
  AddSilence(view, "a-2", "a", "x", kNow - 1, kNow + 8);
  const Json list = Json::parse(SilencesJson(view, {}));
  std::string ids;
  for (const Json& silence : list) ids += silence["id"].get<std::string>() + ' ';
  CHECK(ids == "a-2 a-1 p-2 p-1 e-2 e-1 ");
  CHECK(list[0]["status"]["state"] == "active");
  CHECK(list[0]["comment"] == "a \"reason\"");
  CHECK(list[0]["matchers"][0] ==
        Json::parse(R"({"isEqual":true,"isRegex":true,"name":"a","value":"x"})"));
  const std::vector<Matcher> filters = {*ingest::ParseFilter("b=y")};
  CHECK(Json::parse(SilencesJson(view, filters)).size() == 1);
}

}  // namespace
}  // namespace quell::api
