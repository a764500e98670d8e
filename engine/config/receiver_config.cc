#include "engine/config/receiver_config.h"

#include <algorithm>

#include "engine/config/hours_config.h"
#include "engine/config/secret.h"
#include "engine/paging/pagerduty_event.h"

namespace quell::config {
namespace {

constexpr std::uint64_t kPerMinuteMax = 10000;  // PagerDuty's highest, on request
constexpr DurationMs kGiveUpMaxMs = kWeekMs;
constexpr size_t kWebhookSecretsMax = 8;
constexpr size_t kRoutesMax = 1000;
// In the order of ReceiverKind.
const std::vector<std::string> kKinds = {"console",      "file",  "pagerduty",
                                         "alertmanager", "slack", "webhook"};

std::string Kinds() {
  std::string out;
  for (size_t i = 0; i < kKinds.size(); ++i) {
    out += (i == 0 ? "" : i + 1 < kKinds.size() ? ", " : " or ") + kKinds[i];
  }
  return out;
}

void ReadPagerDuty(YamlMap& map, ReceiverConfig& out) {
  map.Read("url", out.url).Read("ca_file", out.ca_file);
  ReadSecret(map, "routing_key", out.routing_key);
  if (!map.context().error && out.routing_key.size() != 32) {
    map.Fail("routing_key_file", "the routing key must be 32 characters long");
  }
  map.Read("change_events", out.change_events);
  // Rulesets, whose keys begin with R, take none.
  if (!map.context().error && out.change_events && out.routing_key[0] == 'R') {
    map.Fail("change_events", "needs the integration key of a service, not of a ruleset");
  }
  if (out.change_events && paging::PagerDutyChangeUrl(out.url).empty()) {
    map.Fail("url", "must end with /enqueue where change_events is true");
  }
  auto per_minute = static_cast<std::uint64_t>(out.per_minute);
  map.ReadSize("requests_per_minute", per_minute, 1, kPerMinuteMax);
  out.per_minute = static_cast<int>(per_minute);
}

// Whoever knows Slack's address may post: it is a secret. A webhook's may be one.
void ReadWeb(YamlMap& map, ReceiverConfig& out) {
  const bool slack = out.kind == ReceiverKind::kSlack;
  out.url.clear();
  out.per_minute = out.kind == ReceiverKind::kAlertmanager ? 0 : 60;
  const bool elsewhere = map.Has("url_file") || map.Has("url_env");
  if (slack || elsewhere) {
    if (map.Has("url")) map.Fail("url", "url_file or url_env name it, for it is a secret");
    ReadSecret(map, "url", out.url);
    out.url_is_secret = true;
  } else {
    map.Read("url", out.url);
    if (!map.context().error && out.url.empty()) map.Fail("url", "is required");
  }
  const auto starts = [&](std::string_view text) { return out.url.rfind(text, 0) == 0; };
  const bool http = starts("http://") || starts("https://");
  if (!map.context().error && !http) {
    map.Fail(out.url_is_secret ? "url_file" : "url", "must begin with http:// or https://");
  } else if (!out.url_is_secret && out.url.find('@') != std::string::npos) {
    map.Fail("url", "must not hold a name or password: use bearer_token_file or url_file");
  }
  map.Read("ca_file", out.ca_file);
  if (!slack && (map.Has("bearer_token_file") || map.Has("bearer_token_env"))) {
    ReadSecret(map, "bearer_token", out.bearer_token);
  }
  auto per_minute = static_cast<std::uint64_t>(out.per_minute);
  map.ReadSize("requests_per_minute", per_minute, 0, kPerMinuteMax);
  out.per_minute = static_cast<int>(per_minute);
}

ReceiverConfig ReadReceiver(YamlContext& context, const YAML::Node& node, const std::string& path) {
  ReceiverConfig out;
  YamlMap map(context, node, path);
  if (context.error) return out;
  map.Read("name", out.name);
  if (out.name.empty()) map.Fail("name", "is required");
  if (!map.Has("type")) map.Fail("type", "is required: " + Kinds());
  size_t kind = 0;
  map.ReadChoice("type", kKinds, kind);
  out.kind = static_cast<ReceiverKind>(kind);
  if (out.kind == ReceiverKind::kFile) {
    map.Read("path", out.path);
    if (out.path.empty()) map.Fail("path", "is required for a file receiver");
  }
  if (out.kind == ReceiverKind::kPagerDuty) ReadPagerDuty(map, out);
  if (out.kind > ReceiverKind::kPagerDuty) ReadWeb(map, out);
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

void ReadRoutes(YamlMap& root, const std::vector<ReceiverConfig>& receivers,
                std::vector<paging::Route>& out) {
  root.ReadList("routes", [&](const YAML::Node& node, const std::string& path) {
    YamlMap map(root.context(), node, path);
    if (root.context().error) return;
    paging::Route route;
    std::string match;
    map.Read("match", match);
    auto selector = Selector::Parse(match.empty() ? "{}" : match);
    if (selector.ok()) {
      route.match = *std::move(selector);
    } else if (!match.empty()) {
      map.Fail("match", selector.error().message);
    }
    auto severity = static_cast<size_t>(route.severity);
    map.ReadChoice("severity", {"info", "warning", "error", "critical"}, severity);
    route.severity = static_cast<incidents::Severity>(severity);
    map.ReadMap("hours", [&](YamlMap& hours) {
      ReadHours(hours, route.hours.emplace());
      std::string name = "UTC";
      hours.Read("zone", name);
      auto zone = TimeZone::Find(name);
      if (zone.ok()) {
        route.zone = *std::move(zone);
      } else {
        hours.Fail("zone", zone.error().message);
      }
    });
    map.ReadStrings("receivers", route.receivers);
    if (route.receivers.empty()) map.Fail("receivers", "must name at least one receiver");
    for (const std::string& name : route.receivers) {
      const auto same = [&](const ReceiverConfig& one) { return one.name == name; };
      if (std::none_of(receivers.begin(), receivers.end(), same)) {
        map.Fail("receivers", "\"" + name + "\" is not the name of a receiver");
      }
    }
    map.Read("continue", route.go_on);
    map.Finish();
    out.push_back(std::move(route));
    if (out.size() > kRoutesMax) map.Fail("receivers", "is beyond 1000 entries");
  });
}

void ReadDigest(YamlMap& map, const std::vector<ReceiverConfig>& receivers, DigestConfig& out,
                pipeline::DigestOptions& options) {
  map.ReadStrings("receivers", out.receivers);
  for (const std::string& name : out.receivers) {
    const auto at = std::find_if(receivers.begin(), receivers.end(),
                                 [&](const ReceiverConfig& one) { return one.name == name; });
    if (at == receivers.end()) {
      map.Fail("receivers", "\"" + name + "\" is not the name of a receiver");
    } else if (at->kind == ReceiverKind::kPagerDuty || at->kind == ReceiverKind::kAlertmanager) {
      map.Fail("receivers", "\"" + name +
                                "\" is for pages: a digest goes to slack, webhook, "
                                "file or console");
    }
  }
  options.enabled = !out.receivers.empty();
  auto minute = static_cast<std::int32_t>(options.time_of_day_ms / kMinuteMs);
  ReadTimeOfDay(map, "at", minute);
  options.time_of_day_ms = minute * kMinuteMs;
  if (minute == 24 * 60) map.Fail("at", "must be before \"24:00\"");
  std::string name = options.zone.name();
  map.Read("zone", name);
  auto zone = TimeZone::Find(name);
  if (zone.ok()) {
    options.zone = *std::move(zone);
  } else {
    map.Fail("zone", zone.error().message);
  }
  map.Read("owner_label", options.owner_label);
}

void ReadWebhookSecrets(YamlMap& map, std::vector<std::string>& out) {
  map.ReadList("secrets", [&](const YAML::Node& node, const std::string& path) {
    YamlMap entry(map.context(), node, path);
    if (map.context().error) return;
    ReadSecret(entry, "secret", out.emplace_back());
    entry.Finish();
    if (out.size() > kWebhookSecretsMax) map.Fail("secrets", "is beyond 8 entries");
  });
}

void ReadPaging(YamlMap& map, PagingConfig& out) {
  map.ReadDuration("give_up_after", out.give_up_after_ms, kMinuteMs, kGiveUpMaxMs);
}

}  // namespace quell::config
