#include "engine/incidents/alert.h"

namespace quell::incidents {

std::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
    case Severity::kCritical:
      return "critical";
  }
  return "error";
}

std::string_view PageReasonName(PageReason reason) {
  switch (reason) {
    case PageReason::kPaged:
      return "paged";
    case PageReason::kDuplicateOf:
      return "duplicate_of";
    case PageReason::kMaintenance:
      return "maintenance";
    case PageReason::kExpectedChange:
      return "expected_change";
    case PageReason::kScrapeOutage:
      return "scrape_outage";
    case PageReason::kFlapping:
      return "flapping";
    case PageReason::kBelowBudget:
      return "below_budget";
    case PageReason::kTooShort:
      return "too_short";
    case PageReason::kOutsideHours:
      return "outside_hours";
    case PageReason::kInhibited:
      return "inhibited";
    case PageReason::kSilenced:
      return "silenced";
    case PageReason::kKnownNoise:
      return "known_noise";
    case PageReason::kInsufficientEvidence:
      return "insufficient_evidence";
  }
  return "too_short";
}

}  // namespace quell::incidents
