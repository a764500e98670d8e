// How bad a deviation is, in PagerDuty's words, from what was seen against what was expected.
//
// Pure function. critical: most payments are affected (failures up by 30 points, volume down by
// 80 %); warning: gauges; error: the rest.
#pragma once

#include "detectors/types.h"
#include "engine/incidents/alert.h"

namespace quell::pipeline {

incidents::Severity SeverityOf(detectors::SignalKind kind, double value, double expected);

}  // namespace quell::pipeline
