// The manifest: what was simulated, with the full truth about incidents and look-alikes.
#pragma once

#include <cstdint>
#include <string>

#include "replay/simulator/simulator.h"

namespace quell::simulator {

struct RunCounts {
  std::uint64_t series = 0, samples = 0;
};

// JSON with the options, the platform's parts, `evaluate_from`, the incidents' kinds and times,
// and every look-alike: {"id","kind","start","end","where","announced","note"}.
std::string ManifestJson(const Simulator& simulator, const RunCounts& counts);

}  // namespace quell::simulator
