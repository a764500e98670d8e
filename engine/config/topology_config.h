// The mapping "topology": who calls whom (engine/incidents/topology.h).
#pragma once

#include "engine/config/yaml_reader.h"
#include "engine/incidents/topology.h"

namespace quell::config {

// Errors stick to the map's context.
void ReadTopology(YamlMap& map, incidents::TopologyOptions& out);

}  // namespace quell::config
