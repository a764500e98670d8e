// Alert: an interval in which a signal is anomalous, in Alertmanager's shape.
//
// Plain data, produced by the pipeline, read by clustering, paging, store and replay.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/labels.h"
#include "core/time.h"
#include "detectors/types.h"
#include "engine/incidents/explanation.h"

namespace quell::incidents {

using AlertId = std::uint64_t;     // 1, 2, 3, ... in the order of firing; never reused
using IncidentId = std::uint64_t;  // 1, 2, 3, ... in the order of opening; never reused

enum class Severity : std::uint8_t { kInfo, kWarning, kError, kCritical };  // ascending
std::string_view SeverityName(Severity severity);  // PagerDuty's words: info warning error critical

// What was seen against what was expected, at the alert's most telling step so far.
struct Evidence {
  double value = 0;  // in the signal's unit
  double expected = 0;
  double band_low = 0;
  double band_high = 0;
  // bad of n (ratio), slow of n (quantile), events (rate); of a level that stands still: equal
  // points in a row, and how many are usual
  double k = 0;
  double n = 0;
  double tail_probability = 1;
  std::array<double, detectors::kDetectors> tail{1, 1, 1, 1};  // by DetectorId
  std::uint8_t agreeing = 0;  // bit i: detector i calls it anomalous
};

// What is known of an alert that somebody else decided upon (engine/alerts).
struct Received {
  std::string from;  // "" = it is one of ours
  std::string note;  // its summary, one line
  std::string url;   // where it comes from
};

struct Alert {
  AlertId id = 0;
  std::uint64_t fingerprint = 0;  // of labels (Labels::Fingerprint)
  Labels labels;                  // alertname = signal name, plus the signal's group labels
  std::string signal;  // the signal definition's name, e.g. "payments_total:failure_ratio"
  detectors::SignalKind kind = detectors::SignalKind::kGauge;
  std::string unit;        // "ratio", "seconds", "per_second" or a gauge's unit
  std::string what;        // for people: "failure ratio", "p95 latency", "volume", "queue depth"
  std::uint32_t slot = 0;  // the signal's slot in the detector bank; kNoSlot for external alerts
  Severity severity = Severity::kError;
  double sign = 0;             // +1 above expected, -1 below
  TimeMs onset = 0;            // estimated beginning on the series (<= starts_at)
  TimeMs starts_at = 0;        // when it fired: the moment of decision, never back-dated
  TimeMs ends_at = 0;          // when it cleared; 0 while firing
  bool outside_hours = false;  // for information because of the hour, and only until it is over
  Evidence evidence;
  Explanation explanation;
  DurationMs interval_ms = 30 * kSecondMs;  // spacing of the signal's points
  std::vector<float> recent_z;  // up to 64 latest residual scores at firing, oldest first
  Received received;
};

// What the alertname of an alert on a level that stands still adds to the signal's name.
inline constexpr std::string_view kFlatlineSuffix = ":flatline";

inline constexpr std::uint32_t kNoSlot = 0xFFFFFFFFU;

// Why an alert did or did not page. Every alert ends with exactly one.
enum class PageReason : std::uint8_t {
  kPaged,           // opened the incident that paged
  kDuplicateOf,     // folded into an incident that has paged (the incident is named beside it)
  kMaintenance,     // inside an announced maintenance window that covers its labels
  kExpectedChange,  // explained by an announced promotion, holiday, cut-over, launch, decommission
  kScrapeOutage,    // monitoring of the target was down, not the target
  kFlapping,
  kBelowBudget,           // real, but not worth one of the budget's pages
  kTooShort,              // cleared before it had to page
  kOutsideHours,          // outside the hours in which its signal may wake somebody
  kSilenced,              // by a silence that somebody made (silence_book.h)
  kInhibited,             // depends on the origin of an incident that has paged (inhibition.cc)
  kKnownNoise,            // people have called it no incident, again and again (noise_book.h)
  kInsufficientEvidence,  // would have fired, had there been more to go by
};
inline constexpr auto kLastPageReason = PageReason::kInsufficientEvidence;
inline constexpr size_t kPageReasons = static_cast<size_t>(kLastPageReason) + 1;
std::string_view PageReasonName(PageReason reason);  // "paged", "duplicate_of", ...

}  // namespace quell::incidents
