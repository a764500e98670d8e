#include "engine/config/config.h"

#include <algorithm>

#include "core/file.h"
#include "engine/config/alerts_config.h"
#include "engine/config/auth_config.h"
#include "engine/config/export_config.h"
#include "engine/config/key_reference.h"
#include "engine/config/policy_config.h"
#include "engine/config/redaction_config.h"
#include "engine/config/signal_config.h"
#include "engine/config/topology_config.h"
#include "engine/config/yaml_reader.h"

namespace quell::config {
namespace {

constexpr size_t kConfigBytesMax = 4U << 20U;

// "127.0.0.1:9797", "[::1]:9797", ":9797".
bool SplitAddress(const std::string& address, std::string& host, int& port) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return false;
  const std::string digits = address.substr(colon + 1);
  if (digits.empty() || digits.size() > 5 ||
      !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return false;
  }
  port = std::stoi(digits);
  host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (host.empty()) host = "0.0.0.0";
  return port <= 65535;
}

void ReadFrontLimits(YamlMap& map, http::FrontOptions& front) {
  const auto size = [&](std::string_view key, size_t& out, std::uint64_t low, std::uint64_t high) {
    std::uint64_t value = out;
    map.ReadSize(key, value, low, high);
    out = value;
  };
  size("connections_max", front.connections_max, 4, 65536);
  size("event_listeners_max", front.event_listeners_max, 1, 10000);
  size("head_bytes_max", front.head.head_bytes_max, 1024, 1U << 20U);
  size("headers_max", front.head.headers_max, 8, 10000);
  size("inflight_requests_max", front.inflight_requests_max, 1, 65536);
  size("inflight_bytes_max", front.inflight_bytes_max, 1U << 20U, 1ULL << 36U);
  map.ReadDuration("head_timeout", front.head_timeout_ms, 100, kHourMs);
  map.ReadDuration("body_timeout", front.body_timeout_ms, 100, kHourMs);
  map.ReadDuration("idle_timeout", front.idle_timeout_ms, kSecondMs, kDayMs);
  map.ReadDuration("write_timeout", front.write_timeout_ms, 100, kHourMs);
}

void ReadLimits(YamlMap& map, Config& config) {
  ingest::RemoteWriteLimits& limits = config.limits;
  const auto size = [&](std::string_view key, size_t& out, std::uint64_t low, std::uint64_t high) {
    std::uint64_t value = out;
    map.ReadSize(key, value, low, high);
    out = value;
  };
  size("request_bytes_max", limits.wire_bytes_max, 1024, 1ULL << 30U);
  size("decoded_bytes_max", limits.decoded_bytes_max, 1024, 1ULL << 31U);
  size("series_per_request_max", limits.series_max, 1, 10000000);
  size("samples_per_request_max", limits.samples_max, 1, 100000000);
  size("labels_per_series_max", limits.labels_per_series_max, 1, 1024);
  size("label_name_bytes_max", limits.label_name_bytes_max, 16, 65536);
  size("label_value_bytes_max", limits.label_value_bytes_max, 16, 1U << 20U);
  map.ReadDuration("future_max", limits.future_max_ms, 0, kDayMs);
  size("live_series_max", config.series_limits.series_max, 1, 100000000);
  size("live_series_per_metric_max", config.series_limits.series_per_metric_max, 1, 100000000);
  size("decoding_bytes_max", config.decoding_bytes_max, 1U << 20U, 1ULL << 36U);
  map.ReadDuration("live_series_idle", config.series_limits.idle_ms, 10 * kMinuteMs, kWeekMs);
  // By then the journal numbers series that come back anew.
  config.pipeline.signals.retire_after_ms = std::max(kDayMs, 2 * config.series_limits.idle_ms);
  ReadFrontLimits(map, config.front);
}

void ReadTls(YamlMap& map, http::TlsOptions& tls) {
  map.Read("cert_file", tls.cert_file).Read("key_file", tls.key_file);
  map.Read("client_ca_file", tls.client_ca_file);
  if (tls.cert_file.empty() != tls.key_file.empty()) {
    map.Fail(tls.cert_file.empty() ? "cert_file" : "key_file",
             "cert_file and key_file go together");
  } else if (tls.cert_file.empty() && !tls.client_ca_file.empty()) {
    map.Fail("client_ca_file", "needs cert_file and key_file");
  }
}

void ReadJournal(YamlMap& map, Config& config) {
  size_t fsync = static_cast<size_t>(config.journal.fsync);
  map.ReadChoice("fsync", {"always", "interval", "never"}, fsync);
  config.journal.fsync = static_cast<ingest::FsyncPolicy>(fsync);
  map.ReadDuration("fsync_interval", config.journal.fsync_interval_ms, 1, 10 * kSecondMs);
  map.ReadSize("segment_bytes_max", config.journal.segment_bytes_max, 1U << 16U, 1ULL << 34U);
  map.ReadSize("total_bytes_max", config.journal.total_bytes_max, 1U << 20U, 1ULL << 44U);
  map.ReadDuration("age_max", config.journal.age_max_ms, 0, 3650 * kDayMs);
}

void ReadRetention(YamlMap& map, store::Retention& out) {
  const auto age = [&](const char* key, DurationMs& value) {
    map.ReadDuration(key, value, 0, 36500 * kDayMs);
    if (value > 0 && value < kDayMs) map.Fail(key, "must be 0 (for ever) or at least 1d");
  };
  age("incidents", out.incidents_ms);
  age("alerts", out.alerts_ms);
  age("decisions", out.decisions_ms);
  age("pages", out.pages_ms);
  age("dead_letters", out.dead_letters_ms);
  age("feedback", out.feedback_ms);
}

void ReadZone(YamlMap& map, std::string_view key, TimeZone& out) {
  std::string name = out.name();
  map.Read(key, name);
  auto zone = TimeZone::Find(name);
  if (zone.ok()) {
    out = *std::move(zone);
  } else {
    map.Fail(key, zone.error().message);
  }
}

void ReadZones(YamlMap& map, pipeline::ZoneOptions& zones) {
  constexpr size_t kZonesMax = 1000;
  ReadZone(map, "default", zones.fallback);
  map.Read("label", zones.label);
  if (zones.label.empty()) map.Fail("label", "must not be empty");
  map.ReadList("zones", [&](const YAML::Node& node, const std::string& path) {
    YamlMap entry(map.context(), node, path);
    if (map.context().error) return;
    std::string value;
    entry.Read("value", value);
    if (value.empty()) entry.Fail("value", "is required");
    if (!entry.Has("zone")) entry.Fail("zone", "is required");
    TimeZone zone;
    ReadZone(entry, "zone", zone);
    entry.Finish();
    if (!zones.by_value.emplace(value, zone).second) {
      entry.Fail("value", "\"" + value + "\" is used twice");
    }
    if (zones.by_value.size() > kZonesMax) entry.Fail("value", "is beyond 1000 entries");
  });
}

void ReadDetection(YamlMap& root, Config& config) {
  pipeline::PipelineOptions& options = config.pipeline;
  root.ReadDuration("step", options.signals.step_ms, kSecondMs, kHourMs);
  root.ReadDuration("lateness", options.lateness_ms, 0, kHourMs);
  root.Read("false_pages_per_week", options.false_pages_per_week, 1e-6, 1e6);
  root.ReadMap("time_zones", [&](YamlMap& map) { ReadZones(map, options.zones); });
  root.ReadMap("discovery", [&](YamlMap& map) {
    std::uint64_t signals_max = options.signals.signals_max;
    map.Read("enabled", options.signals.discover);
    map.ReadSize("signals_max", signals_max, 1, 10000000);
    options.signals.signals_max = signals_max;
  });
  root.ReadList("signals", [&](const YAML::Node& node, const std::string& path) {
    options.definitions.push_back(ReadSignal(root.context(), node, path));
    const signals::SignalDef& added = options.definitions.back();
    const auto same = [&](const signals::SignalDef& def) { return def.name == added.name; };
    if (std::count_if(options.definitions.begin(), options.definitions.end(), same) > 1) {
      root.context().Fail(node.Mark(), path + ".name: \"" + added.name + "\" is used twice");
    }
  });
  ReadPolicies(root, options.policies);
  root.ReadMap("incidents", [&](YamlMap& map) {
    map.ReadDuration("join_window", options.incidents.join_window_ms, kSecondMs, kDayMs);
    map.ReadDuration("age_max", options.incidents.age_max_ms, kMinuteMs, kWeekMs);
    map.ReadDuration("hold", options.incidents.hold_ms, 0, 10 * kMinuteMs);
    map.ReadDuration("resolve_after", options.incidents.resolve_after_ms, 0, kDayMs);
    map.ReadMap("suppression", [&](YamlMap& suppression) {
      incidents::SuppressionOptions& bounds = options.incidents.suppression;
      suppression.ReadDuration("critical_bound", bounds.critical_bound_ms, 0, 10 * kMinuteMs);
      suppression.ReadDuration("outage_pages_after", bounds.outage_pages_after_ms, 0, kDayMs);
      suppression.ReadDuration("time_max", bounds.time_max_ms, kMinuteMs, kDayMs);
      std::uint64_t count = bounds.count_max;
      suppression.ReadSize("count_max", count, 1, 1000);
      bounds.count_max = count;
    });
    map.ReadMap("known_noise", [&](YamlMap& noise) {
      std::uint64_t count = options.incidents.known_noise.min_count;
      noise.ReadSize("min_count", count, 2, 100);
      options.incidents.known_noise.min_count = count;
      noise.ReadDuration("half_life", options.incidents.known_noise.half_life_ms, kDayMs,
                         52 * kWeekMs);
    });
    map.Read("dedup_model", config.dedup_model);
  });
  root.ReadMap("topology", [&](YamlMap& map) { ReadTopology(map, options.incidents.topology); });
}

void ReadRoot(YamlMap& root, Config& config) {
  std::string listen = config.listen_host + ':' + std::to_string(config.listen_port);
  root.Read("listen", listen);
  if (!listen.empty() && !SplitAddress(listen, config.listen_host, config.listen_port)) {
    root.Fail("listen", "\"" + listen + "\" is not host:port");
  }
  root.Read("data_dir", config.data_dir).Read("external_url", config.external_url);
  if (config.data_dir.empty()) root.Fail("data_dir", "must not be empty");
  root.ReadMap("log", [&](YamlMap& map) {
    size_t level = static_cast<size_t>(config.log_level);
    size_t format = static_cast<size_t>(config.log_format);
    map.ReadChoice("level", {"debug", "info", "warn", "error"}, level);
    map.ReadChoice("format", {"logfmt", "json"}, format);
    config.log_level = static_cast<LogLevel>(level);
    config.log_format = static_cast<LogFormat>(format);
  });
  root.Read("allow_unauthenticated", config.allow_unauthenticated);
  ReadAuth(root, config.auth);
  root.ReadMap("limits", [&](YamlMap& map) { ReadLimits(map, config); });
  root.ReadMap("tls", [&](YamlMap& map) { ReadTls(map, config.front.tls); });
  if (!config.auth.certificates.empty() && config.front.tls.client_ca_file.empty()) {
    root.Fail("auth", "client_certificates need tls.client_ca_file: nobody is asked for one");
  }
  root.ReadMap("journal", [&](YamlMap& map) { ReadJournal(map, config); });
  root.ReadMap("redaction", [&](YamlMap& map) { ReadRedaction(map, config.redaction); });
  root.ReadMap("retention", [&](YamlMap& map) { ReadRetention(map, config.retention); });
  root.ReadDuration("snapshot_interval", config.snapshot_interval_ms, kSecondMs, kDayMs);
  ReadDetection(root, config);
  root.ReadMap("alerts", [&](YamlMap& map) { ReadAlerts(map, config.alerts); });
  root.ReadMap("models", [&](YamlMap& map) { ReadModels(map, config.models); });
  config.pipeline.received.live_max = config.alerts.live_max;
  config.pipeline.silences_max = config.alerts.silences_max;
  root.ReadMap("export", [&](YamlMap& map) { ReadExport(map, config.exports); });
  root.ReadMap("server", [&](YamlMap& map) {
    ReadServer(map, config.history);
    map.Read("reports", config.reports_dir);
  });
  root.ReadMap("paging", [&](YamlMap& map) { ReadPaging(map, config.paging); });
  root.ReadMap("pagerduty_webhook",
               [&](YamlMap& map) { ReadWebhookSecrets(map, config.webhook_secrets); });
  ReadReceivers(root, config.receivers);
  ReadRoutes(root, config.receivers, config.routes);
  root.ReadMap("changes", [&](YamlMap& map) { map.Read("file", config.changes_file); });
  root.ReadMap("digest", [&](YamlMap& map) {
    ReadDigest(map, config.receivers, config.digest, config.pipeline.digest);
  });
  config.pipeline.tell_changes =
      std::any_of(config.receivers.begin(), config.receivers.end(),
                  [](const ReceiverConfig& one) { return one.change_events; });
}

}  // namespace

Config DefaultConfig() {
  Config config;
  config.receivers.push_back({});
  config.receivers.back().name = "console";
  config.journal.folder = config.data_dir + "/journal";
  return config;
}

void NoteKeys(const YAML::Node& sample, std::vector<KeyFact>& out) {
  Config config = DefaultConfig();
  YamlContext context{"", {}, &out};
  YamlMap root(context, sample, "");
  ReadRoot(root, config);
}

Result<Config> ParseConfig(const std::string& text, const std::string& file) {
  QUELL_ASSIGN(const YAML::Node node, ParseYaml(text, file));
  Config config = DefaultConfig();
  config.source = text;
  config.file = file;
  YamlContext context{file, {}};
  YamlMap root(context, node, "");
  if (!context.error) {
    ReadRoot(root, config);
    root.Finish();
  }
  if (context.error) return *context.error;
  config.journal.folder = config.data_dir + "/journal";
  return config;
}

Result<Config> LoadConfig(const std::string& path) {
  QUELL_ASSIGN(const std::string text, ReadFile(path, kConfigBytesMax));
  return ParseConfig(text, path);
}

auth::Exposure ExposureOf(const Config& config) {
  const http::TlsOptions& tls = config.front.tls;
  const auth::Transport transport = !tls.on()                    ? auth::Transport::kPlain
                                    : tls.client_ca_file.empty() ? auth::Transport::kTls
                                                                 : auth::Transport::kMutualTls;
  return auth::JudgeExposure(config.listen_host, config.auth, transport,
                             config.allow_unauthenticated);
}

Status CheckExposure(const Config& config) {
  if (ExposureOf(config) != auth::Exposure::kUnauthenticated) return Ok{};
  return MakeError(
      ErrorCode::kInvalidArgument,
      (config.file.empty() ? "" : config.file + ": ") + "listen: " + config.listen_host +
          " is reachable from other machines, and nothing is asked of them: name tokens, users or "
          "client_certificates under auth (docs/security.md), listen on 127.0.0.1, or say that it "
          "is meant with allow_unauthenticated: true (quell serve --allow-unauthenticated)");
}

}  // namespace quell::config
