// PagerDuty Events API v2 over HTTPS: status -> delivered, retry or reject.
#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "core/hash.h"
#include "core/http_client.h"
#include "engine/paging/pagerduty_event.h"
#include "engine/paging/receiver.h"
#include "engine/paging/retry_after.h"
#include "engine/paging/text.h"

namespace quell::paging {
namespace {

using nlohmann::json;

// "Retrying with each request 30 s apart" is PagerDuty's advice for 429.
constexpr DurationMs kRateLimitedMs = 30 * kSecondMs;
constexpr size_t kAnswerBytesMax = 1U << 20U;
constexpr size_t kDetailMax = 300;  // characters

// What the server says, as one short line: "Event object is invalid: summary is missing".
std::string ServerMessage(const std::string& body) {
  const json answer = json::parse(body, nullptr, false);
  if (!answer.is_object()) return body;
  std::string text;
  if (const auto it = answer.find("message"); it != answer.end() && it->is_string()) {
    text = it->get<std::string>();
  }
  if (const auto it = answer.find("errors"); it != answer.end() && it->is_array()) {
    for (const json& error : *it) {
      if (!error.is_string()) continue;
      text += (text.empty() ? "" : "; ") + error.get<std::string>();
    }
  }
  return text;
}

// Removes `secret` however it is capitalised.
std::string Without(std::string text, const std::string& secret) {
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  };
  constexpr std::string_view kMask = "[routing key]";
  for (size_t from = 0;;) {
    const auto begin = text.begin() + static_cast<std::ptrdiff_t>(from);
    const auto it = std::search(begin, text.end(), secret.begin(), secret.end(), same);
    if (it == text.end()) return text;
    from = static_cast<size_t>(it - text.begin());
    text.replace(from, secret.size(), kMask);
    from += kMask.size();
  }
}

class PagerDutyReceiver final : public Receiver {
 public:
  explicit PagerDutyReceiver(PagerDutyOptions options) : options_(std::move(options)) {}

  [[nodiscard]] std::string_view name() const override { return options_.name; }

  // Whose key it is must not be told by what is remembered of it.
  [[nodiscard]] RateLimit rate_limit() const override {
    return {options_.per_minute, "pagerduty " + Sha256Hex(options_.routing_key)};
  }
  [[nodiscard]] bool Wants(Action action) const override { return action != Action::kUpdate; }

  Delivery Deliver(const Notification& notification) override {
    if (!Wants(notification.action)) {
      return {DeliveryOutcome::kSkipped, 0, false, "an update under an open key notifies nobody"};
    }
    HttpRequest request;
    request.method = "POST";
    request.url = options_.url;
    request.headers = {{"Content-Type", "application/json"}, {"User-Agent", "Quell"}};
    request.body = PagerDutyEvent(notification, options_);
    request.timeout_ms = options_.timeout_ms;
    request.response_bytes_max = kAnswerBytesMax;
    request.ca_file = options_.ca_file;
    const Result<HttpResponse> response = client_.Send(request);
    if (!response.ok()) {
      return {DeliveryOutcome::kRetry, 0, true, Clean("no answer: " + response.error().message)};
    }
    return Judge(*response);
  }

 private:
  [[nodiscard]] Delivery Judge(const HttpResponse& response) const {
    const int status = response.status;
    const std::string message = ServerMessage(response.body);
    const std::string detail =
        Clean("HTTP " + std::to_string(status) + (message.empty() ? "" : ": " + message));
    if (status >= 200 && status < 300) return {DeliveryOutcome::kDelivered, 0, false, detail};
    if (status >= 400 && status < 500 && status != 429) {
      return {DeliveryOutcome::kRejected, 0, false, detail};
    }
    // "Retry at once" cannot be meant by who has just refused.
    std::optional<DurationMs> asked =
        ParseRetryAfter(response.Header("retry-after"), response.Header("date"));
    if (asked == 0) asked.reset();
    // 429 says "not ingested"; 5xx and anything odd in between leaves it open.
    if (status == 429) {
      return {DeliveryOutcome::kRetry, asked.value_or(kRateLimitedMs), false, detail};
    }
    return {DeliveryOutcome::kRetry, asked.value_or(0), true, detail};
  }

  [[nodiscard]] std::string Clean(const std::string& text) const {
    return CutText(OneLine(Without(text, options_.routing_key)), kDetailMax);
  }

  PagerDutyOptions options_;
  HttpClient client_;
};

Error BadField(std::string_view field, std::string_view rule) {
  return MakeError(ErrorCode::kInvalidArgument,
                   "pagerduty " + std::string(field) + " " + std::string(rule));
}

bool IsLoopbackHttp(std::string_view url) {
  for (const std::string_view host : {"http://127.0.0.1", "http://localhost", "http://[::1]"}) {
    if (!url.starts_with(host)) continue;
    const std::string_view rest = url.substr(host.size());
    if (rest.empty() || rest[0] == ':' || rest[0] == '/') {
      return rest.find('@') == std::string_view::npos;
    }
  }
  return false;
}

}  // namespace

std::string_view DeliveryOutcomeName(DeliveryOutcome outcome) {
  switch (outcome) {
    case DeliveryOutcome::kDelivered:
      return "delivered";
    case DeliveryOutcome::kRetry:
      return "retry";
    case DeliveryOutcome::kRejected:
      return "rejected";
    case DeliveryOutcome::kSkipped:
      return "skipped";
  }
  return "retry";
}

Result<std::unique_ptr<Receiver>> MakePagerDutyReceiver(const PagerDutyOptions& options) {
  const std::string& key = options.routing_key;
  const bool plain = std::all_of(key.begin(), key.end(), [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  if (key.size() != kPagerDutyRoutingKeyLength || !plain) {
    return BadField("routing_key", "must be 32 letters and digits (it has " +
                                       std::to_string(key.size()) + " characters)");
  }
  if (!options.url.starts_with("https://") && !IsLoopbackHttp(options.url)) {
    return BadField("url", "must begin with https:// (plain http only to this host)");
  }
  if (options.timeout_ms <= 0) {
    return BadField("timeout",
                    "must be above zero, not " + std::to_string(options.timeout_ms) + " ms");
  }
  if (options.per_minute < 1) return BadField("per_minute", "must be at least 1");
  if (options.name.empty()) return BadField("name", "must not be empty");
  return std::unique_ptr<Receiver>(std::make_unique<PagerDutyReceiver>(options));
}

}  // namespace quell::paging
