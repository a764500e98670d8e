// From alerts to pages as Alertmanager would send them: one for each group that newly opens, after
// group_wait; the group is looked at again every group_interval, and closed when none of its alerts
// fires then. What is resolved and fires again in between does not page anew.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "replay/rules/alert_states.h"

namespace quell::replay {

struct NotifyOptions {
  std::vector<std::string> group_by = {"alertname"};  // "..." = by all labels
  DurationMs group_wait = 30 * kSecondMs;             // as Alertmanager's defaults
  DurationMs group_interval = 5 * kMinuteMs;
};

struct AlertGroup {
  Labels labels;               // that the group has in common
  TimeMs start = 0, end = 0;   // when the page was sent, and its resolve; 0 = open when it ended
  std::vector<size_t> alerts;  // indices, in order of their start
};

// `alerts` by start. Pages after `last` would have been after the history, and are left out.
// Pages by start, then labels.
std::vector<AlertGroup> GroupAlerts(std::span<const FiredAlert> alerts,
                                    const NotifyOptions& options, TimeMs last);

}  // namespace quell::replay
