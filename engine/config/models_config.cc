#include "engine/config/models_config.h"

namespace quell::config {
namespace {

constexpr double kMany = 1e6;

// A bound of -1 is none.
void ReadBound(YamlMap& map, std::string_view key, double high, std::optional<double>& out) {
  double value = out.value_or(-1);
  map.Read(key, value, -1, high);
  if (value < 0 && value != -1) map.Fail(key, "must be 0 or above, or -1 for no such bound");
  out = value < 0 ? std::nullopt : std::optional(value);
}

}  // namespace

void ReadModels(YamlMap& map, ModelsConfig& out) {
  map.Read("require_approval", out.require_approval);
  map.ReadMap("gates", [&](YamlMap& gates) {
    ReadBound(gates, "min_recall", 1, out.gates.min_recall);
    ReadBound(gates, "max_false_per_week", kMany, out.gates.max_false_per_week);
    ReadBound(gates, "min_incidents", kMany, out.gates.min_incidents);
    ReadBound(gates, "min_live_ratio", 1, out.gates.min_live_ratio);
    ReadBound(gates, "max_drifted_ratio", 1, out.gates.max_drifted_ratio);
  });
}

}  // namespace quell::config
