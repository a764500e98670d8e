// Metrics of what people did to incidents.
#include "engine/api/metrics.h"

namespace quell::api {

std::string RenderPeople(const PeopleCounters& counters, std::uint64_t linked_pages) {
  MetricsText out;
  out.Family("quell_pagerduty_webhooks_total", "counter",
             "Webhooks from PagerDuty, by what became of them.");
  for (size_t i = 0; i < kWebhookOutcomes; ++i) {
    const auto name = std::string(WebhookOutcomeName(static_cast<WebhookOutcome>(i)));
    out.Sample("outcome=\"" + name + "\"", static_cast<double>(counters.webhooks.at(i)));
  }
  out.Family("quell_incident_actions_total", "counter", "What people did over the API.");
  for (const auto kind :
       {paging::HumanActionKind::kAcknowledge, paging::HumanActionKind::kUnacknowledge,
        paging::HumanActionKind::kResolve, paging::HumanActionKind::kNote,
        paging::HumanActionKind::kMerge, paging::HumanActionKind::kFeedback}) {
    out.Sample("action=\"" + std::string(paging::HumanActionName(kind)) + "\"",
               static_cast<double>(counters.actions.at(static_cast<size_t>(kind))));
  }
  out.Family("quell_linked_pages_total", "counter", "Pages beyond the first of their incident.");
  out.Sample("", static_cast<double>(linked_pages));
  return out.text();
}

}  // namespace quell::api
