#include "engine/pipeline/severity.h"

namespace quell::pipeline {

incidents::Severity SeverityOf(detectors::SignalKind kind, double value, double expected) {
  using detectors::SignalKind;
  using incidents::Severity;
  switch (kind) {
    case SignalKind::kRatio:
      return value - expected > 0.3 ? Severity::kCritical : Severity::kError;
    case SignalKind::kRate:
      return value < 0.2 * expected ? Severity::kCritical : Severity::kError;
    case SignalKind::kQuantile:
      return Severity::kError;
    case SignalKind::kGauge:
      return Severity::kWarning;
  }
  return Severity::kError;
}

}  // namespace quell::pipeline
