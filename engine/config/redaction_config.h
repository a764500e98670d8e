// The mapping "redaction": rules for labels, and what becomes of what the detectors find.
#pragma once

#include "engine/config/yaml_reader.h"
#include "ingest/redaction.h"

namespace quell::config {

// Errors stick to the map's context.
void ReadRedaction(YamlMap& map, ingest::RedactionOptions& out);

}  // namespace quell::config
