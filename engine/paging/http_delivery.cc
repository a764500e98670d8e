#include "engine/paging/http_delivery.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

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

// Removes `secret`, however it is capitalised.
std::string Without(std::string text, const std::string& secret) {
  if (secret.empty()) return text;
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  };
  constexpr std::string_view kMask = "[secret]";
  for (size_t from = 0;;) {
    const auto begin = text.begin() + static_cast<std::ptrdiff_t>(from);
    const auto it = std::search(begin, text.end(), secret.begin(), secret.end(), same);
    if (it == text.end()) return text;
    from = static_cast<size_t>(it - text.begin());
    text.replace(from, secret.size(), kMask);
    from += kMask.size();
  }
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

HttpDelivery::HttpDelivery(HttpTarget target) : target_(std::move(target)) {}

Delivery HttpDelivery::Post(std::string body) {
  HttpRequest request;
  request.method = "POST";
  request.url = target_.url;
  request.headers = {{"Content-Type", "application/json"}, {"User-Agent", "Quell"}};
  if (!target_.bearer_token.empty()) {
    request.headers.emplace_back("Authorization", "Bearer " + target_.bearer_token);
  }
  request.body = std::move(body);
  request.timeout_ms = target_.timeout_ms;
  request.response_bytes_max = kAnswerBytesMax;
  request.ca_file = target_.ca_file;
  const Result<HttpResponse> response = client_.Send(request);
  if (!response.ok()) {
    return {DeliveryOutcome::kRetry, 0, true, Clean("no answer: " + response.error().message)};
  }
  return Judge(*response);
}

Delivery HttpDelivery::Judge(const HttpResponse& response) const {
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

std::string HttpDelivery::Clean(std::string text) const {
  for (const std::string& secret : target_.secrets) text = Without(std::move(text), secret);
  return CutText(OneLine(Without(std::move(text), target_.bearer_token)), kDetailMax);
}

bool IsSafeUrl(std::string_view url) { return url.starts_with("https://") || IsLoopbackHttp(url); }

}  // namespace quell::paging
