// Answers that the front gives without a handler: refusals, overload, errors.
//
// Thread-compatible.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/random.h"

namespace quell::http {

// A handler's longer answer becomes a 500.
constexpr size_t kAnswerBytesMax = 64U << 20U;

// "Payload Too Large" and the like; "Error" for what is not known.
std::string_view ReasonOf(int status);
// The same in snake case, for the "code" of an error body.
std::string StatusCodeName(int status);
// A problem document (RFC 9457) and a line feed: `type` ("urn:quell:problem:CODE"), `title` (the
// status's reason), `status`, `detail`, and the member `error` {code, message} of before there were
// such documents. What is no UTF-8 in the message is replaced.
std::string ProblemJson(int status, std::string_view code, std::string_view message);
constexpr const char* kProblemType = "application/problem+json";

struct ErrorAnswer {
  std::string content_type;
  std::string body;
};
// A problem document, but on Alertmanager's API (/api/v2/), whose clients know no such type:
// {"error": {"code", "message"}} as plain JSON.
ErrorAnswer ErrorOn(std::string_view path, int status, std::string_view code,
                    std::string_view message);

// A whole response. `head_only`: for HEAD, whose body only counts.
std::string PlainAnswer(int status, const std::vector<std::pair<std::string, std::string>>& headers,
                        std::string_view content_type, std::string_view body, bool close,
                        bool head_only);

// Seconds for Retry-After: 2 to the power of the sender's Retry-Attempt ("" = first), half of it
// random so that refused senders do not come back together; 1 to 60.
int RetryAfterSeconds(std::string_view retry_attempt, Random& random);

}  // namespace quell::http
