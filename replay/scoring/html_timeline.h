// The overview: incidents as numbered bars above, pages as marks below, over the scored span.
#pragma once

#include <string>

#include "replay/scoring/result.h"
#include "replay/scoring/scoring.h"

namespace quell::replay {

// Verdicts differ by shape as well as by colour: disc = true, diamond = duplicate, triangle =
// false. Bars and marks link to "#incident-<n>" and "#page-<n>" (positions in the report).
std::string TimelineFigure(const ReplayResult& result, const Report& report);

// A small mark of a verdict for legends and lists.
std::string VerdictMark(PageVerdict verdict);

}  // namespace quell::replay
