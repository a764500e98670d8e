// The server's routes for what people do to incidents, and for PagerDuty's webhooks.
#include <charconv>

#include "engine/api/server_state.h"
#include "engine/http/answer.h"
#include "engine/paging/pagerduty_webhook.h"

namespace quell::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kJson = "application/json";

int StatusOf(WebhookOutcome outcome) {
  switch (outcome) {
    case WebhookOutcome::kAccepted:
    case WebhookOutcome::kDuplicate:
    case WebhookOutcome::kUnknown:
    case WebhookOutcome::kIgnored:
      return 202;
    case WebhookOutcome::kNoSecret:
      return 404;
    case WebhookOutcome::kBadSignature:
      return 401;
    case WebhookOutcome::kInvalid:
      return 400;
    case WebhookOutcome::kRefused:
      return 503;
  }
  return 500;
}

// 0, which no dead letter has, where the text is no number.
std::uint64_t NumberOf(const std::string& text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc() && read.ptr == end ? number : 0;
}

}  // namespace

void Server::State::Act(paging::HumanActionKind kind, const httplib::Request& request,
                        httplib::Response& response) {
  const auto asked = ParsePeopleRequest(kind, request.body, WhoAsks(request));
  if (!asked.ok()) return Fail(response, asked.error());
  const Status done = engine.Act(request.matches[1].str(), *asked);
  if (!done.ok()) return Fail(response, done.error());
  response.status = 202;
  response.set_content("{\"status\":\"accepted\"}\n", kJson);
}

void Server::State::AddPeople() {
  front->AddRoute(
      "POST", kWebhookPath, [this](const httplib::Request& request, httplib::Response& response) {
        const WebhookAnswer answer =
            engine.TakeWebhook(request.get_header_value("X-PagerDuty-Signature"), request.body);
        const std::string name(WebhookOutcomeName(answer.outcome));
        response.status = StatusOf(answer.outcome);
        if (response.status == 503) response.set_header("Retry-After", "1");
        if (response.status == 202) return response.set_content(Dump({{"status", name}}), kJson);
        response.set_content(http::ProblemJson(response.status, name, answer.message),
                             http::kProblemType);
      });
  for (const char* action :
       {"acknowledge", "unacknowledge", "resolve", "notes", "merge", "feedback"}) {
    const auto kind = PeopleActionOf(action);
    front->AddRoute("POST", std::string("/api/v1/incidents/([0-9a-f]{1,64})/") + action,
                    [this, kind = *kind](const httplib::Request& request, auto& response) {
                      Act(kind, request, response);
                    });
  }
  front->AddRoute("GET", "/api/v1/feedback",
                  [this](const httplib::Request& request, httplib::Response& response) {
                    Rows(request, response, "feedback", engine.store().Feedback(LimitOf(request)));
                  });
}

void Server::State::AddDeadLetters() {
  front->AddRoute("GET", "/api/v1/dead-letters",
                  [this](const httplib::Request& request, httplib::Response& response) {
                    const auto letters = engine.store().DeadLetters(LimitOf(request));
                    if (!letters.ok()) return Fail(response, letters.error());
                    Json rows = Json::array();
                    for (const store::DeadLetter& one : *letters) {
                      const Json body = Json::parse(one.body, nullptr, false);
                      rows.push_back({{"id", one.id},
                                      {"receiver", one.receiver},
                                      {"at", FormatRfc3339(one.at)},
                                      {"key", one.incident_key},
                                      {"attempts", one.attempts},
                                      {"reason", one.reason},
                                      {"notification", body.is_discarded() ? Json() : body}});
                    }
                    response.set_content(Dump({{"dead_letters", std::move(rows)}}), kJson);
                  });
  front->AddRoute("POST", R"(/api/v1/dead-letters/([0-9a-f]{1,18})/retry)",
                  [this](const httplib::Request& request, httplib::Response& response) {
                    const Status done = engine.RetryDeadLetter(NumberOf(request.matches[1].str()),
                                                               WhoAsks(request));
                    if (!done.ok()) return Fail(response, done.error());
                    response.status = 202;
                    response.set_content("{\"status\":\"accepted\"}\n", kJson);
                  });
}

}  // namespace quell::api
