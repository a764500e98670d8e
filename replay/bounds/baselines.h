// Baselines: what a user would have been paged by without Quell, over the very points that Quell
// judged: static rules, and a seasonal robust z-score. Both grouped as Alertmanager groups them.
//
// Static rules: a failure ratio above 5 %, a 95th percentile above twice the median of the week
// before, a volume below half of that an hour before; each for 5 minutes.
// Robust z: median and MAD of the earlier points of the same hour of the week and the two beside
// it, |z| above a limit three points in a row; failures and latencies upwards only. The deviation
// is at least 5 % of the median and, of a failure ratio, 0.5 %. Firings of one alertname and
// service are one group; its page is sent 30 s after the first one starts and ends with the last.
// Source: Prometheus' `for`; Alertmanager's group_by and group_wait; Iglewicz and Hoaglin (1993).
#pragma once

#include <vector>

#include "replay/bounds/trace.h"
#include "replay/scoring/result.h"

namespace quell::replay {

// What fires over the whole history, by start, then labels; ids from 1.
std::vector<ReplayAlert> StaticRuleFirings(const Traces& traces);
std::vector<ReplayAlert> RobustZFirings(const Traces& traces, double z_limit);

// The pages that Alertmanager would send for `firings` (by start), as a result that can be scored;
// `like` gives the span.
ReplayResult GroupByService(std::vector<ReplayAlert> firings, const ReplayResult& like);

}  // namespace quell::replay
