// Inject: "kind,scope,at,duration" as given on the command line or by POST /incident.
#pragma once

#include <string>

#include "core/result.h"
#include "replay/simulator/catalog.h"

namespace quell::simulator {

struct Injection {
  const Kind* kind = nullptr;
  Scope scope;
  TimeMs start = 0, end = 0;
};

// `psp_outage,psp=acme;region=eu,+8d4h,20m`: scope parts joined by `;` ("all" for everything); `at`
// is RFC 3339, epoch seconds or + and a duration from `start`. Errors name the part and value; an
// unknown kind lists the known ones.
Result<Injection> ParseInjection(const std::string& text, const Topology& topology, TimeMs start);

// The same from its parts, as the exporter gets them.
Result<Injection> MakeInjection(const std::string& kind, const std::string& scope, TimeMs at,
                                const std::string& duration, const Topology& topology);

}  // namespace quell::simulator
