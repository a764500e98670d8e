// Webhook, Slack and Alertmanager receivers against a server that keeps what it is sent.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "engine/paging/text.h"
#include "tests/engine/paging/delivery_world.h"
#include "tests/support/sink_server.h"

namespace quell::paging {
namespace {

using nlohmann::json;

struct Web {
  Web() {
    auto started = test::SinkServer::Start();
    REQUIRE(started.ok());
    server = *std::move(started);
    options.name = "web";
    options.url = server->url() + "/hook";
  }
  json Last() { return json::parse(server->Requests().back().body); }

  std::unique_ptr<test::SinkServer> server;
  WebOptions options;
};

Notification Sample(Action action = Action::kTrigger) {
  return MakeNotification(action, SampleEvent(incidents::IncidentEventKind::kPage),
                          "https://q.example");
}

TEST_CASE("Webhook receiver: the notification is posted with its token", "[paging]") {
  Web web;
  web.options.bearer_token = "hush-hush";
  const auto receiver = MakeWebhookReceiver(web.options).value();
  CHECK(receiver->Deliver(Sample(Action::kUpdate)).outcome == DeliveryOutcome::kDelivered);
  const test::SunkRequest request = web.server->Requests().at(0);
  CHECK(request.path == "/hook");
  CHECK(request.authorization == "Bearer hush-hush");
  CHECK(request.content_type == "application/json");
  CHECK(FromJson(request.body).value() == Sample(Action::kUpdate));
}

TEST_CASE("Webhook receiver: the schema in docs/formats knows every field", "[paging]") {
  const auto text = ReadFile(QUELL_SOURCE_DIR "/docs/formats/webhook.schema.json");
  REQUIRE(text.ok());
  const json schema = json::parse(*text, nullptr, false);
  REQUIRE(schema.is_object());
  Notification n = Sample();
  n.page_key = "inc#2";
  n.linked_because = "now critical";
  n.linked_incident = "other";
  n.called_lately = true;
  const json full = json::parse(ToJson(n));
  for (const auto& [field, value] : full.items()) {
    INFO(field);
    CHECK(schema["properties"].contains(field));
  }
  CHECK(full.size() == schema["properties"].size());
  const json least = json::parse(ToJson(Notification{}));
  for (const json& field : schema["required"]) CHECK(least.contains(field.get<std::string>()));
  CHECK(least.size() == schema["required"].size());
  const json& member = schema["properties"]["members"]["items"];
  for (const auto& [field, value] : full["members"][0].items()) {
    CHECK(member["properties"].contains(field));
  }
}

TEST_CASE("Web receivers: no secret is in what is said of a failure", "[paging]") {
  Web web;
  web.options.bearer_token = "hush-hush";
  web.options.url += "/T0/secret-path";
  web.options.url_is_secret = true;
  web.server->Answer(400, "no: Bearer hush-hush at " + web.options.url);
  for (const auto& make : {MakeWebhookReceiver, MakeSlackReceiver}) {
    const auto receiver = make(web.options).value();
    const Delivery delivery = receiver->Deliver(Sample());
    CHECK(delivery.outcome == DeliveryOutcome::kRejected);
    CHECK(delivery.detail.find("hush") == std::string::npos);
    CHECK(delivery.detail.find("secret-path") == std::string::npos);
    CHECK(delivery.detail.find("[secret]") != std::string::npos);
  }
  web.options.url = "http://127.0.0.1:1/secret-path";
  const Delivery lost = MakeSlackReceiver(web.options).value()->Deliver(Sample());
  CHECK(lost.outcome == DeliveryOutcome::kRetry);
  CHECK(lost.detail.find("secret-path") == std::string::npos);
}

TEST_CASE("Slack receiver: of a digest as much as fits, the rest is counted", "[paging]") {
  Web web;
  Notification digest;
  digest.action = Action::kDigest;
  digest.incident_key = "digest/2026-08-24";
  digest.summary = "Digest of 2026-08-24: 2 findings that paged nobody";
  digest.evidence = {"team a:", "flapping: failure ratio of psp=<acme>, 10:02 UTC"};
  const auto slack = MakeSlackReceiver(web.options).value();
  REQUIRE(slack->Deliver(digest).outcome == DeliveryOutcome::kDelivered);
  CHECK(web.Last()["text"] ==
        "*[digest]* Digest of 2026-08-24: 2 findings that paged nobody\nteam a:\n"
        "flapping: failure ratio of psp=&lt;acme&gt;, 10:02 UTC");
  for (int i = 0; i < 200; ++i) digest.evidence.push_back(digest.evidence[1]);
  REQUIRE(slack->Deliver(digest).outcome == DeliveryOutcome::kDelivered);
  const auto text = web.Last()["text"].get<std::string>();
  CHECK(CountCharacters(text) <= 3000);
  CHECK_THAT(text, Catch::Matchers::Contains(" more lines"));
}

TEST_CASE("Web receivers: a secret goes out by https alone", "[paging]") {
  WebOptions options;
  options.name = "slack";
  options.url = "http://hooks.example.com/T0/hush";
  options.url_is_secret = true;
  const auto made = MakeSlackReceiver(options);
  REQUIRE_FALSE(made.ok());
  CHECK(made.error().message.find("hush") == std::string::npos);
  options.url = "https://hooks.example.com/T0/hush";
  CHECK(MakeSlackReceiver(options).ok());
}

TEST_CASE("Slack receiver: a text that reads well and harms nothing", "[paging]") {
  Web web;
  const auto receiver = MakeSlackReceiver(web.options).value();
  Notification n = Sample();
  n.summary = "<!channel> a & b";
  n.members.resize(3);
  n.members_total = 500;
  REQUIRE(receiver->Deliver(n).outcome == DeliveryOutcome::kDelivered);
  std::string text = web.Last().at("text");
  CHECK(text.find("*[critical]* &lt;!channel&gt; a &amp; b\n• 3 of 3 detectors agree") == 0);
  CHECK(text.find("◦ and 497 more") != std::string::npos);
  CHECK(text.find("\nhttps://q.example/incidents/inc-0001") != std::string::npos);
  n = Sample(Action::kResolve);
  REQUIRE(receiver->Deliver(n).outcome == DeliveryOutcome::kDelivered);
  text = web.Last().at("text");
  CHECK(text.find("*[resolved]* psp=acme") == 0);
  n = Sample();
  n.evidence.assign(5, std::string(20000, '\xFF'));
  REQUIRE(receiver->Deliver(n).outcome == DeliveryOutcome::kDelivered);
  text = web.Last().at("text");
  CHECK(text.size() < 4 * 3200);
}

class Forwarding {
 public:
  Forwarding() {
    web.options.url = web.server->url() + "/";
    auto made = MakeAlertmanagerReceiver(web.options, world.clock);
    REQUIRE(made.ok());
    receiver_ = *std::move(made);
    world.Use({receiver_.get()});
  }
  ~Forwarding() { world.Use({}); }
  void Run(DurationMs span) {
    for (DurationMs gone = 0; gone < span; gone += 10 * kSecondMs) {
      world.deliverer->RunOnce();
      world.clock.Advance(10 * kSecondMs);
    }
  }
  json LastAlert() {
    const json alerts = web.Last();
    REQUIRE(alerts.size() == 1);
    return alerts[0];
  }
  TimeMs LastEnd() { return ParseTime(LastAlert()["endsAt"].get<std::string>()).value(); }

  Web web;
  World world;

 private:
  std::unique_ptr<Receiver> receiver_;
};

TEST_CASE("Alertmanager receiver: an incident is an alert until it resolves", "[paging]") {
  Forwarding to;
  to.world.Post(Action::kTrigger, "inc", incidents::Severity::kCritical);
  to.Run(10 * kSecondMs);
  CHECK(to.web.server->Requests().at(0).path == "/api/v2/alerts");
  const json alert = to.LastAlert();
  CHECK(alert["labels"] == json({{"alertname", "QuellIncident"},
                                 {"psp", "acme"},
                                 {"quell_page", "inc"},
                                 {"region", "eu"},
                                 {"severity", "critical"}}));
  CHECK(alert["annotations"]["summary"].get<std::string>().find("psp=acme") == 0);
  CHECK(to.LastEnd() >= to.world.clock.WallMs() + 3 * kMinuteMs);
  // For hours it is told again, always with an end ahead.
  const size_t before = to.web.server->Requests().size();
  to.Run(2 * kHourMs);
  const size_t told = to.web.server->Requests().size() - before;
  CHECK(told >= 115);
  CHECK(told <= 121);
  CHECK(to.LastEnd() >= to.world.clock.WallMs() + 2 * kMinuteMs);
  CHECK(to.LastAlert()["labels"] == alert["labels"]);
  // Somebody has it: it goes on all the same.
  to.world.Post(Action::kAcknowledge, "inc");
  to.Run(10 * kMinuteMs);
  CHECK(to.LastEnd() >= to.world.clock.WallMs() + 2 * kMinuteMs);
  to.world.Post(Action::kResolve, "inc");
  to.Run(10 * kSecondMs);
  CHECK(to.LastEnd() <= to.world.clock.WallMs());
  CHECK(to.LastAlert()["labels"] == alert["labels"]);
  const size_t after = to.web.server->Requests().size();
  to.Run(kHourMs);
  CHECK(to.web.server->Requests().size() == after);
}

TEST_CASE("Alertmanager receiver: what an incident becomes does not change its alert", "[paging]") {
  Forwarding to;
  to.world.Post(Action::kTrigger, "inc", incidents::Severity::kWarning);
  to.Run(10 * kSecondMs);
  const json labels = to.LastAlert()["labels"];
  Notification wider = Sample(Action::kUpdate);
  wider.incident_key = "inc";
  wider.scope = Labels{{"region", "eu"}};
  wider.summary = "worse now";
  to.world.PostBody("inc", ToJson(wider), UrgencyOf(wider));
  to.Run(10 * kSecondMs);
  CHECK(to.LastAlert()["labels"] == labels);
  CHECK(to.LastAlert()["annotations"]["summary"] == "worse now");
  to.world.Reopen();  // as after kill -9: it goes on being told
  const size_t before = to.web.server->Requests().size();
  to.Run(5 * kMinuteMs);
  CHECK(to.web.server->Requests().size() >= before + 4);
  CHECK(to.LastAlert()["annotations"]["summary"] == "worse now");
}

TEST_CASE("Alertmanager receiver: an outage of the other side is got over", "[paging]") {
  Forwarding to;
  to.web.server->Answer(503);
  to.world.Post(Action::kTrigger, "inc", incidents::Severity::kCritical);
  to.Run(10 * kMinuteMs);
  CHECK(to.world.Count(OutboxState::kPending) == 1);
  to.web.server->Answer(200);
  to.Run(5 * kMinuteMs);
  CHECK(to.world.Count(OutboxState::kDelivered) == 1);
  to.web.server->Answer(503);
  to.Run(10 * kMinuteMs);
  to.web.server->Answer(200);
  const size_t before = to.web.server->Requests().size();
  to.Run(3 * kMinuteMs);
  CHECK(to.web.server->Requests().size() > before);
  CHECK(to.LastEnd() >= to.world.clock.WallMs());
}

}  // namespace
}  // namespace quell::paging
