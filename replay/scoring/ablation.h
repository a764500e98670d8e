// Ablation: what each detector alone would have paged, so that its share in the whole is seen.
#pragma once

#include "replay/scoring/result.h"

namespace quell::replay {

// A result that holds only `detector`'s firings, as alerts and as pages made the plain way: a
// firing joins the oldest page whose latest firing began at most 10 minutes before and that has a
// label value in common (alertname and __name__ aside), else it opens one. Span and
// evaluate_from are those of `result`.
ReplayResult DetectorAlone(const ReplayResult& result, detectors::DetectorId detector);

}  // namespace quell::replay
