// Receiver: a place that pages go to. Implementations: PagerDuty, console, file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/time.h"
#include "engine/paging/notification.h"

namespace quell::paging {

enum class DeliveryOutcome : std::uint8_t {
  kDelivered,
  kRetry,     // a retry may cure it: network, 429, 5xx
  kRejected,  // a retry cannot cure it: other 4xx -> dead letter
  kSkipped,   // the receiver has no use for this action (an update, say)
};
std::string_view DeliveryOutcomeName(DeliveryOutcome outcome);

struct Delivery {
  DeliveryOutcome outcome = DeliveryOutcome::kRetry;
  DurationMs retry_after_ms = 0;  // as the receiver asked; 0 = it did not
  std::string detail;             // for logs and dead letters; never holds a secret
};

class Receiver {
 public:
  virtual ~Receiver() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // One attempt, bounded by the receiver's own deadline. Idempotent by incident key.
  virtual Delivery Deliver(const Notification& notification) = 0;
};

struct PagerDutyOptions {
  std::string url = "https://events.pagerduty.com/v2/enqueue";
  std::string routing_key;   // secret
  std::string ca_file;       // "" = the system's store
  DurationMs timeout_ms = 10 * kSecondMs;
  std::string client = "Quell";
  std::string client_url;    // may be empty
};

// kInvalidArgument naming the field (never its value) if the key is not 32 characters, ...
Result<std::unique_ptr<Receiver>> MakePagerDutyReceiver(const PagerDutyOptions& options);
std::unique_ptr<Receiver> MakeConsoleReceiver();               // a readable block on stdout
Result<std::unique_ptr<Receiver>> MakeFileReceiver(const std::string& path);  // JSON lines, appended

}  // namespace quell::paging
