#include "engine/http/answer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace quell::http {
namespace {

using Json = nlohmann::ordered_json;

std::string Line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string_view ReasonOf(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 411:
      return "Length Required";
    case 413:
      return "Payload Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Error";
  }
}

std::string StatusCodeName(int status) {
  std::string out(ReasonOf(status));
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    if (c == ' ') return '_';
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return out;
}

std::string ProblemJson(int status, std::string_view code, std::string_view message) {
  return Line({{"type", "urn:quell:problem:" + std::string(code)},
               {"title", ReasonOf(status)},
               {"status", status},
               {"detail", message},
               {"error", {{"code", code}, {"message", message}}}});
}

ErrorAnswer ErrorOn(std::string_view path, int status, std::string_view code,
                    std::string_view message) {
  if (!path.starts_with("/api/v2/")) return {kProblemType, ProblemJson(status, code, message)};
  return {"application/json", Line({{"error", {{"code", code}, {"message", message}}}})};
}

std::string PlainAnswer(int status, const std::vector<std::pair<std::string, std::string>>& headers,
                        std::string_view content_type, std::string_view body, bool close,
                        bool head_only) {
  std::string out = "HTTP/1.1 " + std::to_string(status) + ' ';
  out += ReasonOf(status);
  for (const auto& [name, value] : headers) {
    // What would end the line early is never sent.
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) continue;
    out += "\r\n" + name + ": " + value;
  }
  if (close) out += "\r\nConnection: close";
  if (!body.empty()) {
    out += "\r\nContent-Type: ";
    out += content_type;
  }
  out += "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  if (!head_only) out += body;
  return out;
}

int RetryAfterSeconds(std::string_view retry_attempt, Random& random) {
  constexpr int kSecondsMax = 60;
  int attempt = 0;
  for (const char c : retry_attempt) {
    if (c < '0' || c > '9') {
      attempt = 0;
      break;
    }
    attempt = std::min(attempt * 10 + (c - '0'), 100);
  }
  // 2, 4, 8 ...: the answer lies between half of it and all of it.
  const int full = attempt >= 5 ? kSecondsMax : std::min(kSecondsMax, 2 << attempt);
  const int half = full / 2;
  return half + static_cast<int>(random.Below(static_cast<std::uint64_t>(full - half) + 1));
}

}  // namespace quell::http
