#include "engine/incidents/incident_engine.h"

namespace quell::incidents {

std::string_view IncidentStateName(IncidentState state) {
  switch (state) {
    case IncidentState::kHeld:
      return "held";
    case IncidentState::kOpen:
      return "open";
    case IncidentState::kResolved:
      return "resolved";
    case IncidentState::kMerged:
      return "merged";
    case IncidentState::kSuppressed:
      return "suppressed";
  }
  return "held";
}

std::string_view SplitReasonName(SplitReason reason) {
  switch (reason) {
    case SplitReason::kNone:
      return "";
    case SplitReason::kNoCommonEvidence:
      return "no_common_evidence";
    case SplitReason::kPeople:
      return "people";
  }
  return "";
}

std::string_view IncidentEventKindName(IncidentEventKind kind) {
  switch (kind) {
    case IncidentEventKind::kPage:
      return "page";
    case IncidentEventKind::kUpdate:
      return "update";
    case IncidentEventKind::kResolve:
      return "resolve";
    case IncidentEventKind::kSuppress:
      return "suppress";
    case IncidentEventKind::kMerge:
      return "merge";
    case IncidentEventKind::kSplit:
      return "split";
  }
  return "page";
}

}  // namespace quell::incidents
