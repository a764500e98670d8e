#include "replay/simulator/catalog.h"

#include <algorithm>

namespace quell::simulator {

bool IsIncident(const Kind& kind) {
  const auto table = IncidentKinds();
  return std::any_of(table.begin(), table.end(),
                     [&](const Kind& other) { return other.name == kind.name; });
}

const Kind* FindKind(std::string_view name) {
  for (const auto table : {IncidentKinds(), LookalikeKinds()}) {
    for (const Kind& kind : table) {
      if (kind.name == name) return &kind;
    }
  }
  return nullptr;
}

std::string KindNames() {
  std::string names;
  for (const auto table : {IncidentKinds(), LookalikeKinds()}) {
    for (const Kind& kind : table) {
      if (!names.empty()) names += ", ";
      names += kind.name;
    }
  }
  return names;
}

Event MakeEvent(const Kind& kind, const Topology& topology, const Scope& scope, TimeMs start,
                TimeMs end, Sampler& sampler) {
  Event event;
  event.kind = kind.name;
  event.incident = IsIncident(kind);
  event.scope = scope;
  event.start = start;
  event.end = end;
  kind.fill(topology, sampler, event);
  if (event.busy_until == 0) event.busy_until = event.end;
  return event;
}

Effect& AddEffect(Event& event, const Scope& scope, DurationMs delay_ms) {
  Effect effect;
  effect.scope = scope;
  effect.start = event.start + delay_ms;
  effect.end = event.end;
  event.effects.push_back(effect);
  return event.effects.back();
}

incidents::Change& AddChange(Event& event, const Topology& topology, incidents::ChangeKind kind,
                             const Scope& scope, TimeMs start, TimeMs end, std::string note) {
  event.changes.push_back({"", kind, start, end, topology.ScopeLabels(scope), std::move(note)});
  return event.changes.back();
}

bool AnyPlatform(const Topology&) { return true; }

Scope AnyRegion(const Topology& topology, Sampler& sampler) {
  Scope scope;
  scope.region = sampler.Below(static_cast<int>(topology.regions.size()));
  return scope;
}

Scope AnyService(const Topology& topology, Sampler& sampler) {
  Scope scope = AnyRegion(topology, sampler);
  scope.service = sampler.Below(static_cast<int>(topology.services.size()));
  return scope;
}

Scope AnyPsp(const Topology& topology, Sampler& sampler) {
  Scope scope;
  const int psps = static_cast<int>(topology.psps.size());
  int large = 0;
  while (large < psps && topology.PspShare(-1, large) >= 0.05) ++large;
  scope.psp = sampler.Below(std::max(1, large));
  if (sampler.Chance(0.6)) scope.region = AnyRegion(topology, sampler).region;
  return scope;
}

Scope SmallLane(const Topology& topology, Sampler& sampler) {
  Scope scope = AnyRegion(topology, sampler);
  scope.psp = static_cast<int>(topology.psps.size()) - 1;
  return scope;
}

}  // namespace quell::simulator
