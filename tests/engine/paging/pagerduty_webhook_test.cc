#include "engine/paging/pagerduty_webhook.h"

#include <catch2/catch.hpp>

namespace quell::paging {
namespace {

constexpr TimeMs kReceived = 1787392800000;  // 2026-08-22T10:00:00Z
// Made with another implementation of HMAC-SHA256.
constexpr const char* kBody =
    R"({"event":{"id":"5ac64822-4adc-4fda-ade0-410becf0de4f","event_type":"incident.resolved"}})";
constexpr const char* kSigned =
    "v1=948515dbec7d67ea3693b7ef6d4277e4f5fadec6aac80d0860eb9b65da91405d";

std::string Event(const std::string& type, const std::string& data,
                  const std::string& agent = R"({"type":"user_reference","summary":"Ada"})") {
  return R"({"event":{"id":"e1","event_type":")" + type +
         R"(","resource_type":"incident","occurred_at":"2026-08-22T09:59:00.000Z","agent":)" +
         agent + R"(,"client":null,"data":)" + data + "}}";
}

std::string Incident(const std::string& more = "") {
  return R"({"id":"PGR0VU2","type":"incident","incident_key":"quell-abc",)"
         R"("html_url":"https://acme.pagerduty.com/incidents/PGR0VU2","status":"x",)"
         R"("priority":{"id":"PSO75BM","summary":"P1"},)"
         R"("assignees":[{"summary":"Ada"},{"summary":"Bob"}])" +
         more + "}";
}

PagerDutyWebhook Parsed(const std::string& body) {
  auto read = ParsePagerDutyWebhook(body, kReceived);
  if (!read.ok()) FAIL(read.error().message);
  REQUIRE(read->has_value());
  return **read;
}

TEST_CASE("Webhook: a signature of any of the secrets, among several, is genuine", "[paging]") {
  const std::vector<std::string> secret = {"test-secret"};
  const std::vector<std::string> two = {"newer", "test-secret"};
  const std::string zeros = "v1=" + std::string(64, '0');
  CHECK(WebhookIsGenuine(kSigned, kBody, secret));
  CHECK(WebhookIsGenuine(kSigned, kBody, two));
  CHECK(WebhookIsGenuine(zeros + "," + kSigned, kBody, two));
  CHECK(WebhookIsGenuine(" " + std::string(kSigned) + " , " + zeros, kBody, secret));
}

TEST_CASE("Webhook: anything else is not", "[paging]") {
  const std::vector<std::string> secret = {"test-secret"};
  const std::string hex = std::string(kSigned).substr(3);
  CHECK_FALSE(WebhookIsGenuine(kSigned, std::string(kBody) + " ", secret));
  CHECK_FALSE(WebhookIsGenuine(kSigned, kBody, {}));
  CHECK_FALSE(WebhookIsGenuine(kSigned, kBody, std::vector<std::string>{"other"}));
  CHECK_FALSE(WebhookIsGenuine(kSigned, kBody, std::vector<std::string>{""}));
  for (const std::string& header :
       {std::string(), hex, "v0=" + hex, "v1=" + hex.substr(1), "v1=" + hex + "0",
        "v1=" + std::string(64, 'g'), std::string(",,,"), "sha256=" + hex}) {
    INFO(header);
    CHECK_FALSE(WebhookIsGenuine(header, kBody, secret));
  }
  // Only so many are looked at.
  std::string many;
  for (int i = 0; i < 20; ++i) many += "v1=" + std::string(64, '0') + ",";
  CHECK_FALSE(WebhookIsGenuine(many + kSigned, kBody, secret));
}

TEST_CASE("Webhook: what was done, by whom, when, and to what", "[paging]") {
  const PagerDutyWebhook read = Parsed(Event("incident.acknowledged", Incident()));
  CHECK(read.dedup_key == "quell-abc");
  CHECK(read.action.kind == HumanActionKind::kAcknowledge);
  CHECK(read.action.id == "e1");
  CHECK(read.action.by == "Ada");
  CHECK(read.action.person);
  CHECK(read.action.at == kReceived - kMinuteMs);
  CHECK(read.action.foreign == "PGR0VU2");
  CHECK(read.action.priority == "P1");
  CHECK(read.action.assignees == std::vector<std::string>{"Ada", "Bob"});
  CHECK(read.action.url == "https://acme.pagerduty.com/incidents/PGR0VU2");
  CHECK(Parsed(Event("incident.unacknowledged", Incident())).action.kind ==
        HumanActionKind::kUnacknowledge);
  CHECK(Parsed(Event("incident.reopened", Incident())).action.kind == HumanActionKind::kReopen);
  for (const char* type : {"incident.triggered", "incident.reassigned", "incident.priority_updated",
                           "incident.escalated", "incident.something_new"}) {
    CHECK(Parsed(Event(type, Incident())).action.kind == HumanActionKind::kDetails);
  }
}

TEST_CASE("Webhook: a resolve of an integration or a timer is no person's", "[paging]") {
  CHECK(Parsed(Event("incident.resolved", Incident())).action.person);
  const auto timer = Parsed(Event("incident.resolved", Incident(), "null")).action;
  CHECK_FALSE(timer.person);
  CHECK(timer.by == "PagerDuty");
  CHECK_FALSE(Parsed(Event("incident.resolved", Incident(),
                           R"({"type":"events_api_v2_inbound_integration_reference","id":"I1"})"))
                  .action.person);
}

TEST_CASE("Webhook: a resolve because of a merge is a merge", "[paging]") {
  const std::string merged =
      R"(,"resolve_reason":{"type":"merge_resolve_reason","incident":{"id":"PTARGET"}})";
  const PagerDutyWebhook read = Parsed(Event("incident.resolved", Incident(merged)));
  CHECK(read.action.kind == HumanActionKind::kMerge);
  CHECK(read.merged_foreign == "PTARGET");
  const std::string other = R"(,"resolve_reason":{"type":"other","incident":{"id":"PTARGET"}})";
  CHECK(Parsed(Event("incident.resolved", Incident(other))).action.kind ==
        HumanActionKind::kResolve);
}

TEST_CASE("Webhook: notes and status updates name the incident by PagerDuty's id", "[paging]") {
  const PagerDutyWebhook note =
      Parsed(Event("incident.annotated", R"({"id":"PN1","type":"incident_note",)"
                                         R"("incident":{"id":"PGR0VU2"},"content":"it is DNS"})"));
  CHECK(note.action.kind == HumanActionKind::kNote);
  CHECK(note.action.foreign == "PGR0VU2");
  CHECK(note.action.text == "it is DNS");
  CHECK(note.dedup_key.empty());
  CHECK(Parsed(Event("incident.status_update_published",
                     R"({"incident":{"id":"PGR0VU2"},"message":"works again"})"))
            .action.text == "works again");
}

TEST_CASE("Webhook: texts are cut, times are not of the future", "[paging]") {
  const std::string note = R"({"incident":{"id":"P"},"content":")" + std::string(9000, 'x') + "\"}";
  CHECK(Parsed(Event("incident.annotated", note)).action.text.size() ==
        incidents::kFeedbackTextMax);
  std::string late = Event("incident.acknowledged", Incident());
  late.replace(late.find("09:59"), 5, "19:59");
  CHECK(Parsed(late).action.at == kReceived);
}

TEST_CASE("Webhook: what is about no incident is nothing, what makes no sense is an error",
          "[paging]") {
  const auto nothing = [](const std::string& body) {
    const auto read = ParsePagerDutyWebhook(body, kReceived);
    return read.ok() && !read->has_value();
  };
  CHECK(nothing(Event("service.updated", R"({"id":"S1"})")));
  CHECK(nothing(Event("pagey.ping", R"({"message":"Hello"})")));
  CHECK(nothing(Event("incident.responder.added", R"({"type":"incident_responder"})")));
  const auto error = [](const std::string& body) {
    const auto read = ParsePagerDutyWebhook(body, kReceived);
    return read.ok() ? std::string() : read.error().message;
  };
  CHECK(error("[]") == "webhook: is not a JSON object");
  CHECK(error("{}") == "webhook: event");
  CHECK(error(R"({"event":{"event_type":"incident.resolved"}})") == "webhook: event.id");
  CHECK(error(R"({"event":{"id":"x"}})") == "webhook: event.event_type");
  CHECK(error(kBody) == "webhook: event.data");
  CHECK(error(R"({"event":{"id":")" + std::string(200, 'x') + R"("}})") == "webhook: event.id");
}

TEST_CASE("What people did reads as it was journaled", "[paging]") {
  HumanAction action = Parsed(Event("incident.acknowledged", Incident())).action;
  action.incident = "k";
  action.page = 2;
  action.text = "n \"quoted\"\n";
  const auto read = ParseHumanAction(HumanActionJson(action));
  REQUIRE(read.ok());
  CHECK(HumanActionJson(*read) == HumanActionJson(action));
  CHECK(read->page == 2);
  CHECK(read->assignees.size() == 2);
  action.kind = HumanActionKind::kMerge;  // into nothing
  CHECK_FALSE(ParseHumanAction(HumanActionJson(action)).ok());
  CHECK_FALSE(ParseHumanAction(R"({"operation":"undo_adoption","adoption":"x"})").ok());
  CHECK_FALSE(ParseHumanAction("{").ok());
}

}  // namespace
}  // namespace quell::paging
