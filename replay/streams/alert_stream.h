// AlertStream: alerts in the order in which they began, with the incident that each belongs to.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/labels.h"
#include "core/time.h"
#include "detectors/types.h"

namespace quell::streams {

struct StreamAlert {
  Labels labels;         // with alertname and severity, as Alertmanager is posted them
  TimeMs starts_at = 0;  // when it fires
  TimeMs ends_at = 0;    // when it is over
  std::string incident;  // the truth; "" = it belongs to nothing
  // Of an alert on a series of which more is known; `onset` 0: of somebody else's alert.
  TimeMs onset = 0;
  detectors::SignalKind kind = detectors::SignalKind::kGauge;
  double sign = 1;
  std::vector<float> residuals;  // oldest first
};

// Who calls whom, by the value of the label that names services.
using Call = std::pair<std::string, std::string>;  // caller, called

struct AlertStream {
  std::string name;
  std::vector<StreamAlert> alerts;  // by starts_at, then by labels
  std::vector<Labels> population;   // every alert that could fire; empty = not known
  std::vector<Call> calls;
  TimeMs scored_from = 0;                // what began before is there to be learned from
  std::vector<std::string> node_labels;  // that name callers and called; empty = the usual ones
  // What the platform calls them; "" = it has no such label. For grouping by labels.
  std::string service_label, place_label;
};

}  // namespace quell::streams
