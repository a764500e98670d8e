#include "engine/pipeline/severity.h"

#include <catch2/catch.hpp>

namespace quell::pipeline {
namespace {

using detectors::SignalKind;
using incidents::Severity;

TEST_CASE("Severity: by how much is affected", "[pipeline]") {
  CHECK(SeverityOf(SignalKind::kRatio, 0.40, 0.02) == Severity::kCritical);
  CHECK(SeverityOf(SignalKind::kRatio, 0.30, 0.02) == Severity::kError);
  CHECK(SeverityOf(SignalKind::kRate, 19, 100) == Severity::kCritical);
  CHECK(SeverityOf(SignalKind::kRate, 21, 100) == Severity::kError);
  CHECK(SeverityOf(SignalKind::kRate, 0, 0) == Severity::kError);
  CHECK(SeverityOf(SignalKind::kQuantile, 0.9, 0.08) == Severity::kError);
  CHECK(SeverityOf(SignalKind::kGauge, 1e9, 1) == Severity::kWarning);
}

}  // namespace
}  // namespace quell::pipeline
