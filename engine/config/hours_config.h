// Hours of the week: "days", "from" and "to".
#pragma once

#include "engine/config/yaml_reader.h"
#include "engine/signals/alert_rules.h"

namespace quell::config {

// Errors stick to the map's context.
void ReadTimeOfDay(YamlMap& map, std::string_view key, std::int32_t& minute);  // "08:30" to "24:00"
void ReadHours(YamlMap& map, signals::BusinessHours& hours);

}  // namespace quell::config
