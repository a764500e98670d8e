#include "engine/config/alerts_config.h"

namespace quell::config {

void ReadAlerts(YamlMap& map, AlertsConfig& out) {
  const auto size = [&](std::string_view key, size_t& value, std::uint64_t low,
                        std::uint64_t high) {
    std::uint64_t read = value;
    map.ReadSize(key, read, low, high);
    value = read;
  };
  map.ReadDuration("resolve_timeout", out.resolve_timeout_ms, kSecondMs, kDayMs);
  map.ReadStrings("group_by", out.group_by);
  size("live_max", out.live_max, 1, 10000000);
  size("silences_max", out.silences_max, 1, 100000);
  size("body_bytes_max", out.limits.body_bytes_max, 1024, 64U << 20U);
  size("per_request_max", out.limits.alerts_max, 1, 1000000);
  size("labels_max", out.limits.labels_max, 1, 1024);
  size("name_bytes_max", out.limits.name_bytes_max, 16, 65536);
  size("value_bytes_max", out.limits.value_bytes_max, 16, 1U << 20U);
  size("annotation_bytes_max", out.limits.annotation_bytes_max, 16, 1U << 20U);
}

}  // namespace quell::config
