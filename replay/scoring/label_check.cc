#include "replay/scoring/label_check.h"

#include <algorithm>
#include <map>
#include <set>

#include "replay/scoring/scoring.h"

namespace quell::replay {

LabelCheck CheckLabels(std::span<const LabelledIncident> incidents, TimeMs from, size_t signals,
                       const std::function<const Labels&(size_t)>& signal) {
  std::map<std::pair<std::string, std::string>, int> wanted;  // to the incidents that name it
  std::vector<const LabelledIncident*> unmatched;
  for (const LabelledIncident& incident : incidents) {
    if (incident.end < from) continue;
    unmatched.push_back(&incident);
    std::set<std::pair<std::string, std::string>> named;
    for (const Labels& labels : incident.affected) {
      for (const Label& label : labels) named.emplace(label.name, label.value);
    }
    for (const auto& pair : named) ++wanted[pair];
  }
  for (size_t i = 0; i < signals && !(wanted.empty() && unmatched.empty()); ++i) {
    const Labels& labels = signal(i);
    for (const Label& label : labels) wanted.erase({label.name, label.value});
    std::erase_if(unmatched, [&](const LabelledIncident* incident) {
      return MatchesIncident(labels, *incident);
    });
  }
  LabelCheck check;
  for (const auto& [pair, count] : wanted) {
    check.strangers.push_back({pair.first, pair.second, count});
  }
  for (const LabelledIncident* incident : unmatched) check.unmatchable.push_back(incident->id);
  return check;
}

}  // namespace quell::replay
