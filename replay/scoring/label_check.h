// Do the labels of incident records stand on any signal? What does not cannot be matched by a page,
// and is a mistake in the record or a signal that is not watched.
#pragma once

#include <functional>
#include <span>

#include "replay/scoring/incident_history.h"
#include "replay/scoring/result.h"

namespace quell::replay {

// `signal(i)` gives the labels of signal i of `signals`. Incidents that end before `from` are not
// looked at. Labels by name, then value.
LabelCheck CheckLabels(std::span<const LabelledIncident> incidents, TimeMs from, size_t signals,
                       const std::function<const Labels&(size_t)>& signal);

}  // namespace quell::replay
