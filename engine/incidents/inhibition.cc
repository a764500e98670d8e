// Which open incident explains an alert that depends on its origin.
//
// Bounded: by time (topology.inhibit), by number (kInhibitedMax an incident), by the budget of
// mutes that nobody asked for (suppression_book.h), and never what is critical: that pages as if
// nothing were known of the calls.
#include <algorithm>

#include "engine/incidents/state.h"

namespace quell::incidents {
namespace {

constexpr double kConfident = 0.7;  // of the origin
constexpr DurationMs kSlackMs = kMinuteMs;

// Whether a label of the origin that names no node contradicts the alert's: it is somewhere else.
bool Elsewhere(const Labels& origin, const Labels& labels, const Topology& topology) {
  return std::any_of(origin.begin(), origin.end(), [&](const Label& label) {
    return !topology.NamesNode(label.name) && labels.Has(label.name) &&
           labels.Get(label.name) != label.value;
  });
}

bool MayInhibit(const Record& record, const Alert& alert, const Topology& topology) {
  const Incident& incident = record.incident;
  return incident.state == IncidentState::kOpen && record.firing > 0 && IsClear(incident.origins) &&
         incident.origins.front().confidence >= kConfident &&
         incident.onset <= alert.onset + kSlackMs &&
         !Elsewhere(incident.origins.front().where, alert.labels, topology);
}

}  // namespace

const Record* IncidentEngine::State::Inhibitor(const Record& held, const Alert& alert) {
  if (topology.empty() || held.incident.severity == Severity::kCritical ||
      alert.severity == Severity::kCritical ||
      now - alert.starts_at >= options.topology.inhibit_ms ||
      !suppression.MayMute(alert, PageReason::kInhibited, now, step_ms)) {
    return nullptr;
  }
  const std::string node = topology.NodeOf(alert.labels);
  if (node.empty()) return nullptr;
  for (auto& [id, record] : open) {
    if (!MayInhibit(record, alert, topology)) continue;
    const std::string root = topology.NodeOf(record.incident.origins.front().where);
    if (root.empty() || topology.Hops(node, root) == 0) continue;
    const bool full = record.inhibited.size() >= kInhibitedMax;
    if (full && !record.inhibited.contains(alert.id)) continue;
    record.inhibited.insert(alert.id);
    return &record;
  }
  return nullptr;
}

}  // namespace quell::incidents
