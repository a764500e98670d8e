// The list "receivers" and the mapping "paging": where pages go, and how.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/time.h"
#include "engine/config/yaml_reader.h"

namespace quell::config {

enum class ReceiverKind : std::uint8_t { kConsole, kFile, kPagerDuty };

struct ReceiverConfig {
  std::string name;
  ReceiverKind kind = ReceiverKind::kConsole;
  std::string path;                                             // kFile
  std::string url = "https://events.pagerduty.com/v2/enqueue";  // kPagerDuty
  std::string ca_file;      // kPagerDuty: PEM; "" = the system's store
  std::string routing_key;  // kPagerDuty: resolved from file or environment; secret
  int per_minute = 120;     // kPagerDuty: requests
};

struct PagingConfig {
  DurationMs give_up_after_ms = 6 * kHourMs;  // since a page's first attempt
};

// Errors stick to the map's context. Names are unique.
void ReadReceivers(YamlMap& root, std::vector<ReceiverConfig>& out);
void ReadPaging(YamlMap& map, PagingConfig& out);

}  // namespace quell::config
