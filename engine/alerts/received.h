// From an alert that somebody sent to one of ours. Pure.
#pragma once

#include "engine/alerts/live_alerts.h"

namespace quell::alerts {

// By the label "severity", as people write it: critical, page, emergency, fatal; error, major,
// high; warning, warn, minor, medium; info, none, low, ok, debug. Whatever the case; anything else,
// and no label, is an error: it pages.
incidents::Severity SeverityOf(const Labels& labels);

// REQUIRES: it was taken. `ends_at` is set where it is over.
incidents::Alert MakeAlert(const LiveAlert& live);

}  // namespace quell::alerts
