// PagerDuty's webhooks and what is journaled of them: whatever is taken is within its bounds and
// reads again as it was; a signature of other bytes is never genuine.
#include "engine/paging/pagerduty_webhook.h"
#include "tests/fuzz/fuzz_target.h"

namespace quell::fuzz {
namespace {

constexpr TimeMs kNow = 1'787'000'000'000;

void CheckAction(const paging::HumanAction& action) {
  FUZZ_REQUIRE(!action.id.empty() && action.id.size() <= incidents::kFeedbackIdMax);
  FUZZ_REQUIRE(action.by.size() <= incidents::kFeedbackNameMax);
  FUZZ_REQUIRE(action.text.size() <= incidents::kFeedbackTextMax);
  FUZZ_REQUIRE(action.priority.size() <= incidents::kFeedbackNameMax);
  FUZZ_REQUIRE(action.assignees.size() <= paging::kAssigneesMax);
  FUZZ_REQUIRE(action.url.size() <= paging::kUrlMax);
  FUZZ_REQUIRE(action.foreign.size() <= incidents::kFeedbackIdMax);
}

}  // namespace

std::vector<std::string> Seeds() {
  return {
      R"({"event":{"id":"01","event_type":"incident.resolved","occurred_at":)"
      R"("2026-08-22T10:00:00Z","agent":{"type":"user_reference","summary":"Ada"},"data":{)"
      R"("id":"P1","type":"incident","incident_key":"quell-1","html_url":"https://x/P1",)"
      R"("priority":{"summary":"P1"},"assignees":[{"summary":"Ada"},{"id":"PX"}],)"
      R"("resolve_reason":{"type":"merge_resolve_reason","incident":{"id":"P2"}}}}})",
      R"({"event":{"id":"02","event_type":"incident.annotated","agent":null,"data":{)"
      R"("type":"incident_note","incident":{"id":"P1"},"content":"it is \u00b5"}}})",
      R"({"operation":"people","action":"merge","id":"03","via":"api","at":1787000000000,)"
      R"("incident":"aa","by":"Ada","page":2,"person":false,"other":"bb","text":"t",)"
      R"("assignees":["a"],"feedback":{"id":"03","time":"2026-08-22T10:00:00Z","verdict":"merge",)"
      R"("incident":"aa","other":"bb","by":"Ada","via":"api","reason":"r","scope":{"psp":"a"},)"
      R"("members_total":1,"members":[{"alert":1,"part":1,"labels":{"psp":"a"},)"
      R"("onset":"2026-08-22T10:00:00Z","startsAt":"2026-08-22T10:00:00Z"}]}})",
      "v1=948515dbec7d67ea3693b7ef6d4277e4f5fadec6aac80d0860eb9b65da91405d,v1="};
}

}  // namespace quell::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  const std::string_view bytes = fuzz::View(data, size);
  const auto read = paging::ParsePagerDutyWebhook(bytes, fuzz::kNow);
  if (read.ok() && read->has_value()) {
    paging::HumanAction action = (*read)->action;
    fuzz::CheckAction(action);
    FUZZ_REQUIRE(action.at > 0 && action.at <= fuzz::kNow);
    FUZZ_REQUIRE((action.kind == paging::HumanActionKind::kMerge) ==
                 !(*read)->merged_foreign.empty());
    action.incident = "aa";
    action.other = "bb";
    const std::string json = paging::HumanActionJson(action);
    const auto again = paging::ParseHumanAction(json);
    FUZZ_REQUIRE(again.ok() && paging::HumanActionJson(*again) == json);
  }
  if (const auto action = paging::ParseHumanAction(bytes); action.ok()) {
    fuzz::CheckAction(*action);
    const std::string json = paging::HumanActionJson(*action);
    const auto again = paging::ParseHumanAction(json);
    FUZZ_REQUIRE(again.ok() && paging::HumanActionJson(*again) == json);
  }
  const std::vector<std::string> secrets = {"secret"};
  FUZZ_REQUIRE(!paging::WebhookIsGenuine(bytes, "body", secrets));
  return 0;
}
