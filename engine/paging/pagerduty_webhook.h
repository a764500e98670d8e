// PagerDuty's webhooks (v3): whether one is genuine, and what it says that people did.
//
// https://developer.pagerduty.com/docs/webhooks-overview/ (events, delivery) and
// https://developer.pagerduty.com/docs/verifying-webhook-signatures/. Pure functions.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/paging/human_action.h"

namespace quell::paging {

// PagerDuty sends at most 256 KiB.
inline constexpr size_t kWebhookBytesMax = 512U << 10U;

// `header` is X-PagerDuty-Signature: "v1=HEX,v1=HEX", HMAC-SHA256 of the body's bytes. One that
// fits one of `secrets` will do: both sides have several while a secret is replaced. Takes the same
// time whichever fits.
bool WebhookIsGenuine(std::string_view header, std::string_view body,
                      std::span<const std::string> secrets);

struct PagerDutyWebhook {
  HumanAction action;          // without incident, page and other: they are known by ...
  std::string dedup_key;       // ... the event's incident_key; "" = it has none
  std::string merged_foreign;  // kMerge: PagerDuty's id of what it went into
};

// Nothing for events that say nothing of an incident. kInvalidArgument naming the field.
Result<std::optional<PagerDutyWebhook>> ParsePagerDutyWebhook(std::string_view body,
                                                              TimeMs received_at);

}  // namespace quell::paging
