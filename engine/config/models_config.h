// What a model version must show before it decides (docs/models.md).
#pragma once

#include <optional>

#include "engine/config/yaml_reader.h"

namespace quell::config {

// Measured quality of the version, and the state of the running engine. Nothing = not asked for.
struct ModelGates {
  std::optional<double> min_recall = 0.8;         // 0 to 1
  std::optional<double> max_false_per_week = 10;  // pages
  std::optional<double> min_incidents = 5;        // that it was measured on
  std::optional<double> min_live_ratio = 0.5;     // of the signals, those that report
  std::optional<double> max_drifted_ratio = 0.5;  // of those judged, with advice to retrain
  bool operator==(const ModelGates&) const = default;
};

struct ModelsConfig {
  bool require_approval = false;  // by somebody other than the author, to decide for anything
  ModelGates gates;
  bool operator==(const ModelsConfig&) const = default;
};

void ReadModels(YamlMap& map, ModelsConfig& out);

}  // namespace quell::config
