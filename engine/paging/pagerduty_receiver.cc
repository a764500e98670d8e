// PagerDuty Events API v2 over HTTPS.
#include <algorithm>

#include "core/hash.h"
#include "engine/paging/http_delivery.h"
#include "engine/paging/pagerduty_event.h"
#include "engine/paging/receiver.h"

namespace quell::paging {
namespace {

class PagerDutyReceiver final : public Receiver {
 public:
  explicit PagerDutyReceiver(PagerDutyOptions options)
      : options_(std::move(options)),
        http_(Target(options_, options_.url)),
        changes_(Target(options_, PagerDutyChangeUrl(options_.url))) {}

  [[nodiscard]] std::string_view name() const override { return options_.name; }
  // Whose key it is must not be told by what is remembered of it.
  [[nodiscard]] RateLimit rate_limit() const override {
    return {options_.per_minute, "pagerduty " + Sha256Hex(options_.routing_key)};
  }
  [[nodiscard]] bool Wants(Action action) const override {
    return action == Action::kTrigger || action == Action::kResolve ||
           action == Action::kAcknowledge || (action == Action::kChange && options_.change_events);
  }

  Delivery Deliver(const Notification& notification) override {
    if (!Wants(notification.action)) {
      return {DeliveryOutcome::kSkipped, 0, false, "an update under an open key notifies nobody"};
    }
    if (notification.action == Action::kChange) {
      return changes_.Post(PagerDutyChange(notification, options_));
    }
    return http_.Post(PagerDutyEvent(notification, options_));
  }

 private:
  static HttpTarget Target(const PagerDutyOptions& options, const std::string& url) {
    return {url, options.ca_file, options.timeout_ms, "", {options.routing_key}};
  }

  const PagerDutyOptions options_;
  HttpDelivery http_;
  HttpDelivery changes_;
};

Error BadField(std::string_view field, std::string_view rule) {
  return MakeError(ErrorCode::kInvalidArgument,
                   "pagerduty " + std::string(field) + " " + std::string(rule));
}

}  // namespace

Result<std::unique_ptr<Receiver>> MakePagerDutyReceiver(const PagerDutyOptions& options) {
  const std::string& key = options.routing_key;
  const bool plain = std::all_of(key.begin(), key.end(), [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  if (key.size() != kPagerDutyRoutingKeyLength || !plain) {
    return BadField("routing_key", "must be 32 letters and digits (it has " +
                                       std::to_string(key.size()) + " characters)");
  }
  if (!IsSafeUrl(options.url)) {
    return BadField("url", "must begin with https:// (plain http only to this host)");
  }
  if (options.timeout_ms <= 0) {
    return BadField("timeout",
                    "must be above zero, not " + std::to_string(options.timeout_ms) + " ms");
  }
  if (options.per_minute < 1) return BadField("per_minute", "must be at least 1");
  if (options.change_events && PagerDutyChangeUrl(options.url).empty()) {
    return BadField("url", "must end with /enqueue where change_events is true");
  }
  if (options.name.empty()) return BadField("name", "must not be empty");
  return std::unique_ptr<Receiver>(std::make_unique<PagerDutyReceiver>(options));
}

}  // namespace quell::paging
