// The rules of PagerDuty's Events API v2 on a request: every field, type, limit and requirement.
//
// Written from PagerDuty's documentation alone, not from our client, so that each can fail the
// other.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace quell::test {

inline constexpr size_t kEventBytesMax = 512000;

struct RuleCheck {
  int status = 202;                 // 202, 400 or 413
  std::vector<std::string> errors;  // empty when accepted
  nlohmann::json event;             // where the body parses
};

RuleCheck CheckPagerDutyRequest(const std::string& content_type, const std::string& body);
// Of POST /v2/change/enqueue.
RuleCheck CheckPagerDutyChange(const std::string& content_type, const std::string& body);

}  // namespace quell::test
