// HumanAction: what a person did to an incident, at PagerDuty or over the API, as the journal keeps
// it: a replay sees the same people do the same.
//
// Values; texts are bounded where they come in (CutText).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "engine/incidents/feedback.h"

namespace quell::paging {

enum class HumanActionKind : std::uint8_t {
  kDetails,  // nothing but what the other side shows of it
  kAcknowledge,
  kUnacknowledge,
  kResolve,
  kReopen,
  kNote,
  kMerge,     // `incident` went into `other`
  kFeedback,  // what was said is in `feedback`
};
std::string_view HumanActionName(HumanActionKind kind);  // "details", "acknowledge", ...

inline constexpr size_t kAssigneesMax = 10;
inline constexpr size_t kUrlMax = 512;
inline constexpr size_t kAlertsMax = 1000;

struct HumanAction {
  HumanActionKind kind = HumanActionKind::kDetails;
  std::string id;   // of the webhook's event, or made by the API; unique
  std::string via;  // "pagerduty", "api"
  TimeMs at = 0;
  std::string incident;    // key
  std::uint32_t page = 0;  // which of its pages, 1, 2, ...; 0 = all
  std::string foreign;     // PagerDuty's id of the page
  std::string other;       // kMerge: key
  std::string by;          // a name
  bool person = true;      // false: an integration's or a timer's doing
  std::string text;        // kNote; may be empty otherwise
  std::string priority;    // as PagerDuty shows it
  std::string url;         // of the page at PagerDuty
  std::vector<std::string> assignees;
  std::optional<incidents::Feedback> feedback;  // kFeedback, kMerge
  std::vector<incidents::AlertId> alerts;       // kFeedback: all that a split gives away
};

// The payload of an operation's journal record.
std::string HumanActionJson(const HumanAction& action);
// kInvalidArgument where the record is another operation, or no sound one.
Result<HumanAction> ParseHumanAction(std::string_view json);

}  // namespace quell::paging
