// A notification as the body of a PagerDuty Events API v2 request.
//
// Limits: https://developer.pagerduty.com/docs/events-api-v2-overview/
#pragma once

#include <string>
#include <string_view>

#include "engine/paging/receiver.h"

namespace quell::paging {

inline constexpr size_t kPagerDutySummaryMax = 1024;  // characters
inline constexpr size_t kPagerDutyDedupKeyMax = 255;  // characters
inline constexpr size_t kPagerDutyEventBytesMax = 512000;
inline constexpr size_t kPagerDutyRoutingKeyLength = 32;

// "quell-" and the hex of SHA-256 over the length-prefixed (version, page key): the same over
// restarts, configurations and replicas.
std::string PagerDutyDedupKey(std::string_view page_key);

// Never above kPagerDutyEventBytesMax: members give way from the end ("and 12 more"), then
// changes, then evidence; what and where stays.
// REQUIRES: action is kTrigger, kAcknowledge or kResolve.
std::string PagerDutyEvent(const Notification& notification, const PagerDutyOptions& options);

// A change event: https://developer.pagerduty.com/docs/events-api-v2/send-change-events/.
// REQUIRES: action is kChange.
std::string PagerDutyChange(const Notification& notification, const PagerDutyOptions& options);
// Where changes go if events go to `url`; "" where that does not end with /enqueue.
std::string PagerDutyChangeUrl(std::string_view url);

}  // namespace quell::paging
