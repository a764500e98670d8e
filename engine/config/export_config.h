// The mappings "export" and "server": what is handed out of signals, to Prometheus and to the page.
#pragma once

#include "engine/config/yaml_reader.h"
#include "engine/export/options.h"

namespace quell::config {

// Errors stick to the map's context.
void ReadExport(YamlMap& map, exports::Options& out);

// The mapping "server": what is kept for the page.
void ReadServer(YamlMap& map, exports::HistoryOptions& out);

}  // namespace quell::config
