// What people do to incidents, at PagerDuty and over the API: into the journal, and what is kept of
// it.
#include "engine/api/engine.h"
#include "engine/api/uuid.h"
#include "engine/incidents/feedback_book.h"
#include "engine/paging/pagerduty_webhook.h"

namespace quell::api {
namespace {

using paging::HumanAction;
using paging::HumanActionKind;

constexpr DurationMs kWaitMs = 2 * kSecondMs;

bool IsOver(const std::string& state) { return state != "open" && state != "held"; }

}  // namespace

std::string_view WebhookOutcomeName(WebhookOutcome outcome) {
  static constexpr std::array<std::string_view, kWebhookOutcomes> kNames = {
      "accepted",  "duplicate",     "unknown", "ignored",
      "no_secret", "bad_signature", "invalid", "refused"};
  return kNames.at(static_cast<size_t>(outcome));
}

void Engine::UseWebhookSecrets(const config::Config& config) {
  const std::lock_guard lock(webhook_mutex_);
  webhook_secrets_ = config.webhook_secrets;
}

WebhookAnswer Engine::TakeWebhook(std::string_view signature, std::string_view body) {
  WebhookAnswer answer = JudgeWebhook(signature, body);
  ++people_counters_.webhooks.at(static_cast<size_t>(answer.outcome));
  return answer;
}

WebhookAnswer Engine::JudgeWebhook(std::string_view signature, std::string_view body) {
  std::vector<std::string> secrets;
  {
    const std::lock_guard lock(webhook_mutex_);
    secrets = webhook_secrets_;
  }
  if (secrets.empty()) {
    return {WebhookOutcome::kNoSecret, "no secret is configured under pagerduty_webhook.secrets"};
  }
  if (!paging::WebhookIsGenuine(signature, body, secrets)) {
    return {WebhookOutcome::kBadSignature, "X-PagerDuty-Signature fits none of the secrets"};
  }
  auto parsed = paging::ParsePagerDutyWebhook(body, clock_.WallMs());
  if (!parsed.ok()) return {WebhookOutcome::kInvalid, parsed.error().message};
  if (!parsed->has_value()) return {WebhookOutcome::kIgnored, ""};
  // What came before, in PagerDuty's order, is known to the pipeline first.
  if (!ready_ || !WaitApplied(journal_->LastSequence(), kWaitMs)) {
    return {WebhookOutcome::kRefused, "the engine is behind: try again"};
  }
  HumanAction& action = (*parsed)->action;
  {
    const std::lock_guard lock(pipeline_mutex_);
    const paging::PeopleBook& people = pipeline_->people();
    if (people.Knows(action.id)) return {WebhookOutcome::kDuplicate, ""};
    const auto page = people.Find((*parsed)->dedup_key, action.foreign);
    if (!page) return {WebhookOutcome::kUnknown, ""};
    action.incident = page->incident;
    action.page = page->page;
    if (action.kind == HumanActionKind::kMerge) {
      const auto other = people.Find("", (*parsed)->merged_foreign);
      if (other) action.other = other->incident;
    }
  }
  if (action.kind == HumanActionKind::kMerge && action.other.empty()) {
    action.kind = HumanActionKind::kResolve;
    action.text =
        "merged at PagerDuty into " + (*parsed)->merged_foreign + ", which is not Quell's";
  }
  if (action.kind == HumanActionKind::kMerge && action.other != action.incident) {
    const Status labelled = AddMergeLabel(action);
    if (!labelled.ok()) return {WebhookOutcome::kRefused, labelled.error().message};
  }
  const Status appended = AppendAction(std::move(action));
  if (!appended.ok()) return {WebhookOutcome::kRefused, appended.error().message};
  return {WebhookOutcome::kAccepted, ""};
}

// A merge of people says that the two were one: what both were is kept with it.
Status Engine::AddMergeLabel(HumanAction& action) {
  QUELL_ASSIGN(const auto incident, store_->Incident(action.incident));
  QUELL_ASSIGN(const auto other, store_->Incident(action.other));
  if (!incident || !other) return Ok{};
  PeopleRequest request;
  request.verdict = incidents::FeedbackVerdict::kMerge;
  auto made = MakeFeedback(request, incident->body, other->body);
  if (made.ok()) action.feedback = *std::move(made);
  return Ok{};
}

Result<std::string> Engine::IncidentBody(const std::string& key) {
  QUELL_ASSIGN(auto row, store_->Incident(key));
  if (!row) return MakeError(ErrorCode::kNotFound, "no incident " + key);
  return std::move(row->body);
}

Status Engine::Act(const std::string& incident, const PeopleRequest& request) {
  if (!ready_) {
    return MakeError(ErrorCode::kUnavailable, "the journal is still being learned: try again");
  }
  QUELL_ASSIGN(const std::string body, IncidentBody(incident));
  const bool needs_open =
      request.kind != HumanActionKind::kNote && request.kind != HumanActionKind::kFeedback;
  const std::string state = IncidentStateOf(body);
  if (needs_open && IsOver(state)) {
    return MakeError(ErrorCode::kInvalidArgument, "incident " + incident + " is over: " + state);
  }
  std::string other;
  if (!request.other.empty()) {
    if (request.other == incident) {
      return MakeError(ErrorCode::kInvalidArgument, "an incident cannot be merged with itself");
    }
    QUELL_ASSIGN(other, IncidentBody(request.other));
    if (needs_open && IsOver(IncidentStateOf(other))) {
      return MakeError(
          ErrorCode::kInvalidArgument,
          "incident " + request.other + " is over: say with feedback that it was the same trouble");
    }
  }
  HumanAction action;
  action.kind = request.kind;
  QUELL_ASSIGN(action.id, NewUuid());
  action.via = "api";
  action.at = clock_.WallMs();
  action.incident = incident;
  action.by = request.by;
  if (request.kind == HumanActionKind::kMerge || request.kind == HumanActionKind::kFeedback) {
    QUELL_ASSIGN(action.feedback, MakeFeedback(request, body, other));
    action.other = request.other;
    if (request.verdict == incidents::FeedbackVerdict::kSplit) action.alerts = request.alerts;
  } else {
    action.text = request.text;
  }
  ++people_counters_.actions.at(static_cast<size_t>(action.kind));
  QUELL_TRY(AppendAction(std::move(action)));
  WaitApplied(journal_->LastSequence(), kWaitMs);  // so that who asks next sees it
  return Ok{};
}

// People write what they like: cards and addresses in it must not be stored.
Status Engine::AppendAction(HumanAction action) {
  const auto mask = [this](std::string& text) {
    text = redactor_->Text(text, redaction_counters_);
  };
  for (std::string* text : {&action.text, &action.by, &action.priority}) mask(*text);
  for (std::string& one : action.assignees) mask(one);
  if (action.feedback) {
    incidents::Feedback& feedback = *action.feedback;
    mask(feedback.reason);
    feedback.id = action.id;
    feedback.at = action.at;
    feedback.incident = action.incident;
    feedback.other = action.other;
    feedback.by = action.by;
    feedback.via = action.via;
  }
  const auto appended = journal_->Append(ingest::RecordKind::kOperation, clock_.WallMs(),
                                         paging::HumanActionJson(action));
  if (!appended.ok()) return appended.error();
  wake_.notify_one();
  return Ok{};
}

// What was said before the journal begins is not learned from it.
Status Engine::SeedFeedback(pipeline::Pipeline& pipeline) {
  QUELL_ASSIGN(const auto rows, store_->Feedback(incidents::kFeedbackMax));
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    const auto read = incidents::ParseFeedbackJson(row->body);
    if (read.ok()) pipeline.AddFeedback(*read);
  }
  return Ok{};
}

}  // namespace quell::api
