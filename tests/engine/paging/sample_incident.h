// An incident as the engine would report it, for the tests of this folder.
#pragma once

#include "engine/incidents/incident_engine.h"

namespace quell::paging {

inline constexpr TimeMs kTenOClock = 1787392800000;  // 2026-08-22T10:00:00Z

// psp=acme fails in two services; the ledger's failure ratio is the most telling, the volume began.
incidents::IncidentEvent SampleEvent(incidents::IncidentEventKind kind);

}  // namespace quell::paging
