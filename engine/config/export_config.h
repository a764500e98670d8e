// The mapping "export": signals' series for Prometheus.
#pragma once

#include "engine/config/yaml_reader.h"
#include "engine/export/options.h"

namespace quell::config {

// Errors stick to the map's context.
void ReadExport(YamlMap& map, exports::Options& out);

}  // namespace quell::config
