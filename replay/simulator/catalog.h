// The catalogue of what can happen: incident kinds (incident_kinds.cc) and look-alikes that must
// not page (lookalikes.cc). One table row a kind: where it may strike, how long, what it does.
#pragma once

#include <span>
#include <string_view>

#include "replay/simulator/effect.h"
#include "replay/simulator/sampler.h"
#include "replay/simulator/topology.h"

namespace quell::simulator {

struct Kind {
  std::string_view name;
  std::string_view what;  // one line for help texts
  int minutes_min, minutes_max;
  bool by_day;                                // drawn at local daytime, where the traffic is
  bool (*fits)(const Topology&);              // does this platform have the parts
  Scope (*place)(const Topology&, Sampler&);  // where it strikes when drawn
  void (*fill)(const Topology&, Sampler&, Event& event);  // REQUIRES: scope, start and end are set
};

std::span<const Kind> IncidentKinds();
std::span<const Kind> LookalikeKinds();
// Null where the name is unknown.
const Kind* FindKind(std::string_view name);
bool IsIncident(const Kind& kind);
// All names, comma-separated: incidents, then look-alikes.
std::string KindNames();

// The event of `kind` at `scope`, with all its consequences drawn.
Event MakeEvent(const Kind& kind, const Topology& topology, const Scope& scope, TimeMs start,
                TimeMs end, Sampler& sampler);

// For both tables: an effect over the whole event, and one delayed by `delay_ms`.
Effect& AddEffect(Event& event, const Scope& scope, DurationMs delay_ms = 0);
incidents::Change& AddChange(Event& event, const Topology& topology, incidents::ChangeKind kind,
                             const Scope& scope, TimeMs start, TimeMs end, std::string note);
bool AnyPlatform(const Topology& topology);
Scope AnyPsp(const Topology& topology, Sampler& sampler);      // a PSP of >= 5 %, often one region
Scope AnyService(const Topology& topology, Sampler& sampler);  // a service in a region
Scope AnyRegion(const Topology& topology, Sampler& sampler);
Scope SmallLane(const Topology& topology, Sampler& sampler);  // the smallest PSP in a region

}  // namespace quell::simulator
