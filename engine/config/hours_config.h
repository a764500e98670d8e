// Hours of the week: "days", "from" and "to".
#pragma once

#include "engine/config/yaml_reader.h"
#include "engine/signals/alert_rules.h"

namespace quell::config {

// Errors stick to the map's context.
void ReadHours(YamlMap& map, signals::BusinessHours& hours);

}  // namespace quell::config
