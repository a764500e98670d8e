// Receiver: a place that pages go to. Implementations: PagerDuty, Alertmanager, Slack, webhook,
// console, file.
//
// Thread-compatible: the deliverer gives each receiver one thread, hence one attempt at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/result.h"
#include "core/time.h"
#include "engine/paging/notification.h"

namespace quell::paging {

enum class DeliveryOutcome : std::uint8_t {
  kDelivered,
  kRetry,     // a retry may cure it: network, 429, 5xx
  kRejected,  // a retry cannot cure it: other 4xx -> dead letter
  kSkipped,   // the receiver has no use for this action (an update, say)
};
std::string_view DeliveryOutcomeName(DeliveryOutcome outcome);  // "delivered", "retry", ...

struct Delivery {
  DeliveryOutcome outcome = DeliveryOutcome::kRetry;
  DurationMs retry_after_ms = 0;  // as the receiver asked; 0 = it did not
  bool maybe_taken = false;  // kRetry without a clear no: the receiver may have it all the same
  std::string detail;        // for logs and dead letters; never holds a secret
};

// How often a receiver may be asked.
struct RateLimit {
  int per_minute = 0;     // 0 = as often as there is something to say
  std::string shared_by;  // receivers that say the same here count as one; "" = its own
};

class Receiver {
 public:
  virtual ~Receiver() = default;
  // Under which deliveries are recorded in the store: unique among receivers, the same over
  // restarts.
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual RateLimit rate_limit() const { return {}; }
  // False where Deliver() would skip it without asking anybody.
  [[nodiscard]] virtual bool Wants(Action action) const {
    return action != Action::kChange && action != Action::kAcknowledge;
  }
  // Above 0: open pages are told again so often, as updates, and all of a page's notifications come
  // with the scope and the severity of its first.
  [[nodiscard]] virtual DurationMs repeat_ms() const { return 0; }
  // One attempt, bounded by the receiver's own deadline. Idempotent by incident key.
  virtual Delivery Deliver(const Notification& notification) = 0;
};

// Asked delays are cut to this, so that a slip of the other side cannot silence paging.
inline constexpr DurationMs kRetryAfterMaxMs = 5 * kMinuteMs;

struct PagerDutyOptions {
  std::string name = "pagerduty";
  std::string url = "https://events.pagerduty.com/v2/enqueue";  // https; http to loopback only
  std::string routing_key;                                      // secret; 32 letters and digits
  std::string ca_file;                                          // PEM; "" = the system's store
  DurationMs timeout_ms = 10 * kSecondMs;                       // > 0
  std::string client = "Quell";
  std::string client_url;      // may be empty
  int per_minute = 120;        // requests with one routing key, as PagerDuty allows; >= 1
  bool change_events = false;  // tells announced changes, too; the key is a service's, then
};

// PagerDuty Events API v2: trigger, acknowledge and resolve under one dedup key a page. An update
// is skipped: a second trigger under an open key notifies nobody and is not shown. Changes go to
// the address beside it, .../v2/change/enqueue. kInvalidArgument naming the field (never its value)
// if the key is not 32 characters, ...
Result<std::unique_ptr<Receiver>> MakePagerDutyReceiver(const PagerDutyOptions& options);

struct WebOptions {
  std::string name;
  std::string url;                         // http or https; Alertmanager's base address
  bool url_is_secret = false;              // whoever knows it may post, as with Slack's
  std::string bearer_token;                // secret; "" = none
  std::string ca_file;                     // PEM; "" = the system's store
  DurationMs timeout_ms = 10 * kSecondMs;  // > 0
  int per_minute = 60;                     // requests; 0 = any number
};

// notification.h's ToJson (docs/formats/webhook.schema.json), posted.
Result<std::unique_ptr<Receiver>> MakeWebhookReceiver(const WebOptions& options);

// {"text": ...} as Slack's incoming webhooks (and those of others) take it.
Result<std::unique_ptr<Receiver>> MakeSlackReceiver(const WebOptions& options);

// Pages as alerts for POST /api/v2/alerts, told again every minute with an end four minutes ahead,
// as Prometheus does. `clock` must outlive it.
Result<std::unique_ptr<Receiver>> MakeAlertmanagerReceiver(const WebOptions& options, Clock& clock);

// A readable block on stdout.
std::unique_ptr<Receiver> MakeConsoleReceiver(const std::string& name);

// JSON lines (notification.h's ToJson), appended and synced one by one. The file is opened for
// each, so it may be rotated. kIo if it cannot be opened.
Result<std::unique_ptr<Receiver>> MakeFileReceiver(const std::string& name,
                                                   const std::string& path);

}  // namespace quell::paging
