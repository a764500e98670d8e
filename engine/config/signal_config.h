// The `signals:` list of the configuration.
#pragma once

#include "engine/config/yaml_reader.h"
#include "engine/signals/definition.h"

namespace quell::config {

// One item; errors go to `context`.
signals::SignalDef ReadSignal(YamlContext& context, const YAML::Node& node,
                              const std::string& path);

}  // namespace quell::config
