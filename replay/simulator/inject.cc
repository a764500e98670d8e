#include "replay/simulator/inject.h"

#include <array>

namespace quell::simulator {

Result<Injection> MakeInjection(const std::string& kind, const std::string& scope, TimeMs at,
                                const std::string& duration, const Topology& topology) {
  Injection injection;
  injection.kind = FindKind(kind);
  if (injection.kind == nullptr) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "there is no kind \"" + kind + "\"; known: " + KindNames());
  }
  if (!injection.kind->fits(topology)) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "kind \"" + kind + "\" needs more services or PSPs than this platform has");
  }
  QUELL_ASSIGN(injection.scope, topology.ParseScope(scope));
  Result<DurationMs> span = ParseDuration(duration);
  if (!span.ok()) return WithContext(span.error(), "duration \"" + duration + "\"");
  if (*span < kSecondMs || *span > 366 * kDayMs) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "duration \"" + duration + "\" must be between 1s and 366d");
  }
  // Kinds that work on one PSP, service or region need it named; fill in the first of each.
  Sampler sampler(1);
  const Scope usual = injection.kind->place(topology, sampler);
  Scope& given = injection.scope;
  if (usual.psp >= 0 && given.psp < 0 && given.service < 0) given.psp = 0;
  if (kind == "holiday" && given.region < 0) given.region = 0;
  if (kind == "cascade" || kind == "settlement_stall") given.service = usual.service;
  if (usual.service >= 0 && given.service < 0 && given.psp < 0) given.service = usual.service;
  if (kind == "bad_instance") given.instance = 0;
  injection.start = at;
  injection.end = at + *span;
  return injection;
}

Result<Injection> ParseInjection(const std::string& text, const Topology& topology, TimeMs start) {
  std::array<std::string, 4> parts;
  size_t part = 0;
  for (const char c : text) {
    if (c == ',' && part < 3)
      ++part;
    else
      parts[part] += c;
  }
  const std::string where = "--inject \"" + text + "\"";
  if (part != 3) {
    return MakeError(ErrorCode::kInvalidArgument,
                     where +
                         ": expected kind,scope,at,duration (for example "
                         "psp_outage,psp=acme;region=eu,+8d4h,20m)");
  }
  TimeMs at = 0;
  if (!parts[2].empty() && parts[2][0] == '+') {
    Result<DurationMs> after = ParseDuration(parts[2].substr(1));
    if (!after.ok()) return WithContext(after.error(), where + ": at");
    at = start + *after;
  } else {
    Result<TimeMs> time = ParseTime(parts[2]);
    if (!time.ok()) return WithContext(time.error(), where + ": at");
    at = *time;
  }
  Result<Injection> injection = MakeInjection(parts[0], parts[1], at, parts[3], topology);
  if (!injection.ok()) return WithContext(injection.error(), where);
  return injection;
}

}  // namespace quell::simulator
