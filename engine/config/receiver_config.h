// The lists "receivers" and "routes" and the mapping "paging": where pages go, and how.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/time.h"
#include "engine/config/yaml_reader.h"
#include "engine/paging/route.h"
#include "engine/pipeline/digest.h"

namespace quell::config {

enum class ReceiverKind : std::uint8_t {
  kConsole,
  kFile,
  kPagerDuty,
  kAlertmanager,
  kSlack,
  kWebhook
};

struct ReceiverConfig {
  std::string name;
  ReceiverKind kind = ReceiverKind::kConsole;
  std::string path;                                             // kFile
  std::string url = "https://events.pagerduty.com/v2/enqueue";  // of those that are asked by HTTP
  bool url_is_secret = false;  // it came from a file or the environment
  std::string ca_file;         // PEM; "" = the system's store
  std::string routing_key;     // kPagerDuty: resolved from file or environment; secret
  std::string bearer_token;    // kAlertmanager, kWebhook: likewise; "" = none
  int per_minute = 120;        // requests; 0 = any number
  bool change_events = false;  // kPagerDuty: announced changes, too
};

struct PagingConfig {
  DurationMs give_up_after_ms = 6 * kHourMs;  // since a page's first attempt
};

struct DigestConfig {
  std::vector<std::string> receivers;  // none: no digest
};

// Errors stick to the map's context. Names are unique.
void ReadReceivers(YamlMap& root, std::vector<ReceiverConfig>& out);
// Every name is one of `receivers`.
void ReadRoutes(YamlMap& root, const std::vector<ReceiverConfig>& receivers,
                std::vector<paging::Route>& out);
// The list "secrets": several are valid while one is replaced by another.
void ReadWebhookSecrets(YamlMap& map, std::vector<std::string>& out);
void ReadPaging(YamlMap& map, PagingConfig& out);
// The mapping "digest". Every name is one of `receivers`, of a type that can show one.
void ReadDigest(YamlMap& map, const std::vector<ReceiverConfig>& receivers, DigestConfig& out,
                pipeline::DigestOptions& options);

}  // namespace quell::config
