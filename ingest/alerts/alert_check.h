// What becomes of posted alerts: defaults for what is missing, and which of them are valid.
//
// The valid ones of a batch are kept whatever the others are, as Alertmanager has it.
#pragma once

#include <span>
#include <vector>

#include "ingest/alerts/received_alert.h"
#include "ingest/redaction.h"

namespace quell::ingest {

struct CheckedAlerts {
  ApiAnswer answer;                         // 200, or what to say about the invalid ones
  std::vector<const ReceivedAlert*> valid;  // in order; point into what was given
  size_t invalid = 0;
};

// 422 for a request that Alertmanager refuses as a whole: no labels at all, a generatorURL that is
// no URI. Nothing may be kept then.
ApiAnswer CheckRequired(std::span<const ReceivedAlert> alerts);

// Fills in what is missing (`now`, and `resolve_timeout_ms` after it), drops empty labels, redacts,
// sorts. `now` is the time of receipt.
CheckedAlerts CheckAlerts(std::span<ReceivedAlert> alerts, TimeMs now,
                          DurationMs resolve_timeout_ms, const AlertLimits& limits,
                          const Redactor& redactor, RedactionCounters& redacted);

}  // namespace quell::ingest
