// Explain: an alert's explanation in short sentences, for somebody who was woken by it.
//
// Pure functions; same input, same text. At most kExplanationSentences of them.
#pragma once

#include <string>
#include <vector>

#include "engine/incidents/incident_engine.h"

namespace quell::incidents {

inline constexpr size_t kExplanationSentences = 7;

// How long an alert lasts as of `now`: to its end, if it has one.
DurationMs LastingOf(const Alert& alert, TimeMs now);
// Duration, windows that agree, the isolation forest, the same hour of earlier weeks, what the
// date makes of it, the data, the age of the baseline. Empty for somebody else's alert.
std::vector<std::string> ExplanationWords(const Alert& alert, TimeMs now);
// "the 25th", "the last working day of the month"; "" for none.
std::string DayClassWords(const detectors::DayClass& day);
// "Saturday 10:00": the quarter-hour that is compared with earlier weeks, in local time.
std::string LocalQuarterWords(const Alert& alert);

// The incident's member that tells most: severity, then odds, then who fired first; null where
// there are none.
const Alert* LeadingAlert(const Incident& incident);

}  // namespace quell::incidents
