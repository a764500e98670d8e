// Feedback: what a person said of an incident after having looked at it.
//
// Given over the API, or by what was done at PagerDuty (a merge). Learned from: labelled pairs for
// the duplicate classifier, known noise for suppression. Values; everything in them is bounded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/labels.h"
#include "core/result.h"
#include "core/time.h"
#include "engine/incidents/incident_engine.h"

namespace quell::incidents {

enum class FeedbackVerdict : std::uint8_t {
  kNotAnIncident,  // nothing was wrong
  kExpected,       // something was, and it was known of
  kReal,
  kMerge,  // this incident and `other` were one trouble
  kSplit,  // its members were two troubles: part 0 and part 1
};
// "not_an_incident", "expected", "real", "merge", "split".
std::string_view FeedbackVerdictName(FeedbackVerdict verdict);
// kInvalidArgument, naming what there is.
Result<FeedbackVerdict> ParseFeedbackVerdict(std::string_view name);

// An alert of the incident, as far as it helps to learn from it.
struct FeedbackMember {
  AlertId alert = 0;
  std::uint8_t part = 0;  // kMerge: 0 this incident's, 1 the other's; kSplit: which of the two
  Labels labels;
  TimeMs onset = 0;
  TimeMs starts_at = 0;
  bool operator==(const FeedbackMember&) const = default;
};

inline constexpr size_t kFeedbackMembersMax = 20;  // of each part
inline constexpr size_t kFeedbackIdMax = 128;      // bytes, as the next two
inline constexpr size_t kFeedbackNameMax = 200;    // who
inline constexpr size_t kFeedbackTextMax = 2000;   // why

struct Feedback {
  std::string id;  // of the action that brought it; unique
  TimeMs at = 0;   // when it was received
  FeedbackVerdict verdict = FeedbackVerdict::kReal;
  std::string incident;                 // key
  std::string other;                    // kMerge: key of the other incident
  std::string by, via;                  // a person's name; "api" or "pagerduty"
  std::string reason;                   // may be empty
  Labels scope;                         // of the incident
  std::vector<FeedbackMember> members;  // the first of each part, by part and alert
  std::uint64_t members_total = 0;
  bool operator==(const Feedback&) const = default;
};

// Members of an incident in the record's form, at most kFeedbackMembersMax.
std::vector<FeedbackMember> FeedbackMembersOf(const Incident& incident, std::uint8_t part);

// One line of GET /api/v1/feedback.
std::string FeedbackJson(const Feedback& feedback);
// What FeedbackJson wrote; kInvalidArgument naming the field. Beyond the bounds texts are cut and
// members left out.
Result<Feedback> ParseFeedbackJson(std::string_view json);

// The longest beginning of at most `bytes_max` bytes that cuts no character of UTF-8 in two.
std::string_view CutText(std::string_view text, size_t bytes_max);

}  // namespace quell::incidents
