#include "replay/rules/notify.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

namespace quell::replay {
namespace {

constexpr TimeMs kNever = std::numeric_limits<TimeMs>::max();

// The pages of one group's alerts.
void PagesOf(const Labels& labels, std::span<const FiredAlert> alerts,
             const std::vector<size_t>& members, const NotifyOptions& options, TimeMs last,
             std::vector<AlertGroup>& out) {
  for (size_t next = 0; next < members.size();) {
    AlertGroup group;
    group.labels = labels;
    TimeMs firing_until = 0;
    TimeMs flush = alerts[members[next]].start + options.group_wait;
    for (; flush <= last; flush += options.group_interval) {
      for (; next < members.size() && alerts[members[next]].start <= flush; ++next) {
        const TimeMs end = alerts[members[next]].end;
        firing_until = std::max(firing_until, end == 0 ? kNever : end);
        group.alerts.push_back(members[next]);
      }
      const bool firing = firing_until > flush;
      if (!firing) break;
      if (group.start == 0) group.start = flush;
    }
    if (flush > last) next = members.size();
    if (group.start == 0) continue;  // over before it was ever sent
    group.end = flush > last ? 0 : flush;
    out.push_back(std::move(group));
  }
}

}  // namespace

std::vector<AlertGroup> GroupAlerts(std::span<const FiredAlert> alerts,
                                    const NotifyOptions& options, TimeMs last) {
  const auto& by = options.group_by;
  const bool by_all = std::find(by.begin(), by.end(), "...") != by.end();
  std::map<Labels, std::vector<size_t>> groups;
  for (size_t i = 0; i < alerts.size(); ++i) {
    groups[by_all ? alerts[i].labels : alerts[i].labels.Only(by)].push_back(i);
  }
  std::vector<AlertGroup> out;
  for (const auto& [labels, members] : groups) {
    PagesOf(labels, alerts, members, options, last, out);
  }
  std::stable_sort(out.begin(), out.end(), [](const AlertGroup& a, const AlertGroup& b) {
    return std::tie(a.start, a.labels) < std::tie(b.start, b.labels);
  });
  return out;
}

}  // namespace quell::replay
