#include "detectors/types.h"

namespace quell::detectors {

std::string_view DetectorName(DetectorId id) {
  switch (id) {
    case DetectorId::kSeasonal:
      return "seasonal";
    case DetectorId::kEwmaFast:
      return "ewma_fast";
    case DetectorId::kEwmaSlow:
      return "ewma_slow";
    case DetectorId::kForest:
      return "forest";
  }
  return "unknown";
}

std::string_view SignalKindName(SignalKind kind) {
  switch (kind) {
    case SignalKind::kRatio:
      return "ratio";
    case SignalKind::kQuantile:
      return "quantile";
    case SignalKind::kRate:
      return "rate";
    case SignalKind::kGauge:
      return "gauge";
  }
  return "unknown";
}

std::string_view ShiftKindName(ShiftKind kind) {
  switch (kind) {
    case ShiftKind::kLevel:
      return "level";
    case ShiftKind::kScale:
      return "scale";
    case ShiftKind::kTime:
      return "time";
    case ShiftKind::kNewNormal:
      return "new_normal";
  }
  return "unknown";
}

std::string_view VerdictReasonName(VerdictReason reason) {
  switch (reason) {
    case VerdictReason::kNormal:
      return "normal";
    case VerdictReason::kAnomalous:
      return "anomalous";
    case VerdictReason::kBelowMinDeviation:
      return "below_min_deviation";
    case VerdictReason::kWrongDirection:
      return "wrong_direction";
    case VerdictReason::kInsufficientEvidence:
      return "insufficient_evidence";
    case VerdictReason::kStaticLimit:
      return "static_limit";
    case VerdictReason::kBeyondLimit:
      return "beyond_limit";
    case VerdictReason::kHeldByPolicy:
      return "held_by_policy";
    case VerdictReason::kRegionalDemand:
      return "regional_demand";
    case VerdictReason::kFlatline:
      return "flatline";
  }
  return "unknown";
}

}  // namespace quell::detectors
