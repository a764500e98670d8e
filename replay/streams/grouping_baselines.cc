#include <algorithm>
#include <map>

#include "replay/streams/grouping.h"

namespace quell::streams {

Grouping GroupByLabels(const AlertStream& stream, const std::vector<std::string>& names,
                       DurationMs wait_ms) {
  struct Live {
    std::int64_t group = 0;
    TimeMs until = 0;
    TimeMs paged = 0;
  };
  std::map<Labels, Live> live;
  Grouping out;
  std::int64_t next = 0;
  for (const StreamAlert& alert : stream.alerts) {
    const auto [at, added] = live.try_emplace(alert.labels.Only(names));
    Live& of = at->second;
    if (added || alert.starts_at > of.until) {
      of.group = ++next;
      of.until = alert.ends_at;
      of.paged = alert.starts_at + wait_ms;
    }
    of.until = std::max(of.until, alert.ends_at);
    out.group.push_back(of.group);
    out.page.push_back(of.group);
    out.heard.push_back(std::max(of.paged, alert.starts_at));
  }
  return out;
}

Grouping GroupByGap(const AlertStream& stream, DurationMs gap_ms) {
  Grouping out;
  std::int64_t group = 0;
  TimeMs last = 0;
  for (const StreamAlert& alert : stream.alerts) {
    if (group == 0 || alert.starts_at - last > gap_ms) ++group;
    last = alert.starts_at;
    out.group.push_back(group);
    out.page.push_back(group);
    out.heard.push_back(alert.starts_at);
  }
  return out;
}

}  // namespace quell::streams
