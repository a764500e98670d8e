// The mapping "alerts": alerts and silences from others (docs/alertmanager_api.md).
#pragma once

#include <string>
#include <vector>

#include "engine/config/yaml_reader.h"
#include "ingest/alerts/received_alert.h"

namespace quell::config {

struct AlertsConfig {
  ingest::AlertLimits limits;
  DurationMs resolve_timeout_ms = 5 * kMinuteMs;  // after the last post, where it names no end
  std::vector<std::string> group_by;              // of GET /alerts/groups; "..." = every label
  size_t live_max = 200000;
  size_t silences_max = 10000;

  bool operator==(const AlertsConfig&) const = default;
};

// Errors stick to the map's context.
void ReadAlerts(YamlMap& map, AlertsConfig& out);

}  // namespace quell::config
