#include "engine/config/receiver_config.h"

#include <algorithm>

#include "engine/config/secret.h"

namespace quell::config {
namespace {

constexpr std::uint64_t kPerMinuteMax = 10000;  // PagerDuty's highest, on request
constexpr DurationMs kGiveUpMaxMs = kWeekMs;

void ReadPagerDuty(YamlMap& map, ReceiverConfig& out) {
  map.Read("url", out.url).Read("ca_file", out.ca_file);
  ReadSecret(map, "routing_key", out.routing_key);
  if (!map.context().error && out.routing_key.size() != 32) {
    map.Fail("routing_key_file", "the routing key must be 32 characters long");
  }
  auto per_minute = static_cast<std::uint64_t>(out.per_minute);
  map.ReadSize("requests_per_minute", per_minute, 1, kPerMinuteMax);
  out.per_minute = static_cast<int>(per_minute);
}

ReceiverConfig ReadReceiver(YamlContext& context, const YAML::Node& node, const std::string& path) {
  ReceiverConfig out;
  YamlMap map(context, node, path);
  if (context.error) return out;
  map.Read("name", out.name);
  if (out.name.empty()) map.Fail("name", "is required");
  if (!map.Has("type")) map.Fail("type", "is required: console, file or pagerduty");
  size_t kind = 0;
  map.ReadChoice("type", {"console", "file", "pagerduty"}, kind);
  out.kind = static_cast<ReceiverKind>(kind);
  if (out.kind == ReceiverKind::kFile) {
    map.Read("path", out.path);
    if (out.path.empty()) map.Fail("path", "is required for a file receiver");
  }
  if (out.kind == ReceiverKind::kPagerDuty) ReadPagerDuty(map, out);
  map.Finish();
  return out;
}

}  // namespace

void ReadReceivers(YamlMap& root, std::vector<ReceiverConfig>& out) {
  std::vector<ReceiverConfig> receivers;
  root.ReadList("receivers", [&](const YAML::Node& node, const std::string& path) {
    receivers.push_back(ReadReceiver(root.context(), node, path));
    const auto same = [&](const ReceiverConfig& other) {
      return other.name == receivers.back().name;
    };
    if (std::count_if(receivers.begin(), receivers.end(), same) > 1) {
      root.context().Fail(node.Mark(),
                          path + ".name: \"" + receivers.back().name + "\" is used twice");
    }
  });
  if (!receivers.empty()) out = std::move(receivers);
}

void ReadPaging(YamlMap& map, PagingConfig& out) {
  map.ReadDuration("give_up_after", out.give_up_after_ms, kMinuteMs, kGiveUpMaxMs);
}

}  // namespace quell::config
