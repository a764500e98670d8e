#include "engine/incidents/origin.h"

#include <array>
#include <cstdio>

#include "engine/incidents/wording.h"

namespace quell::incidents {
namespace {

constexpr size_t kReasons = static_cast<size_t>(kLastOriginReason) + 1;
constexpr std::array<std::string_view, kReasons> kNames = {
    "first", "whole", "explains", "strongest", "upstream", "change_before"};
constexpr std::array<std::string_view, kReasons> kWords = {
    "began first",   "all of it alerts",    "explains what alerts",
    "deviates most", "others depend on it", "changed just before"};

}  // namespace

std::string_view OriginReasonName(OriginReason reason) {
  return kNames[static_cast<size_t>(reason)];
}

bool IsClear(const std::vector<Origin>& origins) {
  return !origins.empty() && origins.front().confidence >= kOriginClear;
}

std::string OriginWords(const Origin& origin) {
  std::array<char, 16> confidence{};
  std::snprintf(confidence.data(), confidence.size(), "%.2f", origin.confidence);
  std::vector<std::string> reasons;
  for (const OriginReason reason : origin.reasons) {
    reasons.emplace_back(kWords[static_cast<size_t>(reason)]);
  }
  return (origin.change.empty() ? ScopeWords(origin.where) : origin.named) + " (" +
         confidence.data() + (reasons.empty() ? "" : ": ") + JoinWords(reasons, ", ") + ')';
}

std::string OriginSentence(const std::vector<Origin>& origins) {
  if (origins.empty()) return "";
  if (IsClear(origins)) {
    return "Likely origin: " + OriginWords(origins.front()) + '.';
  }
  std::vector<std::string> perhaps;
  for (const Origin& origin : origins) perhaps.push_back(OriginWords(origin));
  return "Likely origin: unclear; perhaps " + JoinWords(perhaps, ", or ") + '.';
}

}  // namespace quell::incidents
